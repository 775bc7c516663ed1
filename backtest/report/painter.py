"""A process that draws reports for another one: `python -m backtest.report.painter`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from backtest.beside import serve
from backtest.errors import BacktestError
from backtest.report.build import build as build_run
from backtest.report.comparison.build import build as build_study


@dataclass(frozen=True)
class Order:
    """What is to be drawn: from which folder, the page or not, and which figures."""

    folder: Path
    html: bool
    figures: tuple[str, ...] = ()
    study: bool = False


def draw(order: Order) -> None:
    """Draw it."""
    (build_study if order.study else build_run)(order.folder, order.html, order.figures)


def begin(_read: Callable[[], Any]) -> Callable[[Order | None], object]:
    """Return what answers orders: None when all went well; None as an order asks whether this process is ready.

    It gets ready for pictures while there is nothing to draw yet.
    """
    import_module("matplotlib.backends.backend_agg")

    def answer(order: Order | None) -> BacktestError | None:
        try:
            if order is not None:
                draw(order)
        except BacktestError as error:
            return error
        return None

    return answer


if __name__ == "__main__":
    serve(begin)
