"""All output of a comparison's report: the page and the pictures in the folder of the study."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from backtest.errors import InputError, unknown
from backtest.report.build import PICTURES, write_whole
from backtest.report.comparison.figures import differences, equity, ranking, risk_return
from backtest.report.comparison.numbers import StudyNumbers, read_study
from backtest.report.figures.canvas import png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAGE = "comparison.html"
FIGURES: dict[str, Callable[[StudyNumbers], Figure]] = {
    "equity": equity,
    "ranking": ranking,
    "risk_return": risk_return,
    "differences": differences,
}


def build(folder: Path, html: bool = True, figures: Sequence[str] = tuple(FIGURES)) -> list[Path]:
    """Write ``comparison.html`` and ``figures/*.png`` from the numbers of a study; return what was written."""
    for name in figures:
        if name not in FIGURES:
            raise InputError(unknown("figure", name, FIGURES))
    study = read_study(folder)
    written = []
    if html:
        # Imported here: pictures alone need no page.
        from backtest.report.comparison.page import render

        written.append(write_whole(folder / PAGE, render(study).encode()))
    for name in figures:
        written.append(write_whole(folder / PICTURES / f"{name}.png", png(FIGURES[name](study))))
    return written
