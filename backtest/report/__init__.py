"""From the artefacts of a run to something people want to look at: numbers, figures, page."""

from backtest.report.build import build
from backtest.report.figures import DEFAULT_FIGURES, FIGURES

__all__ = ["DEFAULT_FIGURES", "FIGURES", "build"]
