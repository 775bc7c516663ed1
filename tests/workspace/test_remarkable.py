"""What is told of a run: baskets that the cash did not pay for, when they were worth it; views that never change."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from made import Place, made_market

from backtest.config import load
from backtest.config.model import Config, Execution, MarketSection
from backtest.run import run
from backtest.simulate.portfolio import make_strategy, simulate_config
from backtest.types import DECISION
from backtest.workspace.remarkable import SMALL_BASKET, cut_baskets, remarkable

CONFIG = Config(name="a", market=MarketSection(source="tiny"))


def ended(scale: float, held: list[float], done_row: int = 11) -> Any:
    """A result with one decision of row 10, for half in each of two assets, held as given at that row's close."""
    decisions = np.zeros(1, DECISION)
    decisions["row"], decisions["done_row"], decisions["scale"] = 10, done_row, scale
    weights = np.zeros((6, 2))
    weights[2] = held
    return SimpleNamespace(decisions=decisions, targets=np.array([[0.5, 0.5]]), weights=lambda: weights, first=8)


@pytest.mark.parametrize(
    ("scale", "held", "done_row", "told"),
    [
        (0.5, [0.0, 0.0], 11, [0.5]),
        (0.5, [0.4996, 0.4996], 11, []),  # 0.08 % was to be bought
        (0.5, [0.4994, 0.4994], 11, [0.5]),
        (0.5, [0.7, 0.4996], 11, []),  # what is sold does not count
        (0.0, [0.4, 0.5], 11, [0.0]),  # nothing of it was bought
        (0.99, [0.0, 0.0], 11, []),  # above warn_below
        (0.5, [0.4996, 0.5], 10, []),  # at the very close: half of 0.08 % is missing
        (0.5, [0.4994, 0.5], 10, [0.5]),
        (0.5, [0.0, 0.0], -1, [0.5]),
    ],
)
def test_small_baskets_are_not_counted(scale: float, held: list[float], done_row: int, told: list[float]) -> None:
    assert SMALL_BASKET == 0.001
    assert cut_baskets(CONFIG, ended(scale, held, done_row)).tolist() == told


def test_a_gap_that_the_cash_does_not_pay_for_is_told(place: Place) -> None:
    gap = made_market(open=made_market().close * 1.1)
    config = Config(name="a", market=MarketSection(source="tiny"), execution=Execution(fill="next_open"))
    simulated = simulate_config(config, gap, make_strategy(config, place.root / "strategies"))
    first = cut_baskets(config, simulated.result)[0]
    assert first == pytest.approx(1.0 / 1.1, abs=0.02)
    assert remarkable(config, simulated)[0].endswith(f"paid for less than 98% of the buys; the least was {first:.2%}")


def test_the_manifest_says_so(place: Place) -> None:
    done = run(place.yaml(), workspace=place.root)
    assert done.manifest["cut_baskets"] == cut_baskets(done.config, done.result).tolist()
    assert len(done.manifest["cut_baskets"]) == 1


@pytest.mark.parametrize(("rows", "views", "said"), [(400, True, 1), (366, True, 0), (400, False, 0)])
def test_views_that_hold_for_years_are_told(place: Place, rows: int, views: bool, said: int) -> None:
    written = [{"holdings": {"AAA": 1.0}, "return": 0.1}] if views else []
    choice = {"method": "black_litterman", "market": "equal_weight", "lookback": 20, "views": written}
    config = load(place.config(allocation=choice), place.root)
    simulated = simulate_config(config, made_market(rows), make_strategy(config, place.root / "strategies"))
    told = [text for text in remarkable(config, simulated) if text.startswith("allocation.views are the same from ")]
    assert len(told) == said
