"""Masks of a market: which bars are real, which rows close a session, who is listed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from backtest.types import ActionKind, Bools, Floats, Ints, Records

AT_ONCE = 20_000  # rows


def real_bars(prices: Iterable[Floats]) -> Bools:
    """Mark the bars in which every one of `prices`, each `(T, N)`, is finite and positive."""
    fields = iter(prices)
    real = _usable(next(fields))
    for values in fields:
        real &= _usable(values)
    return real


def _usable(values: Floats) -> Bools:
    usable: Bools = np.isfinite(values) & (values > 0.0)
    return usable


def session_ends(session: Ints) -> Bools:
    """Mark the last row of each session; `session` is `(T,)` and never falls."""
    last = np.ones(session.shape[0], np.bool_)
    np.not_equal(session[1:], session[:-1], out=last[:-1])
    return last


def listed_mask(session: Ints, listed_from: Ints, listed_to: Ints, real: Bools, actions: Records) -> Bools:
    """Say who is listed in each row, `(T, N)`.

    `listed_from` and `listed_to` are the first and last session of each asset, `(N,)`. An asset without a known end
    stays listed: that it never trades again is not known while it happens. After its delisting an asset is gone; in
    the row of the delisting it is listed when it still has a bar there. A symbol with a new name is gone too.
    """
    listed: Bools = (session[:, None] >= listed_from) & (session[:, None] <= listed_to)
    for action in actions[np.isin(actions["kind"], (ActionKind.DELISTING, ActionKind.RENAME))]:
        row, asset = int(action["row"]), int(action["asset"])
        listed[row, asset] &= real[row, asset]
        listed[row + 1 :, asset] = False
    return listed


def first_rows(real: Bools) -> Ints:
    """Return the first row with a real bar of each asset, `(N,)`; T where there is none."""
    first: Ints = np.where(real.any(axis=0), real.argmax(axis=0), real.shape[0])
    return first


def last_rows(real: Bools) -> Ints:
    """Return the last row with a real bar of each asset, `(N,)`; -1 where there is none."""
    last: Ints = real.shape[0] - 1 - real[::-1].argmax(axis=0)
    return np.where(real.any(axis=0), last, -1)


def ever(mask: Bools, low: int, high: int, unlike: Bools | bool = False) -> Bools:
    """Say which columns of ``mask[low:high]`` are somewhere not `unlike`, `(N,)`; a stream is not read whole."""
    found: Bools = np.zeros(mask.shape[1], np.bool_)
    for first in range(low, high, AT_ONCE):
        found |= (mask[first : min(high, first + AT_ONCE)] != unlike).any(axis=0)
    return found
