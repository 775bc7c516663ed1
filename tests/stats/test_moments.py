from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from backtest.stats import kurtosis, skewness

from .golden import case


def test_published_moments() -> None:
    inputs, expected, tolerance = case("stats_moments", "bacon_moments")
    returns, n, rough = inputs["portfolio"], inputs["portfolio"].size, tolerance["others"]
    assert skewness(returns, "sample") == pytest.approx(expected["skewness_sample"], abs=rough)
    assert kurtosis(returns, "population") == pytest.approx(expected["kurtosis_excess"], abs=rough)
    assert kurtosis(returns, "population") + 3.0 == pytest.approx(expected["kurtosis_moment"], abs=rough)
    assert kurtosis(returns, "sample") == pytest.approx(expected["kurtosis_sample_excess"], abs=rough)
    bias = 3.0 * (n - 1.0) ** 2 / ((n - 2.0) * (n - 3.0))
    assert kurtosis(returns, "sample") + bias == pytest.approx(expected["kurtosis_sample"], abs=rough)
    over = skewness(returns, "population") / (kurtosis(returns, "population") + 3.0)
    assert over == pytest.approx(expected["skewness_over_kurtosis"], abs=tolerance["skewness_over_kurtosis"])


@pytest.mark.parametrize("seed", range(3))
def test_as_scipy_and_pandas_have_it(seed: int) -> None:
    values = np.random.default_rng(seed).standard_t(4, 60)
    assert skewness(values, "population") == pytest.approx(scipy.stats.skew(values), rel=1e-12)
    assert kurtosis(values, "population") == pytest.approx(scipy.stats.kurtosis(values), rel=1e-12)
    assert skewness(values) == pytest.approx(pd.Series(values).skew(), rel=1e-10)
    assert kurtosis(values) == pytest.approx(pd.Series(values).kurt(), rel=1e-10)


def test_by_hand_and_without_gaps() -> None:
    values = np.array([0.0, 0.0, np.nan, 1.0])  # mean 1/3, m2 = 2/9, m3 = 2/27
    assert skewness(values, "population") == pytest.approx((2 / 27) / (2 / 9) ** 1.5)
    assert skewness(values, "sample") == pytest.approx((2 / 27) / (2 / 9) ** 1.5 * math.sqrt(6.0))
    assert kurtosis(np.array([-1.0, 1.0, -1.0, 1.0]), "population") == pytest.approx(-2.0)


def test_too_short_or_constant_has_no_shape() -> None:
    assert math.isnan(skewness(np.array([1.0, 2.0])))
    assert not math.isnan(skewness(np.array([1.0, 2.0, 4.0])))
    assert math.isnan(kurtosis(np.array([1.0, 2.0, 4.0])))
    assert math.isnan(skewness(np.full(9, 0.01)))
    assert math.isnan(kurtosis(np.full(9, 0.01)))
