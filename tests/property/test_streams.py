"""A market that passes through a window gives the bits of one that is there whole, wherever it is cut."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numba
import numpy as np
import pytest

from backtest.errors import DataError
from backtest.market.stream.lazy import LazyRows
from backtest.metrics.attribution.rows import profit_by_row
from backtest.metrics.trips import trips
from backtest.simulate.book import new_book
from backtest.simulate.engine import Engine, Terms
from tests.market.stream.streaming import random_cuts, streamed
from tests.property import kernel, whole
from tests.property.generate import random_case
from tests.property.kernel import bits, run_kernel, terms_of
from tests.property.transfers import moved_case
from tests.property.whole import run_whole, whole_case

SEEDS = range(9 if numba.config.DISABLE_JIT else 60)


@pytest.mark.parametrize("seed", SEEDS)
def test_targets_over_a_stream(seed: int) -> None:
    case = random_case(seed)
    market = streamed(kernel.market_of(case), random_cuts(kernel.market_of(case), seed), seed % 4)
    assert bits(run_kernel(case, market=market)) == bits(run_kernel(case))
    assert np.array_equal(market.complete, kernel.market_of(case).complete)


@pytest.mark.parametrize("seed", SEEDS)
def test_whole_bars_over_a_stream_and_what_was_held(seed: int) -> None:
    case = whole_case(seed)
    market = streamed(whole.market_of(case), random_cuts(whole.market_of(case), seed), seed % 4)
    one, other = run_whole(case), run_whole(case, market=market)
    assert bits(one) == bits(other)
    for name in ("positions", "marks", "weights"):
        held, again = getattr(one.result, name)(), getattr(other.result, name)()
        rows = np.random.default_rng(seed).permutation(len(held))
        assert again[:].tobytes() == held.tobytes()
        assert again[rows].tobytes() == held[rows].tobytes()
        assert b"".join(again[row].tobytes() for row in rows.tolist()) == held[rows].tobytes()


@pytest.mark.parametrize("seed", SEEDS)
def test_symbols_that_move_over_a_stream(seed: int) -> None:
    case = moved_case(seed)
    market = streamed(whole.market_of(case), random_cuts(whole.market_of(case), seed), seed % 4)
    one, other = run_whole(case), run_whole(case, market=market)
    assert bits(one) == bits(other)
    for name in ("positions", "marks"):
        assert getattr(other.result, name)()[:].tobytes() == getattr(one.result, name)().tobytes()
    assert profit_by_row(other.result).tobytes() == profit_by_row(one.result).tobytes()
    told, again = trips(one.result), trips(other.result)
    for field in fields(told):
        assert np.array_equal(getattr(told, field.name), getattr(again, field.name), equal_nan=True), field.name


class TableRows(LazyRows):
    """Rows of a table, as if they were worked out."""

    name = "table"

    def __init__(self, table: Any) -> None:
        self._table, self.shape = table, table.shape

    def block(self, low: int, high: int) -> Any:
        return self._table[low:high].copy()


def lazily(terms: Terms) -> Terms:
    """The same terms, whose tables with a row for each bar are worked out row by row."""

    def lazy(table: Any) -> Any:
        return TableRows(table) if table.ndim == 2 and len(table) > 3 else table

    fees, rates = terms.fees, terms.rates
    assert fees is not None
    fees = fees._replace(half_spread=lazy(fees.half_spread), push=lazy(fees.push))
    if rates is not None:
        rates = rates._replace(borrow=lazy(rates.borrow), funding=lazy(rates.funding))
    return replace(terms, fees=fees, rates=rates)


MORE = [seed for seed in range(18 if numba.config.DISABLE_JIT else 120) if len(random_case(seed).close) > 1]


@pytest.mark.parametrize("seed", MORE)
def test_costs_and_rates_of_each_bar_over_a_stream(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    case = random_case(seed)
    cuts, look_back = random_cuts(kernel.market_of(case), seed), seed % 4
    expected = bits(run_kernel(case))
    monkeypatch.setattr(kernel, "terms_of", lambda case: lazily(terms_of(case)))
    assert bits(run_kernel(case, market=streamed(kernel.market_of(case), cuts, look_back))) == expected


def test_a_stream_serves_one_simulation_at_a_time() -> None:
    """The window of the first is gone; it says so, and reads no memory that is not its own."""
    case = next(case for case in map(random_case, range(9)) if len(case.close) > 12)
    market = streamed(kernel.market_of(case), [5, 10])
    first = Engine(market, new_book(len(case.symbols), case.capital), kernel.terms_of(case))
    first.advance(4)
    Engine(market, new_book(len(case.symbols), case.capital), kernel.terms_of(case)).advance(4)
    with pytest.raises(DataError, match="one simulation at a time"):
        first.advance(market.n_rows)
