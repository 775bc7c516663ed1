from __future__ import annotations

import numpy as np
import pytest

from backtest.stats import brinson, link, linking_factors
from backtest.stats.linking import LINKINGS, Linking, compound

from .golden import case


def published() -> tuple[dict[str, np.ndarray], dict, dict]:
    inputs, expected, tolerance = case("stats_attribution", "four_quarters")
    return {key: np.array(value) for key, value in inputs.items()}, expected, tolerance


@pytest.mark.parametrize("method", LINKINGS)
def test_published_four_quarters(method: Linking) -> None:
    inputs, expected, tolerance = published()
    effects = brinson(**inputs)
    mine, theirs = np.array(expected["portfolio"]), np.array(expected["benchmark"])
    factors = linking_factors(mine, theirs, method)
    selection = effects.selection + effects.interaction
    want = expected["linked"][method]
    np.testing.assert_allclose(link(effects.allocation, factors), want["allocation"], atol=tolerance["linked"])
    np.testing.assert_allclose(link(selection, factors), want["selection_with_interaction"], atol=tolerance["linked"])
    by_quarter = factors[:, None] * np.stack((effects.allocation[:, 0], selection[:, 0]), axis=1)
    np.testing.assert_allclose(by_quarter, expected["linked_by_quarter"][method], atol=tolerance["linked"])
    assert link(effects.total, factors).sum() == pytest.approx(expected["active_total"], abs=tolerance["totals"])


def test_published_totals() -> None:
    _, expected, tolerance = published()
    assert compound(np.array(expected["portfolio"])) == pytest.approx(expected["portfolio_total"], abs=1e-15)
    assert compound(np.array(expected["benchmark"])) == pytest.approx(expected["benchmark_total"], abs=1e-15)
    gap = expected["portfolio_total"] - expected["benchmark_total"]
    assert gap == pytest.approx(expected["active_total"], abs=tolerance["totals"])


@pytest.mark.parametrize("method", LINKINGS)
@pytest.mark.parametrize("seed", range(5))
def test_no_residual(method: Linking, seed: int) -> None:
    rng = np.random.default_rng(seed)
    effects = rng.normal(0.0001, 0.004, (2520, 6))
    other = rng.normal(0.0002, 0.01, 2520)
    mine = other + effects.sum(axis=1)
    linked = link(effects, linking_factors(mine, other, method))
    assert linked.sum() == pytest.approx(compound(mine) - compound(other), abs=1e-12 * max(1.0, compound(mine)))
    alone = link(effects, linking_factors(effects.sum(axis=1), method=method))
    assert alone.sum() == pytest.approx(compound(effects.sum(axis=1)), abs=1e-12)


@pytest.mark.parametrize("method", LINKINGS)
def test_one_period_and_no_period(method: Linking) -> None:
    np.testing.assert_allclose(linking_factors(np.array([0.05]), np.array([0.02]), method), [1.0], rtol=1e-13)
    np.testing.assert_allclose(linking_factors(np.array([0.05]), np.array([0.05]), method), [1.0], rtol=1e-13)
    assert linking_factors(np.empty(0), None, method).shape == (0,)


def test_carino_by_hand() -> None:
    """10 % and 20 % against nothing: 32 % split as ln 1.1 to ln 1.2; a flat period has the factor 1 / k."""
    factors = linking_factors(np.array([0.1, 0.2, 0.0]))
    share = np.log([1.1, 1.2]) / np.log(1.32)
    np.testing.assert_allclose(factors[:2] * [0.1, 0.2], 0.32 * share, rtol=1e-14)
    assert factors[2] == pytest.approx(0.32 / np.log(1.32), rel=1e-14)


def test_menchero_by_hand() -> None:
    """Two periods of 10 % and 30 % against nothing: A = 0.43 / 2 / (√1.43 − 1), C makes up for the rest."""
    natural = 0.43 / 2.0 / (np.sqrt(1.43) - 1.0)
    rest = (0.43 - natural * 0.4) / (0.01 + 0.09)
    factors = linking_factors(np.array([0.1, 0.3]), method="menchero")
    np.testing.assert_allclose(factors, [natural + 0.1 * rest, natural + 0.3 * rest], rtol=1e-13)


def test_grap_without_a_benchmark_is_money_over_capital() -> None:
    returns = np.array([0.1, -0.5, 0.3])
    np.testing.assert_allclose(linking_factors(returns, method="grap"), [1.0, 1.1, 0.55], rtol=1e-15)


def test_carino_links_years_of_months_as_it_links_months() -> None:
    """Only this method does: the factor of a month in its year times that of the year in the record."""
    rng = np.random.default_rng(1)
    mine, other = rng.normal(0.01, 0.04, (3, 12)), rng.normal(0.008, 0.03, (3, 12))
    within = np.array([linking_factors(a, b) for a, b in zip(mine, other, strict=True)])
    years = [np.array([compound(row) for row in side]) for side in (mine, other)]
    twice = within * linking_factors(years[0], years[1])[:, None]
    np.testing.assert_allclose(twice.ravel(), linking_factors(mine.ravel(), other.ravel()), rtol=1e-12)


@pytest.mark.parametrize("method", LINKINGS)
def test_a_missing_return_is_no_observation(method: Linking) -> None:
    mine, other = np.array([0.1, np.nan, -0.05]), np.array([0.02, np.nan, 0.01])
    factors = linking_factors(mine, other, method)
    effects = np.array([[0.05, 0.03], [np.nan, np.nan], [-0.04, -0.02]])
    assert link(effects, factors).sum() == pytest.approx(1.1 * 0.95 - 1.02 * 1.01, abs=1e-15)


@pytest.mark.parametrize("method", LINKINGS)
def test_nearly_equal_returns_keep_sensible_factors(method: Linking) -> None:
    """A portfolio that is its benchmark up to rounding: effects that cancel must not be blown up."""
    rng = np.random.default_rng(2)
    other = rng.normal(0.0, 0.01, 250)
    mine = other + rng.normal(0.0, 1e-17, 250)
    factors = linking_factors(mine, other, method)
    same = linking_factors(other, other, method)
    np.testing.assert_allclose(factors, same, rtol=1e-9)
    assert (factors > 0.5).all()
    assert (factors < 2.0).all()


@pytest.mark.parametrize("method", ["carino", "menchero"])
def test_ruin_has_no_logarithm(method: Linking) -> None:
    assert np.isnan(linking_factors(np.array([0.1, -1.2, 0.0]), method=method)).all()
    assert np.isnan(linking_factors(np.array([0.1, -1.0]), method=method)).all()
    assert np.isnan(linking_factors(np.array([0.1, 0.1]), np.array([0.0, -1.0]), method)).all()


def test_grap_survives_ruin() -> None:
    returns = np.array([0.1, -1.2, np.nan])
    assert link(returns[:, None], linking_factors(returns, method="grap"))[0] == pytest.approx(1.1 * -0.2 - 1.0)
