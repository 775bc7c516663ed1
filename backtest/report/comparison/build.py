"""All output of a comparison's report: the page and the pictures in the folder of the study."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from backtest.report.build import draw
from backtest.report.comparison.figures import differences, equity, ranking, risk_return, weights
from backtest.report.comparison.numbers import StudyNumbers, read_study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAGE = "comparison.html"
FIGURES: dict[str, Callable[[StudyNumbers], Figure]] = {
    "equity": equity,
    "ranking": ranking,
    "risk_return": risk_return,
    "differences": differences,
    "weights": weights,
}


def build(folder: Path, html: bool = True, figures: Sequence[str] = tuple(FIGURES)) -> list[Path]:
    """Write ``comparison.html`` and ``figures/*.png`` from the numbers of a study; return what was written."""
    return draw(folder, read_study, (PAGE, _render) if html else None, FIGURES, figures)


def _render(study: StudyNumbers) -> str:
    # Imported here: pictures alone need no page.
    from backtest.report.comparison.page import render

    return render(study)
