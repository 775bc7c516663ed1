"""Pictures small enough to compare: a tenth as wide, so that letters and the edges of lines no longer matter."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from backtest.report.figures import FIGURES, png
from backtest.report.numbers import RunNumbers

FOLDER = Path(__file__).parent / "pictures"
FACTOR = 10


def shrunk(name: str, run: RunNumbers) -> np.ndarray:
    """Draw a figure and average its pixels over squares of `FACTOR`, `(H, W, 3)` from 0 to 255."""
    picture = Image.open(io.BytesIO(png(FIGURES[name](run)))).convert("RGB")
    size = (round(picture.width / FACTOR), round(picture.height / FACTOR))
    return np.asarray(picture.resize(size, Image.Resampling.BOX), dtype=np.float64)


def kept(name: str) -> np.ndarray:
    return np.asarray(Image.open(FOLDER / f"{name}.png").convert("RGB"), dtype=np.float64)


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """Return which part of the ink of both is not where, or as, the other has it: 0 the same, 1 nothing in common."""
    if a.shape != b.shape:
        return 1.0
    return float(np.abs(a - b).sum() / ((255.0 - a).sum() + (255.0 - b).sum()))
