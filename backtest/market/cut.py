"""The same market with another future: ended at a row, or scrambled after it. For the look-ahead probe."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from backtest.market.market import FIELDS, Market, Series
from backtest.market.stream.cut import ScrambledStream, until
from backtest.types import Floats


def ended(market: Market, row: int) -> Market:
    """Return the market as if its data ended with `row`: bars, actions and side series, as views."""
    stop = row + 1
    fields: Any = {name: until(values, stop) for name in FIELDS if (values := market.get(name)) is not None}
    known = int(market.end[row].max())
    return with_future(
        market,
        start=market.start[:stop],
        end=market.end[:stop],
        listed=None if market.listed is None else until(market.listed, stop),
        member=None if market.member is None else until(market.member, stop),
        complete=market.complete[:stop],
        session=market.session[:stop],
        session_end=market.session_end[:stop],
        actions=market.actions[market.actions["row"] < stop],
        series={name: _known(series, known) for name, series in market.series.items()},
        **fields,
    )


def with_future(market: Market, **changes: Any) -> Market:
    """Return the market with other rows. What is said of its symbols is no row, and is not read anew for each cut."""
    other = replace(market, **changes)
    vars(other)["labels"] = market.labels
    return other


def _known(series: Series, time: int) -> Series:
    """The records that were known at `time`."""
    n = int(np.searchsorted(series.known_at, time, side="right"))
    return Series(series.name, series.time[:n], series.known_at[:n], series.asset[:n], series.value[:n])


def scrambled(market: Market, seed: int, only: str | None = None) -> Scrambled | ScrambledStream:
    """Return what gives a market another future after rows that are asked for in rising order."""
    return Scrambled(market, seed, only) if market.stream is None else ScrambledStream(market, seed, only)


STRIDE, CELLS = 61, 16_384  # rows of noise at least, and cells of it


class Scrambled:
    """A market whose rows after a moving cut are nonsense: prices, volume, side series, each with its own noise.

    One copy serves all cuts of a probe when they are asked for in rising order, none before row `first`: moving on
    restores the rows that have become past.
    """

    def __init__(self, market: Market, seed: int, only: str | None = None, first: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self._real = market
        self._fields: Any = {
            name: _noisy(values, rng, first) if only in (None, name) else values
            for name in FIELDS
            if (values := market.get(name)) is not None
        }
        self._noise = {
            name: rng.uniform(0.2, 5.0, len(series.value)) if only in (None, name) else np.ones(len(series.value))
            for name, series in market.series.items()
        }
        self._restored = first

    def after(self, row: int) -> Market:
        """Return the market with everything after `row` scrambled."""
        for name, values in self._fields.items():
            real = self._real.get(name)
            if real is not None and values is not real:
                values[self._restored : row + 1] = real[self._restored : row + 1]
        self._restored = row + 1
        known = int(self._real.end[row].max())
        series = {
            name: replace(each, value=np.where(each.known_at <= known, each.value, each.value * self._noise[name]))
            for name, each in self._real.series.items()
        }
        return with_future(self._real, series=series, **self._fields)


def _noisy(values: Floats, rng: np.random.Generator, first: int) -> Floats:
    """Multiply each number from row `first` on by one of its own: the gaps stay, nothing else does.

    Noise for a block of rows is stretched anew for each next one: drawing it for every row took most of a probe's time.
    """
    block = max(STRIDE, CELLS // values.shape[1])
    noise = rng.uniform(0.5, 2.0, (min(block, len(values)), values.shape[1]))
    out = np.empty_like(values)
    out[:first] = values[:first]
    for low in range(first, len(values), block):
        part = values[low : low + block]
        np.multiply(part, noise[: len(part)], out=out[low : low + block])
        out[low : low + block] *= rng.uniform(0.5, 2.0)
    return out
