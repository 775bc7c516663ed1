"""What charts show is what the artefacts say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtest import metrics, stats
from backtest.report.charts.waterfall import stretches
from backtest.report.content.alike import alike
from backtest.report.content.bridge import bridge
from backtest.report.content.distribution import distribution
from backtest.report.content.drift import bands, drift
from backtest.report.content.falls import falls
from backtest.report.content.risk import risk
from backtest.report.content.rolling import rolling
from backtest.report.content.sessions import sessions
from backtest.report.content.trips import trips
from backtest.report.content.years import years
from backtest.report.fifths import Fifths
from backtest.report.holdings import UNGROUPED, Stack, spread_words, stack_of
from backtest.report.numbers import RunNumbers, read_run
from backtest.run import Run

from .runs import worth


def test_rolling_measures_are_those_of_the_metrics(plain: RunNumbers) -> None:
    found = rolling(plain)
    assert found is not None
    assert found.span == "12 months"
    index = pd.to_datetime(plain.times, utc=True)
    own = pd.Series(stats.returns_from_equity(plain.equity, plain.capital), index)
    assert plain.benchmark is not None
    other = pd.Series(stats.returns_from_equity(plain.benchmark, plain.capital), index)
    per_year = plain.value("periods_per_year")
    table = metrics.rolling(own, found.window, other, periods_per_year=per_year).iloc[found.window - 1 :]
    for shown, column in ((found.sharpe, "sharpe"), (found.volatility, "volatility"), (found.beta, "beta")):
        np.testing.assert_allclose(shown, table[column], rtol=1e-9)
    np.testing.assert_array_equal(found.times, plain.times[found.window - 1 :])


def test_too_short_a_record_has_no_rolling_measures(folders: dict[str, Path]) -> None:
    assert rolling(read_run(folders["one_bar"])) is None


def test_hourly_bars_are_measured_from_day_to_day(folders: dict[str, Path]) -> None:
    run = read_run(folders["hourly"])
    days = sessions(run)
    assert 240 < days.times.size < 260
    assert days.per_year == pytest.approx(365.25, rel=0.01)
    assert np.prod(1.0 + days.returns) == pytest.approx(run.equity[-1] / run.capital)
    found = rolling(run)
    assert found is not None
    assert found.span == "1 month"


def test_a_ruin_ends_what_moves_along_the_record(folders: dict[str, Path]) -> None:
    run = read_run(folders["bankrupt"])
    assert sessions(run).times.size == run.alive == 481
    strayed = drift(run)
    assert np.isfinite(strayed.drift[1:480]).all()
    assert np.isnan(strayed.drift[480:]).all()


def test_drift_is_what_the_trigger_saw(real: Run) -> None:
    run = read_run(real.folder)
    found = drift(run)
    assert found.bands == (0.01,)
    seen = np.isfinite(real.result.drift)
    assert np.count_nonzero(seen) > 500
    np.testing.assert_allclose(found.drift[seen], real.result.drift[seen], atol=1e-12)
    assert len(found.causes) == found.rebalances.size == len(run.decisions)
    assert {"calendar month first", "drift 1 %"} <= set(found.kinds)


def test_a_new_name_is_no_drift(plain: RunNumbers) -> None:
    at = plain.weight_times.size // 2
    old = int(plain.weights[at].argmax())
    weights = np.column_stack((plain.weights, plain.weights[:, old]))
    weights[at:, old] = weights[:at, -1] = 0.0
    stamp = pd.to_datetime(plain.weight_times[at : at + 1], utc=True)
    event = pd.DataFrame({"kind": ["rename"], "time": stamp, "symbol": [plain.symbols[old]], "reason": ["NEW"]})
    renamed = replace(plain, weights=weights, symbols=(*plain.symbols, "NEW"), events=event)
    np.testing.assert_allclose(drift(renamed).drift, drift(plain).drift, atol=1e-15)
    unknown = replace(renamed, events=event[:0])
    assert drift(unknown).largest > drift(plain).largest


def test_bands_are_found_in_any_form_of_the_rule() -> None:
    assert bands({"rebalance": {"any": [{"drift": 0.05}, {"calendar": "month"}, {"drift": 0.1}]}}) == [0.05, 0.1]
    assert bands({"rebalance": {"any": []}}) == bands({}) == bands({"rebalance": "never"}) == []


def test_falls_are_the_deepest_of_all(plain: RunNumbers) -> None:
    found = falls(plain, 3)
    all_of_them = stats.drawdowns(plain.path)
    assert found.total == len(all_of_them)
    assert [fall.depth for fall in found.deepest] == sorted(fall.depth for fall in all_of_them)[:3]
    deepest = found.deepest[0]
    assert deepest.depth == plain.value("max_drawdown")
    assert deepest.peak <= deepest.valley
    assert deepest.under >= deepest.falling > 0.0


def test_years_compound_to_the_whole(plain: RunNumbers) -> None:
    found = years(plain)
    assert np.prod(1.0 + found.own) == pytest.approx(plain.equity[-1] / plain.capital)
    assert found.benchmark is not None
    assert plain.benchmark is not None
    assert np.prod(1.0 + found.benchmark) == pytest.approx(plain.benchmark[-1] / plain.capital)


def test_a_histogram_counts_every_return_once(plain: RunNumbers) -> None:
    found = distribution(plain)
    assert found is not None
    returns = stats.returns_from_equity(plain.equity, plain.capital)
    assert found.counts.sum() == returns.size
    inner = (returns >= found.edges[3]) & (returns < found.edges[4])
    assert found.counts[3] == np.count_nonzero(inner)
    assert found.counts[0] >= found.below == np.count_nonzero(returns < found.edges[0])
    assert (found.value_at_risk, found.shortfall) == (plain.value("var_95"), plain.value("es_95"))
    assert np.abs(found.edges).min() == 0.0
    assert found.edges.size <= 70


def test_a_histogram_of_nearly_equal_returns_has_few_bins(plain: RunNumbers) -> None:
    steady = plain.capital * np.cumprod(np.full(plain.equity.size, 1.001) + 1e-7 * (np.arange(plain.equity.size) % 5))
    found = distribution(worth(plain, steady))
    assert found is not None
    assert found.counts.sum() == plain.equity.size
    assert found.edges.size < 70


def test_cash_has_no_distribution(folders: dict[str, Path]) -> None:
    assert distribution(read_run(folders["no_trades"])) is None


def test_a_waterfall_begins_where_it_ended_and_closes_at_its_sum() -> None:
    np.testing.assert_allclose(stretches(np.array([3.0, -1.0, 2.0])), [[0.0, 3.0], [3.0, 2.0], [0.0, 2.0]])
    assert stretches(np.empty(0)).shape == (0, 2)


def test_the_bridge_leads_from_gross_to_net(plain: RunNumbers) -> None:
    found = bridge(plain)
    assert found is not None
    assert found.annual
    assert found.names == ["Before costs", "Commission", "Spread", "Slippage", "Net of costs"]
    assert found.values[:-1].sum() == pytest.approx(found.values[-1])
    assert found.values[-1] == pytest.approx(plain.value("annual_return"), rel=1e-9)
    assert found.profit[-1] == pytest.approx(plain.equity[-1] - plain.capital)


def test_no_bridge_from_a_ruin_and_from_older_folders(folders: dict[str, Path], plain: RunNumbers) -> None:
    assert bridge(read_run(folders["bankrupt"])) is None
    assert bridge(replace(plain, bridge=None)) is None


def test_shares_of_risk_add_up_to_one(plain: RunNumbers, folders: dict[str, Path]) -> None:
    found, many = risk(plain), risk(read_run(folders["many"]))
    assert found is not None
    assert many is not None
    assert found.shares.sum() == pytest.approx(1.0)
    assert not found.others
    assert list(found.shares) == sorted(found.shares, reverse=True)
    assert len(many.names) == 20
    assert many.others
    assert many.names[-1] == "481 others"
    assert many.shares.sum() == pytest.approx(1.0)
    assert risk(replace(plain, assets=None)) is None


def test_correlations_are_those_of_the_file(folders: dict[str, Path], plain: RunNumbers) -> None:
    found = alike(plain)
    assert found is not None
    assert plain.correlation is not None
    np.testing.assert_array_equal(found.matrix, plain.correlation[found.names].to_numpy())
    many = alike(read_run(folders["many"]))
    assert many is not None
    assert (len(many.names), many.left_out) == (40, 20)
    np.testing.assert_allclose(many.matrix, many.matrix.T)
    assert alike(read_run(folders["one_asset"])) is None


def test_trades_that_mattered_most_are_kept(plain: RunNumbers) -> None:
    found = trips(plain)
    assert found is not None
    assert plain.trades is not None
    assert found.total == len(found.symbols) == len(plain.trades)
    many = pd.concat([plain.trades.assign(profit=float(k)) for k in range(150)], ignore_index=True)
    cut = trips(replace(plain, trades=many))
    assert cut is not None
    assert (len(cut.symbols), cut.total) == (2_000, 3_000)
    assert trips(replace(plain, trades=None)) is None


def test_more_than_twenty_assets_stack_by_sector(folders: dict[str, Path]) -> None:
    run = read_run(folders["many"])
    rows = np.arange(0, run.weight_times.size, 100)
    found = stack_of([run])
    assert found.sectors
    assert len(found.names) == 5
    np.testing.assert_allclose(found.weights(run, rows).sum(axis=1), run.weights[rows].sum(axis=1))
    assert run.assets is not None
    first = replace(run, assets=run.assets.assign(group=["Energy"] + [None] * 499))
    assert set(stack_of([first]).names) == {"Energy", UNGROUPED}


def test_the_largest_are_named_where_they_are_most_of_it(folders: dict[str, Path]) -> None:
    many = replace(read_run(folders["many"]), assets=None)
    rows = np.arange(0, many.weight_times.size, 100)
    run = replace(many, weights=many.weights * np.where(np.arange(500) < 25, 100.0, 1.0) / 20.0)
    alone = stack_of([run])
    assert isinstance(alone, Stack)
    assert not alone.sectors
    assert (len(alone.names), len(alone.rest), alone.labels[-1]) == (19, 481, "Others (481)")
    np.testing.assert_allclose(alone.weights(run, rows).sum(axis=1), run.weights[rows].sum(axis=1))


def test_many_alike_stand_in_groups_by_size(folders: dict[str, Path]) -> None:
    many = replace(read_run(folders["many"]), assets=None)
    rows = np.arange(0, many.weight_times.size, 100)
    found = stack_of([many])
    assert isinstance(found, Fifths)
    assert found.labels == ["Largest fifth", "2nd fifth", "3rd fifth", "4th fifth", "Smallest fifth"]
    np.testing.assert_allclose(found.weights(many, rows).sum(axis=1), many.weights[rows].sum(axis=1), rtol=1e-12)
    even = replace(many, weights=np.tile(0.98 / 500, (many.weight_times.size, 500)))
    np.testing.assert_allclose(found.weights(even, rows), 0.98 / 5)
    assert spread_words(even) == "500 assets, on average as concentrated as 500 equal holdings."
    few = np.zeros_like(many.weights)
    few[:, [3, 5, 7]] = 0.5, 0.3, 0.1
    np.testing.assert_allclose(found.weights(replace(many, weights=few), rows)[0], [0.5, 0.3, 0.0, 0.1, 0.0])
    assert spread_words(replace(many, weights=few)) == ""  # each is named


def test_shorts_are_grouped_apart(folders: dict[str, Path]) -> None:
    many = replace(read_run(folders["many"]), assets=None)
    both = replace(many, weights=many.weights * np.where(np.arange(500) % 2, -1.0, 1.0))
    rows = np.arange(22, many.weight_times.size, 100)
    found = stack_of([both])
    assert isinstance(found, Fifths)
    assert (len(found.labels), found.labels[5]) == (10, "Largest fifth of shorts")
    columns = found.weights(both, rows)
    assert (columns[:, :5] >= 0.0).all()
    assert (columns[:, 5:] < 0.0).all()
    assert (np.diff(columns[:, 5:], axis=1) > 0.0).all()  # the largest first
    np.testing.assert_allclose(columns[:, 5:].sum(axis=1), both.weights[rows, 1::2].sum(axis=1), rtol=1e-12)


def test_twenty_assets_are_all_named(plain: RunNumbers) -> None:
    found = stack_of([plain])
    assert (len(found.names), found.rest, found.sectors) == (20, [], {})
    column = found.names.index("KO")
    np.testing.assert_array_equal(
        found.weights(plain, np.arange(10))[:, column], plain.weights[:10, plain.symbols.index("KO")]
    )


def test_several_runs_are_stacked_by_the_same_names(plain: RunNumbers) -> None:
    named = replace(plain, assets=None)
    other = replace(named, symbols=("KO", "GOLD"), weights=np.tile([0.25, 0.75], (plain.weight_times.size, 1)))
    found = stack_of([other, named])
    assert found.names[0] == "GOLD"
    assert (len(found.names), len(found.rest)) == (19, 2)
    weights = dict(zip(found.labels, found.weights(other, np.arange(3)).T, strict=True))
    assert (weights.pop("GOLD") == 0.75).all()
    assert (weights.pop("KO") == 0.25).all()
    assert not np.array(list(weights.values())).any()
