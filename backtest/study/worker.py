"""A process that simulates variants for another one: `python -m backtest.study.worker`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from backtest.beside import serve
from backtest.config import Variant
from backtest.errors import BacktestError
from backtest.report import build as build_report
from backtest.study.bench import Bench
from backtest.study.saving import Saving
from backtest.workspace import Workspace
from backtest.workspace.counting import Counted

Order = tuple[Variant, None] | tuple[Variant, tuple[Counted, Path]]
"""A variant to simulate, or one to leave with how it was counted and where."""


def begin(read: Callable[[], Any]) -> Callable[[Order], object]:
    """Read the workspace, and where runs are saved, the first to come; return what answers orders."""
    place: Workspace
    saving: Saving | None
    place, saving = read()
    bench = Bench(place, lambda folder: build_report(folder, html=True, figures=()), saving=saving)

    def answer(order: Order) -> object:
        variant, left = order
        try:
            return bench.simulate(variant) if left is None else bench.leave(variant, *left)
        except BacktestError as error:
            return error

    return answer


if __name__ == "__main__":
    serve(begin)
