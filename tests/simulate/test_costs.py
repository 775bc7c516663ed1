"""Costs from what a person writes to what a run was charged: fill by fill what `Costs.fill_cost` says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made import Place, made_market

import backtest
from backtest.costs import Costs
from backtest.costs.tables import conditions
from backtest.errors import DataError
from backtest.market.market import Market, Series
from backtest.market.prepare import prepared
from backtest.market.save import save
from backtest.simulate.result import Result

COSTS: dict[str, Any] = {
    "commission_bps": 5,
    "commission_tiers": [{"from_money": 9_000, "bps": 2}],
    "commission_minimum": 0.01,
    "half_spread": {"series": "spreads", "times": 0.5},
    "slippage_bps": 1,
    "impact_coefficient": 0.8,
    "impact_volatility_bars": 8,
    "impact_volume_bars": 5,
    "impact_eta": 1e-5,
    "impact_gamma": 2e-5,
}
OWN = {"source": "own"}


def with_spreads(seed: int = 0, known_from: int = 0) -> Market:
    """Raw prices with volume, and spreads in bps known from a row on."""
    market = made_market(seed=seed, volume=np.random.default_rng(seed).uniform(1e3, 1e5, (120, 4)), price_kind="raw")
    rng = np.random.default_rng(seed + 1)
    times = np.repeat(market.start[known_from:, 0], 4)
    asset = np.tile(np.arange(4), 120 - known_from)
    spreads = Series("spreads", times, times, asset, rng.uniform(2.0, 30.0, len(asset)))
    return replace(prepared(replace(market, series={"spreads": spreads})), name="own")


def charged(costs: Costs, result: Result) -> None:
    """Hold every fill of a result to the plain formula, the tiers by a loop over fills."""
    assert len(result.fills) > 10
    months = result.market.session.astype("datetime64[D]").astype("datetime64[M]")
    for fill in result.fills:
        row, asset = int(fill["row"]), int(fill["asset"])
        before = result.fills[(result.fills["row"] < row) & (months[result.fills["row"]] == months[row])]
        traded = float(np.abs(before["quantity"] * before["price"]).sum())
        when = conditions(costs, result.market, row, asset)._replace(month_traded=traded)
        charge = costs.fill_cost(float(fill["quantity"]), float(fill["price"]), when)
        for kind, money in charge._asdict().items():
            assert fill[kind] == pytest.approx(money, rel=1e-12), (row, asset, kind)


def test_every_fill_is_charged_what_the_formula_says(place: Place) -> None:
    save(with_spreads(), place.root / "data")
    settings = place.config(market=OWN, costs=COSTS, rebalance={"any": [{"calendar": "week"}, {"drift": 0.02}]})
    run = backtest.run(settings, workspace=place.root)
    charged(run.config.costs, run.result)
    rates = run.result.fills["commission"] / abs(run.result.fills["quantity"] * run.result.fills["price"])
    assert {5e-4, 2e-4} <= set(rates.round(12)), "both tiers"
    parts = backtest.metrics.attribution(run.result).set_index(["level", "name"])["profit"]
    assert parts["cost", "impact"] == pytest.approx(-run.result.fills["impact"].sum())
    assert parts["asset"].sum() + parts["cost"].sum() == pytest.approx(run.result.equity[-1] - run.result.capital)
    bridge = pd.read_parquet(run.folder / "bridge.parquet").set_index("step")
    assert bridge.loc["impact"].notna().all()
    said = "Trades pay impact, but move no later prices, and always find the volume they need."
    assert said in run.manifest["assumptions"]
    for kind in ("commission", "spread", "slippage", "impact"):
        assert run[f"cost_{kind}"] == pytest.approx(run.result.fills[kind].sum())
        assert run[f"cost_{kind}"] > 0.0


def test_weights_reached_are_those_asked_for() -> None:
    """Sized at the fill, where nothing moves between the two: equity is split as asked, after all that it cost."""
    market, costs = with_spreads(), Costs(**COSTS)
    result = backtest.simulate(
        market, (np.array([20, 50]), np.full((2, 4), 0.25)), costs=costs, execution={"fill": "same_close"}
    )
    charged_rows = np.flatnonzero(np.isin(np.arange(120), [20, 50]))
    held = result.positions()[charged_rows] * market.close[charged_rows]
    np.testing.assert_allclose(held, np.repeat(result.equity[charged_rows, None] * 0.25, 4, axis=1), rtol=1e-9)
    assert (result.decisions["scale"] == 1.0).all()


def test_the_first_decision_waits_for_full_windows(place: Place) -> None:
    save(with_spreads(), place.root / "data")
    run = backtest.run(place.config(market=OWN, costs=COSTS, rebalance="never"), workspace=place.root)
    assert run.result.decisions["row"].tolist() == [9]  # 8 returns before it need the rows 0 to 8
    assert any("10 bars of history" in warning for warning in run.warnings)


def test_a_trade_before_its_spread_is_known_is_one_error_and_leaves_nothing(place: Place) -> None:
    save(with_spreads(known_from=20), place.root / "data")
    with pytest.raises(DataError) as caught:
        backtest.run(place.config(market=OWN, costs=COSTS), workspace=place.root)
    said = "AAA is traded on 2020-01-10, and its half spread is not known before it (costs.half_spread)"
    assert str(caught.value) == f"market 'own': {said}"
    assert place.runs() == []


def test_an_asset_that_is_too_young_for_its_impact_is_one_error(make: Any) -> None:
    young = made_market(volume=np.full((120, 4), 1e4), price_kind="raw")
    close, volume = young.close.copy(), np.full((120, 4), 1e4)
    close[:30, 2] = volume[:30, 2] = np.nan
    late = make(close=close, volume=volume, price_kind="raw")
    costs = {"impact_coefficient": 1.0, "impact_volatility_bars": 10, "impact_volume_bars": 4}
    with pytest.raises(DataError, match="CCC is traded on 2020-02-04, and it has not half of the returns and volumes"):
        backtest.simulate(late, ([34], [[0.25] * 4]), costs=costs, execution={"fill": "same_close"})
    backtest.simulate(late, ([36], [[0.25] * 4]), costs=costs, execution={"fill": "same_close"})


def test_twice_the_costs_are_twice_each_of_them() -> None:
    costs = Costs(**COSTS)
    market = with_spreads()
    plan = (np.arange(20, 100, 5), np.random.default_rng(2).dirichlet(np.ones(4), 16))
    for factor in (0.5, 3.0):
        result = backtest.simulate(market, plan, costs=costs.times(factor), execution={"fill": "next_close"})
        charged(costs.times(factor), result)


def test_a_peek_is_not_possible_through_costs() -> None:
    """Prices, volumes and spreads of a row or after it change nothing of what was paid up to it."""
    market, row = with_spreads(), 60
    late = np.arange(120)[:, None] > row
    spreads = market.series["spreads"]
    wild = replace(spreads, value=np.where(spreads.known_at <= market.end[row, 0], spreads.value, 999.0))
    other = replace(
        market,
        close=np.where(late, market.close * 2.0, market.close),
        volume=np.where(late, 1.0, market.volume),
        series={"spreads": wild},
    )
    plan = (np.arange(20, 60, 7), np.random.default_rng(2).dirichlet(np.ones(4), 6))
    at_close = {"fill": "next_close"}
    one, two = (backtest.simulate(each, plan, costs=COSTS, execution=at_close) for each in (market, other))
    assert one.fills.tobytes() == two.fills.tobytes()


@pytest.mark.parametrize("horizon", [None, 21])
def test_a_series_that_never_changes_is_the_number(place: Place, horizon: int | None) -> None:
    """Charged, and weighed by an optimiser; with the probe, which decides again on markets that end early."""
    made = with_spreads()
    flat = replace(made.series["spreads"], value=np.full(len(made.series["spreads"].value), 8.0))
    save(replace(made, series={"spreads": flat}), place.root / "data")
    method = {"method": "min_variance", "lookback": 30, "cost_horizon": horizon}
    spreads = {"half_spread_bps": 4.0}, {"half_spread": {"series": "spreads", "times": 0.5}}
    number, series = (
        backtest.run(place.config(market=OWN, allocation=method, costs=costs), workspace=place.root).result
        for costs in spreads
    )
    assert len(number.fills) == len(series.fills) > 4
    for column in ("quantity", "commission", "spread"):
        np.testing.assert_allclose(series.fills[column], number.fills[column], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(series.equity, number.equity, rtol=1e-12)
