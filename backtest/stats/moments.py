"""The shape of a distribution: third and fourth standardised moments.

NaN values are no observations. A constant series, or too short a one, has no shape (NaN).
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from backtest.stats.ratios import deviation
from backtest.types import Floats

Bias = Literal["sample", "population"]
"""`population`: plain moments over n (what deflated Sharpe ratios take). `sample`: corrected for the bias of n, as in
spreadsheets, pandas and SAS."""


def skewness(values: Floats, bias: Bias = "sample") -> float:
    """Return the third central moment over the deviation cubed; 0 for a symmetric distribution.

    population: m₃ / m₂^1.5 with moments over n; sample: that × √(n(n − 1)) / (n − 2), from three observations on.
    Joanes and Gill (1998), "Comparing measures of sample skewness and kurtosis", g₁ and G₁.
    """
    z, n = _standardised(values)
    if n < 3:
        return float("nan")
    plain = float((z * z * z).mean())
    return plain if bias == "population" else plain * math.sqrt(n * (n - 1.0)) / (n - 2.0)


def kurtosis(values: Floats, bias: Bias = "sample") -> float:
    """Return the *excess* kurtosis: the fourth central moment over the variance squared, less 3; 0 for a normal.

    population: m₄ / m₂² − 3 with moments over n; sample: (n − 1) / ((n − 2)(n − 3)) · ((n + 1) g₂ + 6), from four
    observations on. Joanes and Gill (1998), g₂ and G₂.
    """
    z, n = _standardised(values)
    if n < 4:
        return float("nan")
    square = z * z
    plain = float((square * square).mean()) - 3.0
    return plain if bias == "population" else (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * plain + 6.0)


def _standardised(values: Floats) -> tuple[Floats, int]:
    """Return the values about their mean over their population deviation, and their number: 0 for a constant."""
    seen = values[~np.isnan(values)]
    if not deviation(seen) > 0.0:
        return seen, 0
    centred = seen - seen.mean()
    return centred / np.sqrt(np.mean(centred * centred)), seen.size
