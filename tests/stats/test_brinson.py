from __future__ import annotations

import numpy as np
import pytest

from backtest.stats import brinson
from backtest.stats.brinson import MODELS, Model

from .golden import case


def test_published_single_period() -> None:
    inputs, expected, tolerance = case("stats_attribution", "brinson_single")
    fachler = brinson(**inputs)
    np.testing.assert_allclose(fachler.allocation, expected["fachler"]["allocation"], atol=tolerance)
    np.testing.assert_allclose(
        fachler.selection + fachler.interaction, expected["fachler"]["selection_with_interaction"], atol=tolerance
    )
    hood = brinson(**inputs, model="hood_beebower")
    for name in ("allocation", "selection", "interaction"):
        np.testing.assert_allclose(getattr(hood, name), expected["hood_beebower"][name], atol=tolerance)
    assert fachler.total.sum() == pytest.approx(expected["active"], abs=tolerance)
    assert hood.total.sum() == pytest.approx(expected["active"], abs=tolerance)


def test_published_four_quarters() -> None:
    inputs, expected, tolerance = case("stats_attribution", "four_quarters")
    found = brinson(**{key: np.array(value) for key, value in inputs.items()})
    both = found.selection + found.interaction
    np.testing.assert_allclose(found.allocation, expected["allocation"], atol=tolerance["effects"])
    np.testing.assert_allclose(both, expected["selection_with_interaction"], atol=tolerance["effects"])
    active = np.array(expected["portfolio"]) - np.array(expected["benchmark"])
    np.testing.assert_allclose(found.total.sum(axis=1), active, atol=tolerance["effects"])


@pytest.mark.parametrize("model", MODELS)
def test_adds_up_with_shorts_and_borrowed_money(model: Model) -> None:
    rng = np.random.default_rng(3)
    w, v = rng.normal(0.2, 0.5, (40, 5)), rng.normal(0.2, 0.1, (40, 5))
    w[:, -1] += 1.0 - w.sum(axis=1)  # the last segment is cash
    v[:, -1] += 1.0 - v.sum(axis=1)
    r, s = rng.normal(0.0, 0.1, (40, 5)), rng.normal(0.0, 0.1, (40, 5))
    found = brinson(w, r, v, s, model)
    np.testing.assert_allclose(found.total.sum(axis=1), (w * r).sum(axis=1) - (v * s).sum(axis=1), atol=1e-14)


def test_a_portfolio_that_is_its_benchmark_has_no_effects() -> None:
    w, r = np.array([0.6, 0.4]), np.array([0.03, -0.01])
    assert all((effect == 0.0).all() for effect in brinson(w, r, w, r))


def test_outside_the_benchmark_is_allocation_and_not_held_is_no_selection() -> None:
    nan = np.nan
    w, v = np.array([0.5, 0.5, 0.0, 0.0]), np.array([0.5, 0.0, 0.5, 0.0])
    r, s = np.array([0.1, 0.2, nan, nan]), np.array([0.1, nan, 0.04, nan])
    found = brinson(w, r, v, s)
    base = 0.07
    np.testing.assert_allclose(found.allocation, [0.0, 0.5 * (0.2 - base), -0.5 * (0.04 - base), 0.0], atol=1e-15)
    assert (found.selection == 0.0).all()
    assert (found.interaction == 0.0).all()
    assert found.total.sum() == pytest.approx(0.15 - 0.07, abs=1e-15)


def test_a_known_return_outside_the_benchmark_counts() -> None:
    """With the index of the segment known, the part of the return that it explains is allocation, the rest choice."""
    w, v = np.array([0.5, 0.5]), np.array([1.0, 0.0])
    found = brinson(w, np.array([0.1, 0.2]), v, np.array([0.1, 0.15]))
    np.testing.assert_allclose(found.allocation, [0.0, 0.025], atol=1e-15)
    np.testing.assert_allclose(found.interaction, [0.0, 0.025], atol=1e-15)
