"""The watch step: what fires on the marked state of a row."""

import numpy as np

from backtest.kernels._jit import part
from backtest.kernels.book import Own


@part
def measure_drift(book, s, quotes, prices):
    """Set the largest distance of a weight from its reference, over assets with a real bar (`quotes` not NaN)."""
    state = book.record[0]
    owner = book.owners[s]
    state["drift"] = np.nan
    state["drift_asset"] = -1
    if owner["has_reference"] == 0 or owner["equity"] <= 0.0:
        return
    q = book.owned[s, Own.QUANTITY]
    reference = book.owned[s, Own.REFERENCE]
    scale = 1.0 / owner["equity"]
    largest = 0.0
    for i in range(q.shape[0]):
        # A comparison with NaN is False, so an asset without a bar never counts.
        largest = max(largest, abs(q[i] * prices[i] * scale - reference[i])) if quotes[i] == quotes[i] else largest
    state["drift"] = largest
    if largest > 0.0:
        for i in range(q.shape[0]):
            if quotes[i] == quotes[i] and abs(q[i] * prices[i] * scale - reference[i]) == largest:
                state["drift_asset"] = i
                break


@part
def watch(book, rules, t):
    """Return the trigger bits that fire on row `t`: those known ahead, and the bands that drift has left."""
    bits = rules.fires[t]
    drift = book.record[0]["drift"]
    for b in range(rules.bands.shape[0]):
        if drift > rules.bands[b]:
            bits |= rules.band_bits[b]
    return bits
