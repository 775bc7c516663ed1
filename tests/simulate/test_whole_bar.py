"""Declared exits, volume and waiting orders, as a configuration asks for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backtest import make_market, simulate
from backtest.config.model import Execution, Exits
from backtest.costs import Costs
from backtest.errors import ConfigError
from backtest.simulate.result import Result
from backtest.simulate.terms import make_terms, silent_watch
from backtest.types import EventKind, FillReason, Intrabar

FLAT = (10.0, 10.0, 10.0, 10.0)


def bars(*rows: tuple[float, ...], volume: float | None = None) -> Any:
    """A market of one symbol from opens, highs, lows and closes."""
    table = np.array(rows)
    fields = {name: table[:, [k]] for k, name in enumerate(("open", "high", "low", "close"))}
    if volume is not None:
        fields["volume"] = np.full((len(rows), 1), volume)
    return make_market(symbols=["A"], price_kind="raw", **fields)


def held(on: Any, weight: float = 1.0, **options: Any) -> Result:
    """Aim at a weight on row 0, with 1000 in cash."""
    return simulate(on, ([0], [[weight]]), capital=1000.0, **options)


def fills(result: Result) -> list[tuple[int, float, float, str]]:
    """Row, quantity, price and reason of each fill."""
    names = ("row", "quantity", "price")
    return [
        (*(each[name].item() for name in names), FillReason(each["reason"]).name.lower())  # type: ignore[misc]
        for each in result.fills
    ]


@pytest.mark.parametrize(
    ("exits", "bar", "exit_"),
    [
        ({"stop": 0.1}, (10.0, 10.5, 9.1, 10.0), None),
        ({"stop": 0.1}, (10.0, 10.5, 8.5, 10.0), (9.0, "exit_stop")),
        ({"stop": 0.1}, (8.0, 10.5, 7.5, 10.0), (8.0, "exit_stop")),
        ({"target": 0.2}, (10.0, 12.5, 9.1, 10.0), (12.0, "exit_target")),
        ({"target": 0.2}, (13.0, 13.5, 9.1, 10.0), (13.0, "exit_target")),
        ({"trail": 0.1}, (11.0, 12.0, 10.0, 11.0), (10.0, "exit_trail")),
        ({"stop": 0.1, "target": 0.2}, (10.0, 12.5, 8.5, 10.0), (9.0, "exit_stop")),
    ],
)
def test_an_exit(exits: dict[str, float], bar: tuple[float, ...], exit_: tuple[float, str] | None) -> None:
    found = fills(held(bars(FLAT, FLAT, bar), exits=exits))
    assert found[0] == (1, 100.0, 10.0, "target")
    assert found[1:] == ([] if exit_ is None else [(2, -100.0, *exit_)])


def test_what_an_exit_took_out_stays_out_and_pays_like_any_trade() -> None:
    costs = {"commission_bps": 10.0, "half_spread_bps": 100.0}
    result = held(bars(FLAT, FLAT, (10.0, 12.5, 10.0, 10.0), FLAT), 0.5, exits={"target": 0.2}, costs=costs)
    entry, exit_ = result.fills
    assert entry["spread"] > 0.0
    assert exit_["spread"] == 0.0  # a target rests in the book
    assert exit_["commission"] == pytest.approx(0.001 * abs(exit_["quantity"]) * 12.0)
    assert result.positions()[-1].tolist() == [0.0]


@pytest.mark.parametrize(
    ("carry", "parts", "lapsed"),
    [
        (0, [30.0], ("CAPPED", 70.0)),
        (2, [30.0, 30.0], ("CAPPED", 40.0)),
        ("gtc", [30.0] * 3, ("UNFILLED_AT_END", 10.0)),
    ],
)
def test_a_cap_on_volume(carry: int | str, parts: list[float], lapsed: tuple[str, float]) -> None:
    result = held(bars(*[FLAT] * 4, volume=300.0), execution={"participation": 0.1, "carry": carry})
    assert result.fills["quantity"].tolist() == parts
    last = result.events[-1]
    assert (EventKind(last["kind"]).name, last["value"]) == lapsed


def test_a_smallest_order() -> None:
    assert len(held(bars(FLAT, FLAT), 0.1, execution={"min_order": 100.0}).fills) == 1
    result = held(bars(FLAT, FLAT), 0.1, execution={"min_order": 100.1})
    assert len(result.fills) == 0
    assert EventKind(result.events["kind"][0]) is EventKind.BELOW_MINIMUM


def test_terms_play_the_bar_whole_only_where_something_asks_for_it() -> None:
    on, quiet = bars(FLAT, FLAT, volume=10.0), silent_watch(2)
    plain = make_terms(on, 0, Costs(), Execution(intrabar="optimistic"), quiet).rule[0]
    assert (plain["whole"], plain["opens"], plain["ranges"]) == (0, 1, 1)
    assert plain["intrabar"] == Intrabar.OPTIMISTIC
    asks: list[dict[str, Any]] = [{"carry": 1}, {"carry": "gtc"}, {"participation": 0.5}, {"min_order": 1.0}]
    for asked in asks:
        assert make_terms(on, 0, Costs(), Execution(**asked), quiet).rule["whole"][0] == 1
    terms = make_terms(on, 0, Costs(), Execution(), quiet, exits=Exits(stop=0.1))
    assert (terms.rule["whole"][0], terms.rule["exits"][0]) == (1, 1)
    np.testing.assert_array_equal(terms.exits, [[0.1], [np.nan], [np.nan]])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"exits": {"stop": 0.1}}, "no opens, highs and lows to see exits in"),
        ({"execution": {"fill": "next_close", "participation": 0.1}}, "no volume to take a part of"),
        ({"exits": {"stop": 1.5}}, "exits.stop"),
        ({"exits": {"stopp": 0.1}}, "did you mean 'stop'"),
        ({"execution": {"carry": -1}}, "execution.carry"),
        ({"execution": {"participation": 0.0}}, "execution.participation"),
    ],
)
def test_what_cannot_be_had_is_told(options: dict[str, Any], said: str) -> None:
    closes = make_market(close=np.full((3, 1), 10.0), symbols=["A"], price_kind="raw")
    with pytest.raises(ConfigError, match="(?s)" + said.replace(".", r"\.")):
        held(closes, **{"execution": {"fill": "next_close"}, **options})


def test_volume_of_adjusted_prices_is_no_volume() -> None:
    fields = {name: np.full((3, 1), 10.0) for name in ("open", "high", "low", "close", "volume")}
    on = make_market(symbols=["A"], price_kind="total_return", **fields)
    with pytest.raises(ConfigError, match="never traded"):
        held(on, execution={"participation": 0.5})
    assert len(held(on, execution={"participation": 0.5, "allow_adjusted_units": True}).fills) == 1
