"""One colour per asset, the same in every picture, told apart by colour-blind eyes.

The first seven are Okabe and Ito's ("Color Universal Design", 2008); the others follow Paul Tol's muted scheme
(technical note SRON/EPS/TN/09-002), reordered so that neighbours differ in lightness.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

PALETTE = (
    *("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#332288", "#ddcc77", "#117733", "#882255"),
    *("#44aa99", "#f0e442", "#aa4499", "#88ccee", "#999933", "#cc6677", "#5566aa", "#bbaa88", "#226655", "#e0a5c8"),
)
"""On white."""

PALETTE_DARK = (
    *("#3d9bd6", "#f0b429", "#1fb88c", "#d98fb9", "#7cc6f2", "#ef7d32", "#8b7ee6", "#e6d98c", "#4fae6c", "#c2608f"),
    *("#63c2b2", "#f3e96b", "#c76cc7", "#a3dbf5", "#b8b85a", "#e08795", "#8797e0", "#cfc0a0", "#5a9f8c", "#edbdd8"),
)
"""The same hues on black: dark ones lifted."""

STRATEGY, STRATEGY_DARK = "#0b5cad", "#5aa9f5"
BENCHMARK, BENCHMARK_DARK = "#8a6d1f", "#d9b65c"
LOSS, LOSS_DARK = "#c2410c", "#f2855b"
GAIN, GAIN_DARK = "#0f766e", "#4cc2b4"
OTHER, OTHER_DARK = "#9aa3ad", "#6b7480"

LONGS = ("#0b3c78", "#1f6bb0", "#4f97cf", "#8fbfe3", "#c5dcf0")
LONGS_DARK = ("#a9d2f8", "#74b1ec", "#4389cf", "#2c669f", "#224a70")
SHORTS = ("#8a2f08", "#c2541c", "#e08650", "#f0b592", "#f7d6c3")
SHORTS_DARK = ("#f7c09c", "#ea9256", "#c66a2e", "#95501f", "#68381b")
"""Of groups by size, the largest holdings first: a scale, as their order has a meaning."""


def asset_colours(shown: Sequence[str], universe: Sequence[str]) -> dict[str, int]:
    """Give each shown asset a place in the palette.

    The place comes from the asset's rank by name in its universe while the palette has one for each, so that all runs
    over one universe agree; in a larger universe it comes from the name itself, moved on to the next free place when
    two shown assets meet.
    """
    if len(universe) <= len(PALETTE):
        rank = {name: place for place, name in enumerate(sorted(universe))}
        return {name: rank[name] for name in shown}
    places: dict[str, int] = {}
    for name in sorted(shown):
        place = zlib.crc32(name.encode()) % len(PALETTE)
        while place in places.values() and len(places) < len(PALETTE):
            place = (place + 1) % len(PALETTE)
        places[name] = place
    return places
