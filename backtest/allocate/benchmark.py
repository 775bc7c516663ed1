"""The weights of the portfolio that others are measured against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field

from backtest.allocate.caps import cap_weights
from backtest.errors import AllocationError
from backtest.types import Floats

if TYPE_CHECKING:
    from backtest.allocate.base import History
    from backtest.allocate.sample import Sample

Benchmark = Literal["equal_weight", "market_cap"] | Annotated[dict[str, float], Field(min_length=1)]


def benchmark_weights(benchmark: Benchmark, sample: Sample | History) -> tuple[Floats, tuple[str, ...]]:
    """Return the benchmark's weights `(K,)` in the symbols of the sample, and what to warn of.

    Weights of symbols that are not in the sample are shared by the others in proportion, and the symbols are named.
    """
    n = len(sample.symbols)
    if benchmark == "equal_weight":
        return np.full(n, 1.0 / n), ()
    if benchmark == "market_cap":
        return _by_cap(sample)
    return _as_written(dict(benchmark), sample)


def _by_cap(sample: Sample | History) -> tuple[Floats, tuple[str, ...]]:
    weights, without = cap_weights(sample.caps, sample.symbols, "benchmark market_cap")
    return weights, _not_in("have no market cap", list(without))


def _as_written(written: dict[str, float], sample: Sample | History) -> tuple[Floats, tuple[str, ...]]:
    weights = np.array([written.get(str(symbol), 0.0) for symbol in sample.symbols])
    there = {str(symbol) for symbol in sample.symbols}
    absent = [symbol for symbol, weight in written.items() if symbol not in there and weight != 0.0]
    if not absent:
        return weights, ()
    whole, left = sum(written.values()), float(weights.sum())
    if not left > 0.0:
        raise AllocationError(f"benchmark: none of its symbols can be held now: {', '.join(absent)}")
    return weights * (whole / left), _not_in("cannot be held now, the others share their weight", absent)


def _not_in(why: str, symbols: list[str]) -> tuple[str, ...]:
    return (f"benchmark symbols that {why}: {', '.join(symbols)}",) if symbols else ()
