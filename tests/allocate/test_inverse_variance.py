"""Inverse variance: closed form, and López de Prado's example."""

from __future__ import annotations

import numpy as np

from backtest.allocate import allocate
from backtest.allocate.methods.inverse_variance import InverseVariance

from .optimising import case, draws, known, seen, weigh


def test_lopez_de_prado_2016() -> None:
    given = case("allocate_hrp", "hrp_ldp2016_ivp")
    covariance = case("allocate_hrp", "hrp_ldp2016_numerical_example")["inputs"]["cov"]
    answer = weigh(InverseVariance(), known(covariance))
    np.testing.assert_allclose(answer.weights, given["expected"], atol=given["tolerance"]["abs"])


def test_from_returns() -> None:
    returns = draws(2, 7, 252)
    inverse = 1.0 / returns.var(axis=0, ddof=1)
    np.testing.assert_allclose(weigh(InverseVariance(), seen(returns)).weights, inverse / inverse.sum(), rtol=1e-10)


def test_the_scale_does_not_matter() -> None:
    variances = np.array([0.01, 0.02, 0.07])
    once = weigh(InverseVariance(), known(np.diag(variances))).weights
    for scale in (1e-8, 1e8):
        np.testing.assert_allclose(
            weigh(InverseVariance(), known(np.diag(variances * scale))).weights, once, rtol=1e-12
        )


def test_a_symbol_without_data_gets_nothing() -> None:
    returns = draws(3, 3, 300)
    returns[:200, 1] = np.nan
    answer = allocate("inverse_variance", returns=returns)
    assert answer.weights[1] == 0.0
    assert answer.left_out == ("1",)
