"""Pictures of a run: one function a figure, numbers in, figure out. The name here is the file's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from backtest.report.figures.bridge import bridge
from backtest.report.figures.canvas import png
from backtest.report.figures.contributions import contributions
from backtest.report.figures.correlation import correlation
from backtest.report.figures.distribution import distribution
from backtest.report.figures.drawdowns import drawdowns
from backtest.report.figures.drift import drift
from backtest.report.figures.equity import equity
from backtest.report.figures.monthly import monthly
from backtest.report.figures.risk import risk
from backtest.report.figures.rolling import rolling
from backtest.report.figures.trades import trades
from backtest.report.figures.trading import trading
from backtest.report.figures.underwater import underwater
from backtest.report.figures.weights import weights
from backtest.report.figures.yearly import yearly
from backtest.report.numbers import RunNumbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES: dict[str, Callable[[RunNumbers], Figure]] = {
    "equity": equity,
    "underwater": underwater,
    "weights": weights,
    "drift": drift,
    "rolling": rolling,
    "monthly": monthly,
    "yearly": yearly,
    "distribution": distribution,
    "contributions": contributions,
    "bridge": bridge,
    "risk": risk,
    "correlation": correlation,
    "trading": trading,
    "drawdowns": drawdowns,
    "trades": trades,
}
DEFAULT_FIGURES = ("equity", "weights", "monthly", "contributions")

__all__ = ["DEFAULT_FIGURES", "FIGURES", "png"]
