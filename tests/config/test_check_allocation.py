"""What an allocation wants and cannot have, found before the first decision."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made import made_market

from backtest.config import check_against, load_with_places, warn_against
from backtest.market.market import Market
from backtest.market.series import Series

Told = Callable[..., tuple[list[str], list[str]]]
CAPS = (
    "market caps are needed, and 'made' has no series 'market_cap'; allowed: a table by symbol, which looks ahead; "
    "equal_weight for a market; a store with that series"
)


@pytest.fixture
def told(root: Path, write: Callable[..., Path]) -> Told:
    """Return the problems and the warnings of some YAML on a market, without the folder."""

    def texts(text: str, market: Market | None = None) -> tuple[list[str], list[str]]:
        path = write(f"name: a\nmarket: {{source: made}}\nexecution: {{fill: next_close}}\n{text}")
        config, tree = load_with_places(path, root)
        given = replace(market or made_market(), name="made")
        found = (check_against(config, given, 1, tree), warn_against(config, given, 1, tree))
        errors, warnings = ([str(problem).replace(f"{path}:", "") for problem in each] for each in found)
        return errors, warnings

    return texts


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("allocation: {method: market_cap}\n", "4: $.allocation"),
        ("allocation: {method: black_litterman}\n", "4: $.allocation.market"),
        ("allocation: {method: max_sharpe, mean: equilibrium}\n", "4: $.allocation.mean.market"),
        ("allocation: {method: benchmark_relative, benchmark: market_cap}\n", "4: $.allocation.benchmark"),
        ("allocation: {method: mixed, of: [equal_weight, market_cap]}\n", "4: $.allocation.of[1]"),
        ("benchmark: {allocation: {method: market_cap}}\n", "4: $.benchmark.allocation"),
        ("constraints: {beta: {max: 1, benchmark: market_cap}}\n", "4: $.constraints.beta.benchmark"),
    ],
)
def test_market_caps_that_nobody_knows(told: Told, text: str, place: str) -> None:
    assert told(text)[0] == [f"{place}: {CAPS}"]
    known = np.zeros(4, np.int64)
    series = Series("market_cap", known, known, np.arange(4), np.array([4.0, 3.0, 2.0, 1.0]))
    assert told(text, replace(made_market(), series={"market_cap": series}))[0] == []


@pytest.mark.parametrize(
    "text",
    [
        "allocation: {method: market_cap, caps: {AAA: 1}}\n",
        "allocation: {method: black_litterman, market: equal_weight}\n",
        "allocation: {method: black_litterman, market: {AAA: 1}}\n",
        "allocation: {method: max_sharpe, mean: capm}\n",
    ],
)
def test_who_needs_no_market_caps(told: Told, text: str) -> None:
    assert told(text) == ([], [])


@pytest.mark.parametrize(
    "text",
    [
        "allocation: {method: market_cap, fallback: [equal_weight]}\n",
        "allocation: {method: equal_weight, fallback: [market_cap]}\n",
        "strategy: buy_and_hold\nallocation: {method: market_cap}\n",
    ],
)
def test_where_a_run_can_do_without_it_is_a_warning(told: Told, root: Path, text: str) -> None:
    (root / "strategies" / "buy_and_hold.py").write_text(
        "from backtest import Strategy\n\n\nclass Hold(Strategy):\n    def decide(self, ctx):\n        return None\n"
    )
    errors, warnings = told(text)
    assert errors == []
    assert [line.split(": ", 2)[2] for line in warnings] == [CAPS]


def test_skfolio_that_is_not_there(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        if name.startswith("skfolio"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return import_module(name)

    monkeypatch.setattr(sys.modules["backtest.allocate.methods.skfolio"], "import_module", absent)
    text = "allocation: {method: equal_weight, fallback: [{method: skfolio, estimator: MeanRisk}]}\n"
    assert told(text)[0] == [
        "4: $.allocation.fallback[0]: the method skfolio needs the package skfolio, which is not installed: "
        "pip install skfolio"
    ]


def test_names_of_skfolio_are_looked_up(told: Told) -> None:
    pytest.importorskip("skfolio")
    (problem,) = told("allocation: {method: skfolio, estimator: MeanRisc}\n")[0]
    assert "unknown estimator 'MeanRisc'" in problem
    assert told("allocation: {method: skfolio, estimator: MeanRisk, params: {l2_coef: 0.1}}\n")[0] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "constraints: {max_weight: 0.2}\n",
            "4: $.constraints: no weights obey all of these at once: max_weight 0.2 of 4 symbols; net of at least 1. "
            "Smallest change that works: raise max_weight from 0.2 to 0.25",
        ),
        (
            "constraints: {max_weight: {AAA: 0.1, default: 0.2}, cash_reserve: 0.25}\n",
            "4: $.constraints: no weights obey",
        ),
        ("constraints: {groups: {sector: {Tech: {max: 0.3}, Oil: {max: 0.3}}}}\n", "4: $.constraints: no weights obey"),
        ("benchmark: {constraints: {max_weight: 0.2}}\n", "4: $.benchmark.constraints: no weights obey"),
        (
            "allocation: {method: equal_weight, fallback: [hrp]}\nconstraints: {max_weight: 0.2}\n",
            "5: $.constraints: no weights obey",
        ),
    ],
)
def test_no_room_for_the_weights(told: Told, text: str, said: str) -> None:
    table = pd.DataFrame({"sector": ["Tech", "Tech", "Oil", "Oil"]}, index=["AAA", "BBB", "CCC", "DDD"])
    (problem,) = told(text, replace(made_market(), properties=table))[0]
    assert problem.startswith(said)


@pytest.mark.parametrize(
    "text",
    [
        "constraints: {max_weight: 0.25}\n",
        "constraints: {max_weight: 0.2, cash_reserve: 0.2}\n",
        "constraints: {max_weight: 0.2, net: [0, 1]}\n",
        "allocation: {method: kelly, mean: zero}\nconstraints: {max_weight: 0.2}\n",  # may hold cash
        "allocation: {method: fixed, weights: {AAA: 0.1}}\nconstraints: {max_weight: 0.2}\n",
        "constraints: {min_weight: 0.4, turnover: 0.1}\n",  # of two symbols there may be room; that is the decision's
        "constraints: {max_positions: 2, max_weight: 0.5, max_volatility: 0.01}\n",
    ],
)
def test_where_there_may_be_room_nothing_is_said(told: Told, text: str) -> None:
    assert told(text) == ([], [])


def test_without_room_a_run_may_hold_what_it_has(told: Told) -> None:
    errors, warnings = told("allocation: {method: hrp, fallback: [hold]}\nconstraints: {max_weight: 0.2}\n")
    assert (errors, len(warnings)) == ([], 1)
    assert warnings[0].startswith("5: $.constraints: no weights obey")


def test_a_strategy_that_may_not_ask_is_warned(told: Told, root: Path) -> None:
    (root / "strategies" / "own.py").write_text(
        "from backtest import Strategy\n\n\nclass Own(Strategy):\n    def decide(self, ctx):\n        return None\n"
    )
    errors, warnings = told("strategy: own\nconstraints: {max_weight: 0.2}\n")
    assert (errors, len(warnings)) == ([], 1)
    assert "no weights obey all of these" in warnings[0]
