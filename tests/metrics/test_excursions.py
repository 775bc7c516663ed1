"""Excursions of trades do not depend on how many bars are looked at together."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from backtest.metrics import excursions, trades
from tests.property.whole import run_whole, whole_case

SEEDS = range(30)


@pytest.mark.parametrize("seed", SEEDS)
def test_they_have_the_same_bits_wherever_the_bars_are_cut(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    result: Any = run_whole(whole_case(seed)).result
    expected = trades(result)
    for cells in (1, 7, 40):
        monkeypatch.setattr(excursions, "CELLS", cells)
        pd.testing.assert_frame_equal(trades(result), expected, check_exact=True)


def test_the_cases_have_trades_that_ran_both_ways() -> None:
    found = pd.concat([trades(run_whole(whole_case(seed)).result) for seed in SEEDS[:10]])
    assert len(found) > 30
    assert (found["mae"] < 0.0).mean() > 0.3
    assert (found["mfe"] > 0.0).mean() > 0.3
