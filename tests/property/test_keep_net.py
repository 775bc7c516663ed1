"""With `keep_net` a basket that is cut is on a straight line from what was held to what was wanted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backtest

FREE = {"margin_interest_annual": 0.0, "borrow_fee_annual": 0.0}
MANNER: dict[str, Any] = {"capital": 1e6, "financing": FREE, "costs": {"commission_bps": 7, "half_spread_bps": 2}}


def played(seed: int, initial: float, keep_net: bool) -> backtest.Result:
    """Go from one long-short basket to another, at prices that gap between decision and fill."""
    rng = np.random.default_rng(seed)
    close = np.repeat(rng.uniform(5.0, 50.0, (1, 6)), 4, axis=0)
    close[3] *= np.exp(rng.normal(0.0, 0.4, 6))
    weights = rng.normal(0.0, 1.0, (2, 6))
    weights *= np.array([[1.2], [2.0]]) / np.abs(weights).sum(axis=1, keepdims=True)
    return backtest.simulate(
        {"close": close},
        ([0, 2], weights),
        execution={"fill": "next_close", "keep_net": keep_net},
        account={"kind": "margin", "initial": initial, "maintenance": 0.01},
        **MANNER,
    )


def second(result: backtest.Result) -> np.ndarray:
    """Return the units that the second basket traded, by column."""
    return result.positions()[3] - result.positions()[2]


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_what_is_cut_is_one_part_of_everything(first: int) -> None:
    cut = 0
    for seed in range(first, first + 50):
        whole, kept = played(seed, 0.01, keep_net=True), played(seed, 0.5, keep_net=True)
        f = float(kept.decisions["scale"][1])
        if whole.decisions["scale"][1] < 1.0:
            continue  # the gap has taken all equity
        if f == 1.0:
            np.testing.assert_allclose(second(kept), second(whole), rtol=1e-9)
            continue
        values = kept.positions()[2] * kept.marks()[3]
        covered = 0.5 * np.abs(values).sum() <= kept.cash[2] + values.sum()
        if not covered:  # then what reduces is not cut
            np.testing.assert_allclose(second(kept), second(played(seed, 0.5, keep_net=False)), rtol=1e-9)
            continue
        cut += f > 0.0
        units = second(whole)
        np.testing.assert_allclose(second(kept), f * units, rtol=1e-9, atol=1e-9 * np.abs(units).max())
        wanted = (units * whole.marks()[3]).sum()
        got = (second(kept) * kept.marks()[3]).sum()
        assert got == pytest.approx(f * wanted, rel=1e-7, abs=1e-3)
        gross = np.abs(kept.positions()[3] * kept.marks()[3]).sum()
        assert gross == pytest.approx(2.0 * kept.equity[3], rel=1e-9)
    assert cut > 3
