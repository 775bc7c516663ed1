from __future__ import annotations

from backtest.report.colours import PALETTE, PALETTE_DARK, asset_colours


def test_an_asset_keeps_its_colour_in_every_chart_of_a_universe() -> None:
    universe = [f"S{i}" for i in range(len(PALETTE))]
    whole = asset_colours(universe, universe)
    assert len(set(whole.values())) == len(PALETTE)
    assert asset_colours(["S7", "S1"], universe[::-1]) == {"S7": whole["S7"], "S1": whole["S1"]}


def test_shown_assets_of_a_large_universe_never_share_a_colour() -> None:
    universe = [f"S{i:03d}" for i in range(500)]
    shown = universe[::40]
    places = asset_colours(shown, universe)
    assert len(set(places.values())) == len(shown)
    assert asset_colours(shown[::-1], universe) == places
    assert len(asset_colours(universe[:100], universe)) == 100  # more than there are colours: they repeat


def test_palettes_are_distinct_and_of_one_length() -> None:
    assert len(PALETTE) == len(PALETTE_DARK) == len(set(PALETTE)) == len(set(PALETTE_DARK))
