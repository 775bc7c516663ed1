"""What is remembered between decisions on one market: less work, and the same bits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtest.allocate import METHODS
from backtest.allocate.answer import answer
from backtest.allocate.base import History
from backtest.allocate.moments import COVARIANCES
from backtest.allocate.moments.memory import Memory
from backtest.allocate.moments.window import Window, window_of
from tests.allocate.moments.data import factor_returns


def windows(memory: Memory, rows: range, calls: list[int]) -> list[Window]:
    """Ask for the windows of some rows, and note which were made."""

    def made(row: int) -> Window:
        calls.append(row)
        return window_of(factor_returns(row, 3), 5, None, 1)

    return [memory.recall(row, lambda row=row: made(row)) for row in rows]


def test_what_fits_is_made_once_and_each_receiver_has_its_own() -> None:
    calls: list[int] = []
    memory = Memory(2 * 5 * 3 * 8)
    first = windows(memory, range(5, 8), calls)
    for window in first:
        window.returns[:] = np.nan
    second = windows(memory, range(5, 8), calls)
    assert calls == [5, 6, 7, 7], "the third found no room"
    assert all(np.isfinite(window.returns).all() for window in second)
    second[0].returns[:] = np.nan
    assert np.isfinite(windows(memory, range(5, 6), calls)[0].returns).all()


@pytest.mark.parametrize("estimator", sorted(COVARIANCES))
@pytest.mark.parametrize("gaps", [False, True])
def test_answers_have_the_same_bits_with_a_memory(estimator: str, gaps: bool) -> None:
    returns = factor_returns(80, 4)
    if gaps:
        returns[::13, 1] = np.nan
        returns[20:, 3] = np.nan
    memory, symbols = Memory(10**8), np.array(["a", "b", "c", "d"])
    covariance = COVARIANCES[estimator]()
    for lookback in (40, 60, 40):
        for name in ("min_variance", "risk_parity", "hrp", "inverse_volatility"):
            fields = {"lookback": lookback}
            if name != "inverse_volatility":
                fields["covariance"] = covariance  # type: ignore[assignment]
            method = METHODS[name](**fields)
            for columns in ([0, 1, 2, 3], [0, 1, 2]):
                shown = History(symbols[columns], returns[:, columns], periods_per_year=252.0, first_row=1, row=80)
                plain = answer(method, shown)
                for _ in range(2):
                    again = answer(method, replace(shown, memory=memory))
                    assert again.weights.tobytes() == plain.weights.tobytes()
                    assert (again.condition, again.warnings) == (plain.condition, plain.warnings)


def test_decisions_on_other_rows_remember_nothing_of_each_other() -> None:
    """Rows between two sessions that all calendars share show the same returns, but for what an action rounds."""
    memory, first = Memory(10**6), factor_returns(40, 3)
    second = first * (1.0 + 1e-12)
    method = METHODS["min_variance"](lookback=40)
    for row, returns in ((7, first), (8, second)):
        shown = History(np.array(["a", "b", "c"]), returns, periods_per_year=252.0, first_row=1, row=row)
        ours = answer(method, replace(shown, memory=memory)).condition
        assert ours == answer(method, shown).condition
    assert answer(method, replace(shown, returns=first)).condition != ours
