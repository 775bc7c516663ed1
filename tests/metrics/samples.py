"""Ten years of months that the tests of inference share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from backtest import stats

RNG = np.random.default_rng(15)
MONTHS = pd.date_range("2010-01-31", periods=120, freq="ME")
VALUES = RNG.standard_t(5, 120) * 0.02 + 0.008
RETURNS = pd.Series(VALUES, MONTHS)
OTHER = pd.Series(0.5 * VALUES + RNG.normal(0.0, 0.01, 120), MONTHS)
TABLE = pd.DataFrame(RNG.normal(0.0, 0.01, (120, 4)) + np.array([0.0, 0.0, 0.003, 0.0]), MONTHS, list("abcd"))
CLOCK: dict[str, Any] = {"risk_free": 0.02, "periods_per_year": 12.0}
CASH = stats.per_period(0.02, 12.0)
FAMILY: dict[str, Any] = {"draws": 150, "block": 7, "seed": 7}
