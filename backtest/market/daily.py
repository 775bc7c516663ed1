"""A market of one bar a session, made of finer bars: opens first, closes last, extremes, sums of volume."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from backtest.errors import DataError
from backtest.market.actions import in_order, merged
from backtest.market.aggregate import together
from backtest.market.fields import fixed
from backtest.market.market import FIELDS, Market
from backtest.types import ActionKind


def by_session(market: Market) -> Market:
    """Return the market with one row a session, from the first start to the last end of its bars.

    A session has a real bar of an asset where any of its bars was real. Actions within a session are refused, because
    the bar would be of units, or of names, of before and of after; a delisting ends with the session.
    """
    first = np.flatnonzero(np.diff(market.session, prepend=market.session[:1] - 1))
    if len(first) == market.n_rows:
        return market
    last = np.append(first[1:], market.n_rows) - 1
    fields: Any = {
        name: fixed(together(values, first, name)) for name in FIELDS if (values := market.get(name)) is not None
    }
    return replace(
        market,
        start=fixed(np.ascontiguousarray(market.start[first])),
        end=fixed(np.ascontiguousarray(market.end[last])),
        listed=None if market.listed is None else fixed(np.ascontiguousarray(market.listed[last])),
        member=None if market.member is None else fixed(np.ascontiguousarray(market.member[last])),
        complete=fixed(~np.isnan(fields["close"]).any(axis=1)),
        session=fixed(market.session[first]),
        session_end=fixed(np.ones(len(first), np.bool_)),
        actions=_actions(market, first),
        **fields,
    )


def _actions(market: Market, first: Any) -> Any:
    """Return the actions by session."""
    actions = market.actions.copy()
    within = np.flatnonzero(~np.isin(actions["row"], first) & (actions["kind"] != ActionKind.DELISTING))
    if len(within):
        action = actions[within[0]]
        symbol, day = market.symbols[action["asset"]], market.day(int(action["row"]))
        raise DataError(
            f"market {market.name!r}: something happens to {symbol} within its session of {day}, and a bar of that "
            "session would be of before and of after; allowed: actions at the first bar of a session, or the bars as "
            "they are stored"
        )
    actions["row"] = np.searchsorted(first, actions["row"], side="right") - 1
    return fixed(merged(in_order(actions), market.symbols.tolist()) if len(actions) else actions)
