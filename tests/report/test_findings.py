"""Each rule: when it must speak, and when it must not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest.report.content.plan import benchmark_words, strategy_words
from backtest.report.findings import Finding, doubtful, outcomes
from backtest.report.findings.outcome import BESIDES
from backtest.report.numbers import RunNumbers, read_run
from backtest.report.page import _facts
from backtest.types import FillReason, OrderKind

from .runs import worth


@pytest.fixture(scope="module")
def sound(plain: RunNumbers) -> RunNumbers:
    """A run that nothing is wrong with: a universe file, every kind of cost, a Sharpe ratio far above luck."""
    run = setting(plain, "config", "market", symbols={"file": "universe.csv"})
    run = measured(run, sharpe=1.4, deflated_sharpe=0.99, trials=12)
    return replace(unsure(run, "information_ratio", 0.1, 0.9), fills=run.fills.assign(impact=0.5))


def unsure(run: RunNumbers, key: str, low: float, high: float) -> RunNumbers:
    """Give a metric an interval."""
    interval = {"error": 0.1, "low": low, "high": high, "level": 0.95, "convention": "95%: bootstrap"}
    return replace(run, metrics={**run.metrics, key: {**run.metrics[key], "interval": interval}})


def setting(run: RunNumbers, tree: str, section: str, **values: Any) -> RunNumbers:
    whole = dict(getattr(run, tree))
    whole[section] = {**(whole.get(section) or {}), **values}
    return replace(run, **{tree: whole})


def measured(run: RunNumbers, **values: Any) -> RunNumbers:
    changed = {key: {**run.metrics[key], "value": value} for key, value in values.items()}
    return replace(run, metrics={**run.metrics, **changed})


def happened(run: RunNumbers, *rows: tuple[str, str | None, float]) -> RunNumbers:
    time = pd.Timestamp("2020-03-04 21:00", tz="UTC")
    events = [{"time": time, "kind": kind, "symbol": name, "value": value, "text": ""} for kind, name, value in rows]
    return replace(run, events=pd.DataFrame(events))


def found(findings: list[Finding]) -> dict[str, str]:
    return {finding.key: f"{finding.title}. {finding.text}" for finding in findings}


def test_a_sound_run_raises_no_doubt(sound: RunNumbers) -> None:
    assert doubtful(sound) == []
    assert list(found(outcomes(sound))) == ["earned", "hurt", "driven", "paid"]


def test_what_was_earned_says_capital_end_pace_and_benchmark(plain: RunNumbers) -> None:
    run = measured(plain, total_return=0.5, annual_return=0.043, active_return=0.011)
    text = found(outcomes(run))["earned"]
    assert text.startswith("Earned 50.0%. 1,000,000 became ")
    assert "+4.3% a year" in text
    assert "1.1 points a year more than the benchmark" in text
    assert "1.1 points a year less than" in found(outcomes(measured(run, active_return=-0.011)))["earned"]
    assert "the pace of the benchmark" in found(outcomes(measured(run, active_return=0.0001)))["earned"]
    assert "benchmark" not in found(outcomes(replace(run, benchmark_metrics={})))["earned"]
    assert found(outcomes(measured(run, total_return=-0.25)))["earned"].startswith("Lost 25.0%")
    assert found(outcomes(measured(run, total_return=0.0)))["earned"].startswith("Earned nothing")


def test_how_deep_and_how_long_it_hurt(plain: RunNumbers) -> None:
    back = found(outcomes(measured(plain, max_drawdown_recovery="2021-05-06", longest_drawdown=400.0)))["hurt"]
    assert "it was back by 2021-05-06" in back
    assert "13 months" in back
    assert "had not come back by the end" in found(outcomes(measured(plain, max_drawdown_recovery=None)))["hurt"]
    assert found(outcomes(measured(plain, max_drawdown=0.0)))["hurt"].startswith("Never below a peak")


def test_what_drove_it(plain: RunNumbers) -> None:
    rows = [("asset", "A", 60.0), ("asset", "B", 30.0), ("asset", "C", 5.0), ("asset", "D", 5.0), ("asset", "E", -20.0)]
    table = pd.DataFrame(rows, columns=["level", "name", "profit"]).assign(contribution=lambda t: t["profit"] / 1000.0)
    text = found(outcomes(replace(plain, attribution=table)))["driven"]
    assert text.startswith("Driven by A and B. Most gains came from A (6.0), B (3.0) and C (0.5), 95% of all gains.")
    assert "Losses came from E (−2.0)." in text
    lost = table.assign(profit=[5.0, 1.0, 0.0, -60.0, -20.0], contribution=[0.005, 0.001, 0.0, -0.06, -0.02])
    text = found(outcomes(replace(plain, attribution=lost)))["driven"]
    assert text.startswith("Lost by D and E. Losses came from D (−6.0) and E (−2.0). Most gains came from A (0.5)")
    even = table.assign(profit=10.0, contribution=0.01)
    many = pd.concat([even, even.assign(name=[f"F{k}" for k in range(5)])])
    text = found(outcomes(replace(plain, attribution=many)))["driven"]
    assert "The largest gains came from A (1.0), B (1.0) and C (1.0), 30% of all gains." in text
    assert text.startswith("Earned by many: 10 assets gained.")
    still = table.assign(profit=0.0, contribution=0.0)
    assert "driven" not in found(outcomes(replace(plain, attribution=still)))


def test_rebalances_that_nobody_was_asked_for_are_counted(plain: RunNumbers) -> None:
    """A drift trigger goes back to the last targets: so there may be more rebalances than allocations."""
    assert "nobody was asked" not in found(outcomes(plain))["paid"]
    table = plain.rebalances.copy()
    table.loc[plain.decisions.index[plain.decisions["orders"] > 0][:2], "source"] = "reapply"
    text = found(outcomes(replace(plain, rebalances=table)))["paid"]
    assert text.endswith(" In 2 of the rebalances nobody was asked: they went back to the last targets.")


def test_money_is_told_with_its_currency_and_without_costs_that_nobody_charged(plain: RunNumbers) -> None:
    dollars = replace(plain, manifest={**plain.manifest, "currency": "USD"})
    texts = found(outcomes(dollars))
    assert " USD from " in texts["earned"]
    assert " USD in all" in texts["paid"]
    assert "net of every cost" in texts["earned"]
    free = found(outcomes(measured(plain, total_cost=0.0)))
    assert "no cost charged" in free["earned"]
    assert free["paid"].startswith("Paid no costs.")


def test_cash_is_mentioned_only_when_there_is_much(plain: RunNumbers) -> None:
    assert "idle" not in found(outcomes(plain))
    assert "45% of the account was in cash" in found(outcomes(measured(plain, average_cash=0.45)))["idle"]


@pytest.mark.parametrize(
    ("key", "quiet", "loud"),
    [
        ("short", {"years": 3.0}, {"years": 2.9}),
        ("short", {"years": 3.0}, {"years": None}),
        ("few", {"rebalances": 12}, {"rebalances": 11}),
        ("lucky", {"deflated_sharpe": 0.95}, {"deflated_sharpe": 0.949}),
        ("lucky", {"deflated_sharpe": 0.2, "sharpe": -0.5}, {"deflated_sharpe": 0.2, "sharpe": 0.1}),
        ("lucky", {"deflated_sharpe": None}, {"deflated_sharpe": 0.0}),
        ("lucky", {"sharpe": None, "deflated_sharpe": 0.2}, {"sharpe": 0.3, "deflated_sharpe": 0.2}),
        ("below_cash", {"sharpe": 0.0}, {"sharpe": -0.01}),
        ("below_cash", {"sharpe": None}, {"sharpe": -2.0}),
        ("costless", {"total_cost": 0.01}, {"total_cost": 0.0}),
        ("untraded", {"fills": 1}, {"fills": 0}),
    ],
)
def test_doubts_from_metrics(sound: RunNumbers, key: str, quiet: dict[str, Any], loud: dict[str, Any]) -> None:
    assert key not in found(doubtful(measured(sound, **quiet)))
    assert key in found(doubtful(measured(sound, **loud)))


@pytest.mark.parametrize(
    ("key", "tree", "section", "quiet", "loud"),
    [
        ("adjusted_units", "config", "execution", {"allow_adjusted_units": False}, {"allow_adjusted_units": True}),
        ("same_close", "config", "execution", {"fill": "next_close"}, {"fill": "same_close"}),
        ("unprobed", "manifest", "probe", {"mode": "full"}, {"mode": "off"}),
        ("todays_list", "config", "market", {"symbols": {"file": "u.csv"}}, {"symbols": ["A", "B"]}),
        ("todays_list", "config", "market", {"symbols": {"file": "u.csv"}}, {"symbols": "all"}),
    ],
)
def test_doubts_from_settings(
    sound: RunNumbers, key: str, tree: str, section: str, quiet: dict[str, Any], loud: dict[str, Any]
) -> None:
    assert key not in found(doubtful(setting(sound, tree, section, **quiet)))
    assert key in found(doubtful(setting(sound, tree, section, **loud)))


def test_prices_that_nobody_paid_are_the_first_doubt(sound: RunNumbers) -> None:
    """A universe of invented names has no dead of whom nobody tells."""
    listed = setting(sound, "config", "market", symbols="all")
    assert list(found(doubtful(listed))) == ["todays_list"]
    made = setting(listed, "manifest", "data", name="made_up", source="invented: by dice", invented=True)
    assert found(doubtful(made)) == {
        "invented": "The prices are invented. Nobody ever paid those of made_up (by dice). What is found on them shows "
        "how rules work, and nothing about any market."
    }
    assert "data made_up, total return, invented" in _facts(made)
    assert "invented" not in found(doubtful(setting(sound, "manifest", "data", source="a vendor", invented=False)))


def test_luck_is_told_with_the_number_of_trials(sound: RunNumbers) -> None:
    alone = found(doubtful(measured(sound, deflated_sharpe=0.8, trials=1)))["lucky"]
    assert "above zero has a probability of 80.0%" in alone
    assert "No other trial" in alone
    many = found(doubtful(measured(sound, deflated_sharpe=0.8, trials=1_234)))["lucky"]
    assert "1,234 configurations were tried" in many
    assert "backtest trials" not in many


@pytest.mark.parametrize(("few", "said"), [(1, "1 of these lies so far"), (3, "3 of these lie so far")])
def test_luck_that_a_few_trials_make_is_said_to_be_theirs(sound: RunNumbers, few: int, said: str) -> None:
    run = setting(measured(sound, deflated_sharpe=0.8, trials=60), "manifest", "trial", apart=few)
    assert said in found(doubtful(run))["lucky"]
    assert said not in found(doubtful(measured(run, trials=1)))["lucky"]


def test_a_lead_within_the_noise_is_doubted(sound: RunNumbers) -> None:
    key = "close_to_benchmark"
    assert key in found(doubtful(unsure(sound, "information_ratio", -0.2, 0.9)))
    assert key not in found(doubtful(unsure(sound, "information_ratio", 0.01, 0.9)))
    assert key not in found(doubtful(unsure(sound, "information_ratio", -0.9, -0.1)))
    plainly = {name: value for name, value in sound.metrics["information_ratio"].items() if name != "interval"}
    assert key not in found(doubtful(replace(sound, metrics={**sound.metrics, "information_ratio": plainly})))


def test_a_lag_beyond_the_noise_is_doubted(sound: RunNumbers) -> None:
    key = "behind_benchmark"
    assert "all of it below zero" in found(doubtful(unsure(sound, "information_ratio", -1.2, -0.1)))[key]
    assert key not in found(doubtful(unsure(sound, "information_ratio", -1.2, 0.0)))
    assert key not in found(doubtful(unsure(sound, "information_ratio", 0.1, 0.9)))


def test_a_gain_of_a_few_bars_is_doubted(sound: RunNumbers) -> None:
    flat = np.full(sound.equity.size, sound.capital)
    jumps = flat.copy()
    jumps[100:] *= 1.5
    steady = sound.capital * np.cumprod(np.full(sound.equity.size, 1.0002))
    assert "few_bars" in found(doubtful(worth(sound, jumps)))
    assert "few_bars" not in found(doubtful(worth(sound, steady)))
    assert "few_bars" not in found(doubtful(measured(worth(sound, flat), total_return=0.0)))
    assert "few_bars" not in found(doubtful(worth(sound, jumps[90:300])))  # too few bars to speak of few


def test_a_gain_of_one_asset_is_doubted(sound: RunNumbers) -> None:
    def made(*profits: float) -> RunNumbers:
        rows = [("asset", f"A{k}", profit, profit / 1000.0) for k, profit in enumerate(profits)]
        return replace(sound, attribution=pd.DataFrame(rows, columns=["level", "name", "profit", "contribution"]))

    assert "A0 alone made 60%" in found(doubtful(made(60.0, 20.0, 20.0, -5.0)))["one_asset"]
    assert "one_asset" not in found(doubtful(made(50.0, 30.0, 20.0, -5.0)))
    assert "one_asset" not in found(doubtful(made(90.0, 10.0, -3.0)))  # of three assets one is always large
    assert "one_asset" not in found(doubtful(made(-1.0, -2.0, -3.0, -4.0)))
    lost = measured(made(60.0, 20.0, 20.0, -500.0), total_return=-0.4)
    assert "one_asset" not in found(doubtful(lost))  # it was not the gains that made this record


def test_missing_kinds_of_cost_are_named(sound: RunNumbers) -> None:
    assert "partly_costless" not in found(doubtful(sound))
    two = replace(sound, fills=sound.fills.assign(impact=0.0, slippage=0.0))
    assert "No trade paid for slippage and impact." in found(doubtful(two))["partly_costless"]
    none = measured(two, total_cost=0.0)
    assert "partly_costless" not in found(doubtful(none))
    assert "costless" in found(doubtful(none))


def test_costs_that_eat_the_return(sound: RunNumbers) -> None:
    assert sound.bridge is not None

    def bridged(gross: float, net: float) -> RunNumbers:
        steps = [gross, net - gross, 0.0, 0.0, 0.0, net]
        return replace(sound, bridge=sound.bridge.assign(annual=steps))

    assert "Costs took 25% of the return" in found(doubtful(bridged(0.08, 0.06)))["dear"]
    assert "dear" not in found(doubtful(bridged(0.08, 0.065)))
    assert "dear" not in found(doubtful(bridged(-0.02, -0.05)))
    assert "dear" not in found(doubtful(replace(sound, bridge=None)))


def test_a_universe_in_which_names_died_is_not_todays_list(plain: RunNumbers) -> None:
    assert "todays_list" in found(doubtful(plain))
    dead = plain.fills.assign(reason=["delisting", *plain.fills["reason"].iloc[1:]])
    assert "todays_list" not in found(doubtful(replace(plain, fills=dead)))


@pytest.mark.parametrize(
    "kind",
    ["stale", "halted", "untradable_target", "short_dropped", "cost_exceeds_equity", "unfilled_at_end"],
)
def test_mishaps_are_counted_and_named(sound: RunNumbers, kind: str) -> None:
    text = found(doubtful(happened(sound, (kind, "XOM", 1.0), (kind, "AMD", 1.0), ("dividend", "KO", 3.0))))
    assert list(text) == [kind]
    assert text[kind].endswith("2 times, AMD and XOM.")


def test_small_baskets_that_were_cut_raise_no_doubt(sound: RunNumbers) -> None:
    cut = happened(sound, ("scaled", None, 0.3), ("scaled", None, 0.62))
    told = replace(cut, manifest={**cut.manifest, "cut_baskets": [0.62]})
    assert found(doubtful(told))["scaled"].endswith("scaled down: once, down to 62.0% at worst.")
    assert doubtful(replace(cut, manifest={**cut.manifest, "cut_baskets": []})) == []


def test_cut_baskets_say_how_far(sound: RunNumbers) -> None:
    text = found(doubtful(happened(sound, ("scaled", None, 0.99), ("scaled", None, 0.62))))["scaled"]
    assert text.endswith("2 times, down to 62.0% at worst.")


def test_baskets_cut_less_than_the_run_warns_of_raise_no_doubt(sound: RunNumbers) -> None:
    config = {**sound.config, "execution": {"warn_below": 0.98}}
    cut = happened(sound, ("scaled", None, 0.99))
    assert doubtful(replace(cut, config=config)) == []
    more = happened(sound, ("scaled", None, 0.99), ("scaled", None, 0.97))
    text = found(doubtful(replace(more, config=config)))["scaled"]
    assert text.endswith("its purchases were scaled down by more than 2%: once, down to 97.0% at worst.")


def test_ordinary_events_raise_no_doubt(sound: RunNumbers) -> None:
    assert doubtful(happened(sound, ("split", "A", 2.0), ("dividend", "B", 1.0), ("delisting", "C", 1.0))) == []


def test_ruin_comes_first(folders: dict[str, Path], sound: RunNumbers) -> None:
    assert doubtful(read_run(folders["bankrupt"]))[0].key == "ruined"
    assert "ruined" not in found(doubtful(sound))


def test_what_the_allocator_warned_of(sound: RunNumbers) -> None:
    told: list[Any] = [None] * len(sound.rebalances)
    told[0], told[1] = ["without weight: A", "hrp gave up: no"], ["without weight: A", "one table, which looks ahead"]
    run = replace(sound, rebalances=sound.rebalances.assign(warnings=told))
    findings = [finding for finding in doubtful(run) if finding.key == "allocation"]
    assert [(finding.tone, finding.text) for finding in findings] == [
        ("serious", "One table, which looks ahead. Said once."),
        ("doubt", "Without weight: A. Said 2 times."),
    ]
    told[2] = [f"without weight: {name}" for name in "BCDEF"]
    several = doubtful(replace(sound, rebalances=sound.rebalances.assign(warnings=told)))
    (text,) = [finding.text for finding in several if finding.tone == "doubt"]
    assert text.startswith("Without weight: A. Said 2 times. Without weight: B. Said once. ")
    assert text.endswith("Without weight: D. Said once. 2 more are in rebalances.parquet.")


def test_fallbacks_and_warnings(sound: RunNumbers) -> None:
    counts = {"answers": 120, "fallbacks": 3, "held": 1}
    run = replace(sound, manifest={**sound.manifest, "allocation": counts})
    said = found(doubtful(run))["fallen_back"]
    assert "In 3 of 120 allocations the method gave no answer" in said
    assert said.endswith("In 1 of them everything was left as it was. The log says why.")
    told: list[Any] = [None] * len(run.rebalances)
    told[1], told[2] = ["hrp gave up: no", "b"], ["hrp gave up: never"]
    with_log = replace(run, rebalances=run.rebalances.assign(warnings=told))
    assert found(doubtful(with_log))["fallen_back"].endswith(" The first time: hrp gave up: no.")
    assert "3 fallbacks in 120 allocations" in _facts(run)
    none = replace(sound, manifest={**sound.manifest, "allocation": {**counts, "fallbacks": 0, "held": 0}})
    assert "fallen_back" not in found(doubtful(none))
    assert "no fallbacks in 120 allocations" in _facts(none)
    assert not any("fallback" in fact for fact in _facts(sound))
    warned = replace(sound, manifest={**sound.manifest, "warnings": ["two of 20 symbols start late"]})
    assert [finding.text for finding in doubtful(warned)] == ["two of 20 symbols start late"]


def test_the_page_says_what_was_followed_and_what_it_is_held_against(plain: RunNumbers) -> None:
    facts = _facts(setting(plain, "config", "benchmark", allocation={"method": "equal_weight"}, rebalance={"any": []}))
    assert facts[0] == "hrp, each month and at 5.0% drift"
    assert "benchmark: equal weight, never rebalanced" in facts


@pytest.mark.parametrize(
    ("config", "strategy", "benchmark"),
    [
        ({}, "", ""),
        (
            {"strategy": {"name": "momentum"}, "rebalance": {"any": [{"calendar": "quarter"}]}},
            "momentum, each quarter",
            "",
        ),
        ({"strategy": {"name": "allocate"}, "benchmark": {"symbol": "SPY"}}, "", "SPY"),
        ({"allocation": None, "strategy": None, "rebalance": "never", "benchmark": None}, "never rebalanced", ""),
        ({"rebalance": {"any": [{"calendar": "month"}, {"all": [{"drift": 0.1}]}]}}, "", ""),  # has no plain words
    ],
)
def test_a_configuration_in_a_few_words(config: dict[str, Any], strategy: str, benchmark: str) -> None:
    assert (strategy_words(config), benchmark_words(config)) == (strategy, benchmark)


def test_symbols_that_came_and_went(plain: RunNumbers) -> None:
    assert "moved" not in found(outcomes(plain))
    run = setting(plain, "manifest", "data", moved=3)
    text = found(outcomes(run))["moved"]
    assert text == f"Symbols came and went. 3 of {len(run.symbols)} symbols entered or left the universe on the way."
    left = run.fills.assign(reason=["universe", *run.fills["reason"][1:]], commission=2.5, spread=1.0, slippage=0.0)
    told = found(outcomes(replace(run, fills=left)))
    name = left["symbol"].iloc[0]
    assert f"was sold at the next prices, on 1 occasion ({name}), for 3.50" in told["moved"]
    assert f"led to {run.value('fills') - 1:,.0f} fills" in told["paid"]
    assert "moved" not in found(outcomes(setting(plain, "manifest", "data", moved=0)))


def test_fills_are_told_by_what_led_to_them(plain: RunNumbers) -> None:
    every = [reason.name.lower() for reason in FillReason]
    n = len(plain.fills)
    assert n > len(every)
    assert found(outcomes(plain))["paid"].count(f"led to {n:,} fills.") == 1
    mixed = plain.fills.assign(reason=[*every, *["target"] * (n - len(every))])
    said = found(outcomes(replace(plain, fills=mixed)))["paid"]
    orders = len(OrderKind) - 1  # a cancellation is none
    assert f"led to {n - len(every) + 1:,} fills. {orders} more were of orders that the strategy placed," in said
    told = {words: sum(reason in kinds for reason in every) for words, kinds in BESIDES.items()}
    assert sum(told.values()) == len(every) - 2, "all but targets, and those of symbols that left the universe"
    assert all(f"{number} {words}" in said for words, number in told.items())


@pytest.mark.parametrize(("share", "said"), [(0.996, "more than 99% of"), (1.0, "100% of"), (0.994, "99% of")])
def test_not_all_bars_is_not_called_all(plain: RunNumbers, share: float, said: str) -> None:
    below = {**plain.metrics["time_underwater"], "value": share}
    run = replace(plain, metrics={**plain.metrics, "time_underwater": below})
    assert f"; {said} all bars ended below an earlier peak." in found(outcomes(run))["hurt"]


def test_trades_that_the_market_could_not_have_made(sound: RunNumbers) -> None:
    def taken(largest: float, beyond: int, much: float) -> RunNumbers:
        return replace(
            sound, manifest={**sound.manifest, "volume": {"largest": largest, "beyond": beyond, "much": much}}
        )

    assert "thin" not in found(doubtful(taken(0.9, 0, 0.1)))
    assert "thin" not in found(doubtful(replace(sound, manifest={**sound.manifest, "volume": None})))
    large = found(doubtful(taken(0.9, 0, 0.3)))["thin"]
    assert large.startswith(
        "Trades are large for this market. Trades took up to 90% of the volume of their bar; 30% of"
    )
    beyond = found(doubtful(taken(3.5, 17, 0.28)))["thin"]
    assert beyond.startswith(
        "More than the market traded. Trades took up to 350% of the volume of their bar, and 17 of"
    )
