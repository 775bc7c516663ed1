"""Tinted cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.report.figures.canvas import PAPER
from backtest.types import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def mesh(axes: Axes, shares: Floats, above: str, below: str, gap: float = 1.2) -> None:
    """Draw a cell for each of `shares` `(R, C)`, −1 … 1: full of the colour `above` at 1, of `below` at −1.

    NaN is paper. A mesh, not an image: resampling an image of ten by twelve pixels takes a tenth of a second.
    """
    from matplotlib.colors import to_rgb

    seen = np.nan_to_num(shares)[..., None]
    paper = np.array(to_rgb(PAPER))
    ink = np.where(seen > 0.0, np.array(to_rgb(above)), np.array(to_rgb(below)))
    columns, rows = (np.arange(size + 1) - 0.5 for size in shares.shape[::-1])
    axes.pcolormesh(columns, rows, paper + (ink - paper) * np.abs(seen), edgecolors=PAPER, linewidth=gap)
