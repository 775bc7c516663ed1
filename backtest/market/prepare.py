"""Completing a market that was made, not loaded: what a store would have told about it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from backtest.market.hashing import content_hash
from backtest.market.market import Market
from backtest.market.masks import first_rows, listed_mask, session_ends
from backtest.market.stamps import NAT
from backtest.market.symbols import complete_properties, listing


def prepared(market: Market) -> Market:
    """Return the market with properties, masks and content hash as `load` would give them after a `save`."""
    whole = replace(market, properties=_properties(market))
    assert whole.properties is not None
    listed_from, listed_to = listing(whole.properties)
    return replace(
        whole,
        listed=listed_mask(whole.session, listed_from, listed_to, whole.real, whole.actions),
        complete=np.asarray(whole.real.all(axis=1)),
        session_end=session_ends(whole.session),
        content_hash=content_hash(whole),
    )


def _properties(market: Market) -> pd.DataFrame:
    first = first_rows(market.real)
    sessions = np.where(first < market.n_rows, market.session[np.minimum(first, market.n_rows - 1)], NAT)
    symbols = [str(symbol) for symbol in market.symbols]
    return complete_properties(market.properties, symbols, market.currency, sessions)
