"""Pictures of a run: one function a figure, numbers in, figure out. The name here is the file's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from backtest.report.figures.canvas import png
from backtest.report.figures.contributions import contributions
from backtest.report.figures.equity import equity
from backtest.report.figures.monthly import monthly
from backtest.report.figures.trading import trading
from backtest.report.figures.weights import weights
from backtest.report.numbers import RunNumbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES: dict[str, Callable[[RunNumbers], Figure]] = {
    "equity": equity,
    "weights": weights,
    "monthly": monthly,
    "contributions": contributions,
    "trading": trading,
}
DEFAULT_FIGURES = ("equity", "weights", "monthly", "contributions")

__all__ = ["DEFAULT_FIGURES", "FIGURES", "png"]
