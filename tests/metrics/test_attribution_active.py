"""The active return taken apart: Brinson's effects of runs and of given weights, factors, and the benchmark."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import backtest
from backtest.errors import InputError
from backtest.market.build import make_market
from backtest.metrics import active_split, brinson, factor_attribution, segments, segments_of
from backtest.metrics.attribution.periods import EVERY, Every
from backtest.simulate.result import Result
from backtest.stats import brinson as effects_of
from backtest.stats.brinson import MODELS, Model
from backtest.stats.linking import LINKINGS, Linking, compound

from .results import Ledger, random_ledger
from .test_attribution import ruined, sectored

GOLDEN = Path(__file__).parents[1] / "golden" / "stats_attribution.json"
LINES = ["timing", "cost", "total"]
SECTORS = pd.DataFrame({"sector": ["Tech", "Tech", "Oil", "Oil", "Food"]}, index=list("ABCDE"))


def traded(seed: int, fill: str = "next_open") -> Result:
    """A real run that trades at random targets, long and short of full investment, with costs."""
    rng = np.random.default_rng(9)  # the market; targets go by the seed
    close = 50.0 * np.cumprod(1.0 + rng.normal(0.0005, 0.02, (80, 5)), axis=0)
    opens = close * (1.0 + rng.normal(0.0, 0.004, close.shape))
    market = make_market(
        close=pd.DataFrame(close, pd.bdate_range("2021-01-04", periods=80), list("ABCDE")),
        open=pd.DataFrame(opens, pd.bdate_range("2021-01-04", periods=80), list("ABCDE")),
    )
    market = replace(market, properties=SECTORS)
    rows = np.arange(0, 75, 6)
    targets = np.random.default_rng(seed).dirichlet(np.ones(6), len(rows))[:, :5]
    costs = {"commission_bps": 5.0, "half_spread_bps": 2.0, "slippage_bps": 1.0}
    return backtest.simulate(market, (rows, targets), costs=costs, execution={"fill": fill}, capital=10_000.0)


def quarters() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame, dict, dict]:
    found = json.loads(GOLDEN.read_text(encoding="utf-8"))["four_quarters"]
    index = pd.DatetimeIndex(["2016-03-31", "2016-06-30", "2016-09-30", "2016-12-31"])
    frames = {name: pd.DataFrame(values, index, ["UK", "Japan", "US"]) for name, values in found["inputs"].items()}
    sides = (frames["weights"], frames["returns"], frames["benchmark_weights"], frames["benchmark_returns"])
    return *sides, found["expected"], found["tolerance"]["abs"]


@pytest.mark.parametrize("linking", LINKINGS)
def test_published_four_quarters(linking: Linking) -> None:
    w, r, v, s, expected, tolerance = quarters()
    found = brinson(segments(w, r), segments(v, s), linking=linking, every="bar", interaction=False)
    rows = ["UK", "Japan", "US"]
    want = expected["linked"][linking]
    np.testing.assert_allclose(found.linked.loc[rows, "allocation"], want["allocation"], atol=tolerance["linked"])
    np.testing.assert_allclose(
        found.linked.loc[rows, "selection"], want["selection_with_interaction"], atol=tolerance["linked"]
    )
    assert found.linked.loc["total", "total"] == pytest.approx(expected["active_total"], abs=tolerance["totals"])
    assert found.portfolio_return == pytest.approx(expected["portfolio_total"], abs=1e-14)
    assert found.benchmark_return == pytest.approx(expected["benchmark_total"], abs=1e-14)
    each = found.periods["allocation"].unstack()[rows]
    np.testing.assert_allclose(each, expected["allocation"], atol=tolerance["effects"])
    assert (found.linked.loc[["cash", "timing", "cost"], "total"].abs() < 1e-16).all()


@pytest.mark.parametrize("interaction", [True, False])
@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize("linking", LINKINGS)
@pytest.mark.parametrize("model", MODELS)
def test_runs_add_up_without_a_residual(model: Model, linking: Linking, every: Every, interaction: bool) -> None:
    mine, theirs = traded(1), traded(2)
    found = brinson(mine, theirs, model=model, linking=linking, every=every, interaction=interaction)
    active = mine.equity[-1] / 10_000.0 - theirs.equity[-1] / 10_000.0
    assert found.linked.loc["total", "total"] == pytest.approx(active, abs=1e-12)
    assert found.portfolio_return - found.benchmark_return == pytest.approx(active, abs=1e-12)
    inside = found.linked.drop(index=LINES)
    np.testing.assert_allclose(
        inside[["allocation", "selection", "interaction"]].sum(axis=1), inside["total"], atol=1e-14
    )
    assert found.linked.drop(index="total")["total"].sum() == pytest.approx(active, abs=1e-12)
    assert found.split.drop("total").sum() == pytest.approx(active, abs=1e-12)
    periods = found.periods["total"].unstack()
    returns = [cut_returns(each, periods.index) for each in (mine, theirs)]
    np.testing.assert_allclose(periods["total"], returns[0] - returns[1], atol=1e-12)
    np.testing.assert_allclose(periods.drop(columns="total").sum(axis=1), periods["total"], atol=1e-14)


def cut_returns(result: Result, labels: pd.Index) -> np.ndarray:
    """Compound returns of the periods, from the equity alone."""
    if len(labels) == result.n_rows:
        keys = pd.Index(range(result.n_rows))
    elif len(labels) == 1:
        keys = pd.Index([0] * result.n_rows)
    else:
        keys = (result.times.tz_localize(None) - pd.Timedelta(1, "ns")).to_period(labels.freqstr)
    ends = pd.Series(result.equity).groupby(np.asarray(keys.astype(str)), sort=False).last().to_numpy()
    return ends / np.concatenate(([10_000.0], ends[:-1])) - 1.0


def test_segments_of_a_run_are_its_return() -> None:
    run = traded(3)
    side = segments_of(run)
    assert side.names == ("Food", "Oil", "Tech", "cash")
    returns = run.equity / np.concatenate(([10_000.0], run.equity[:-1])) - 1.0
    np.testing.assert_allclose(side.total, returns, atol=1e-14)
    np.testing.assert_allclose(side.weights.sum(axis=1), 1.0, atol=1e-14)
    held = run.weights()[:-1] @ np.array([[0, 0, 1], [0, 0, 1], [0, 1, 0], [0, 1, 0], [1, 0, 0]])
    np.testing.assert_allclose(side.weights[1:, :3], held, atol=1e-12)
    np.testing.assert_allclose(side.weights[0], [0.0, 0.0, 0.0, 1.0])
    assert np.count_nonzero(side.timing) == 13
    assert (side.cost <= 0.0).all()


@pytest.mark.parametrize("seed", range(6))
def test_segments_of_a_ledger_with_everything_in_it(seed: int) -> None:
    """Splits, dividends, gaps and a delisting, whose loss is the return of the asset and not of a trade."""
    ledger = sectored(seed)
    side = segments_of(ledger)
    returns = ledger.equity / np.concatenate(([ledger.capital], ledger.equity[:-1])) - 1.0
    np.testing.assert_allclose(side.total, returns, atol=1e-13)
    np.testing.assert_allclose(side.timing, 0.0, atol=1e-15)  # it trades at closes
    assert "unclassified" in side.names


def test_trades_at_the_close_have_no_timing_and_at_the_open_they_do() -> None:
    assert (brinson(traded(1, "next_close"), traded(2, "next_close")).linked.loc["timing", "total"]) == 0.0
    assert brinson(traded(1), traded(2)).linked.loc["timing", "total"] != 0.0


def test_timing_by_hand() -> None:
    """10 bought at 9 that close at 10 make 10 within the bar, 1 % of 1,000: timing, as nothing was held before."""
    sectors = pd.DataFrame({"sector": ["Tech"]}, index=["A0"])
    ledger = Ledger(np.array([[10.0], [11.0]]), properties=sectors)
    ledger.trade(0, 0, 10.0, 9.0, commission=5.0)
    ledger.shut(0)
    ledger.shut(1)
    side = segments_of(ledger)
    assert side.timing.tolist() == [pytest.approx(0.01), 0.0]
    assert side.cost.tolist() == [-0.005, 0.0]
    assert side.contributions[:, 0].tolist() == [0.0, pytest.approx(10.0 / 1005.0)]
    assert side.returns[1, 0] == pytest.approx(0.1)


def test_cash_and_cost_are_lines_of_their_own() -> None:
    """Half in cash against a benchmark that rises 10 %: the whole shortfall is the cash, whatever was held besides."""
    index = pd.date_range("2024-01-31", periods=1)
    one = pd.DataFrame({"Tech": [0.10], "Oil": [0.10]}, index)
    theirs = segments(pd.Series({"Tech": 0.5, "Oil": 0.5}), one)
    mine = segments(pd.Series({"Tech": 0.25, "Oil": 0.25}), one)
    found = brinson(mine, theirs, every="all")
    assert found.linked.loc["cash", "total"] == pytest.approx(-0.05)
    assert found.linked.loc[["Tech", "Oil"], "total"].tolist() == pytest.approx([0.0, 0.0], abs=1e-15)
    assert found.linked.loc["cash", ["weight", "benchmark_weight"]].tolist() == [0.5, 0.0]
    costly = replace(mine, cost=np.array([-0.002]))
    again = brinson(costly, theirs, every="all")
    assert again.linked.loc["cost", "total"] == pytest.approx(-0.002)
    assert again.split.tolist() == pytest.approx([0.0, 0.0, 0.0, -0.05, 0.0, -0.002, -0.052], abs=1e-15)
    assert again.split.index.tolist() == ["allocation", "selection", "interaction", "cash", "timing", "cost", "total"]


def test_a_run_against_sector_weights_from_elsewhere() -> None:
    run = traded(4)
    rng = np.random.default_rng(1)
    dates = run.times.tz_localize(None).normalize() - pd.Timedelta(days=1)  # a day's bar ends at the next midnight
    names = ["Food", "Oil", "Tech", "Gold"]
    index = pd.DataFrame(rng.normal(0.0, 0.01, (80, 4)), dates, names)
    weights = pd.Series({"Oil": 0.3, "Tech": 0.3, "Food": 0.2, "Gold": 0.1})  # the last tenth is cash
    found = brinson(run, segments(weights, index))
    assert found.linked.index.tolist() == ["Food", "Gold", "Oil", "Tech", "cash", *LINES]
    other = compound((index[weights.index] * weights).sum(axis=1).to_numpy())
    assert found.benchmark_return == pytest.approx(other, abs=1e-13)
    assert found.linked.loc["total", "total"] == pytest.approx(run.equity[-1] / 10_000.0 - 1.0 - other, abs=1e-12)
    assert found.linked.loc["Gold", "weight"] == 0.0
    means = found.linked[["weight", "benchmark_weight"]]
    assert means.loc["Oil"].tolist() == [pytest.approx(segments_of(run).weights[:, 1].mean()), pytest.approx(0.3)]
    assert means.loc["cash", "benchmark_weight"] == pytest.approx(0.1)
    assert means.loc["total"].tolist() == [1.0, 1.0]
    assert means.loc[["timing", "cost"]].isna().all(axis=None)
    assert found.linked.columns.tolist()[:2] == ["weight", "benchmark_weight"]
    assert found.linked.loc["Gold", ["selection", "interaction"]].tolist() == [0.0, 0.0]


def test_long_and_short_in_equal_parts_still_adds_up() -> None:
    """A sector without a net weight has no return; what it earned is interaction."""
    sectors = pd.DataFrame({"sector": ["Tech", "Tech", "Oil"]}, index=["A0", "A1", "A2"])
    prices = np.array([[10.0, 10.0, 10.0], [12.0, 10.0, 11.0], [12.0, 9.0, 10.0]])
    mine, theirs = (Ledger(prices, properties=sectors) for _ in range(2))
    mine.trade(0, 0, 20.0, 10.0)
    mine.trade(0, 1, -20.0, 10.0)
    theirs.trade(0, 0, 10.0, 10.0)
    theirs.trade(0, 2, 10.0, 10.0)
    for row in range(3):
        mine.shut(row)
        theirs.shut(row)
    for a, b in ((mine, theirs), (theirs, mine)):
        found = brinson(a, b, every="bar")
        assert found.linked.loc["total", "total"] == pytest.approx(a.equity[-1] / 1e3 - b.equity[-1] / 1e3, abs=1e-14)
    bar = brinson(mine, theirs, every="bar").periods.xs(mine.times[1], level="period")
    assert bar.loc["Tech", "interaction"] == pytest.approx(0.04)  # 20 × 2 of 1,000, over what the benchmark explains


def test_effects_of_one_bar_are_those_of_the_plain_function() -> None:
    w, r, v, s, *_ = quarters()
    found = brinson(segments(w, r), segments(v, s), every="bar", model="hood_beebower").periods
    plain = effects_of(*(frame.to_numpy() for frame in (w, r, v, s)), "hood_beebower")
    for name in ("allocation", "selection", "interaction"):
        np.testing.assert_allclose(found[name].unstack()[["UK", "Japan", "US"]], getattr(plain, name), atol=1e-15)


def test_a_column_of_cash_has_its_return() -> None:
    index = pd.date_range("2024-01-31", periods=2)
    returns = pd.DataFrame({"Tech": [0.10, 0.0], "cash": [0.004, 0.004]}, index)
    side = segments(pd.Series({"Tech": 0.5, "cash": 0.5}), returns)
    assert side.names == ("Tech", "cash")
    np.testing.assert_allclose(side.total, [0.052, 0.002], rtol=1e-14)


def test_ruin_links_by_money_only() -> None:
    bad = ruined()
    bad.market = replace(bad.market, properties=pd.DataFrame({"sector": ["Tech"]}, index=["A0"]))
    flat = Ledger(bad.close, properties=bad.market.properties)
    for row in range(3):
        flat.shut(row)
    assert brinson(bad, flat).linked["total"].isna().all()
    found = brinson(bad, flat, linking="grap")
    assert found.linked.loc["total", "total"] == pytest.approx(-1.2)
    assert found.portfolio_return == pytest.approx(-1.2)


def test_what_cannot_be_compared_is_refused() -> None:
    w, r, v, s, *_ = quarters()
    with pytest.raises(InputError, match="the 4 bars of the portfolio, 2016-03-31"):
        brinson(segments(w, r), segments(v.iloc[1:], s.iloc[1:]))
    later = w.index + pd.Timedelta(days=1)
    with pytest.raises(InputError, match="received 4, 2016-04-01"):
        brinson(segments(w, r), segments(v.set_axis(later), s.set_axis(later)))
    with pytest.raises(InputError, match="did you mean 'fachler'"):
        brinson(segments(w, r), segments(v, s), model="fachlr")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="needs the times"):
        brinson(segments(w.reset_index(drop=True), r.reset_index(drop=True)), segments(v, s), every="month")
    with pytest.raises(InputError, match="unknown property"):
        brinson(random_ledger(1), random_ledger(2))
    with pytest.raises(InputError, match="same rows and columns"):
        segments(w, r.rename(columns={"UK": "GB"}))
    with pytest.raises(InputError, match="a return wherever"):
        segments(w, r.mask(r > 0.2))


@pytest.mark.parametrize("linking", LINKINGS)
def test_factors_explain_the_whole_return(linking: Linking) -> None:
    rng = np.random.default_rng(8)
    dates = pd.bdate_range("2020-01-01", periods=500)
    factors = pd.DataFrame(rng.normal(0.0003, 0.01, (500, 2)), dates, ["market", "size"])
    noise = pd.Series(rng.normal(0.0, 0.004, 500), dates)
    returns = 0.0001 + 0.9 * factors["market"] - 0.3 * factors["size"] + noise
    returns.iloc[20], factors.iloc[30, 1] = np.nan, np.nan
    table = factor_attribution(returns, factors, risk_free=0.02, linking=linking)
    assert table.index.tolist() == ["cash", "alpha", "market", "size", "residual", "total"]
    assert table.columns.tolist() == ["exposure", "annual", "linked"]
    assert table.loc["total", "linked"] == compound(returns.to_numpy())
    assert table["linked"].iloc[:-1].sum() == pytest.approx(table.loc["total", "linked"], abs=1e-12)
    assert table["annual"].iloc[:-1].sum() == pytest.approx(table.loc["total", "annual"], abs=1e-12)
    assert table.loc["market", "exposure"] == pytest.approx(0.9, abs=0.05)
    exposures = backtest.metrics.factor_exposures(returns, factors, risk_free=0.02)
    assert table.loc["size", "exposure"] == exposures.table.loc["size", "exposure"]
    assert table["exposure"].isna().tolist() == [True, True, False, False, True, True]


def test_exact_factors_leave_nothing_and_a_gap_is_residual() -> None:
    x = np.random.default_rng(4).normal(0.0, 0.01, 60)
    table = factor_attribution(2.0 * x, pd.DataFrame({"x": x}), periods_per_year=12)
    assert table.loc["x", "linked"] == pytest.approx(table.loc["total", "linked"], abs=1e-12)
    assert table.loc["x", "annual"] == pytest.approx(24.0 * x.mean())
    gap = x.copy()
    gap[7] = np.nan
    table = factor_attribution(2.0 * x, pd.DataFrame({"x": gap}), periods_per_year=12)
    assert table.loc["residual", "annual"] == pytest.approx(12.0 * 2.0 * x[7] / 60, abs=1e-12)


def test_without_a_regression_there_is_no_attribution() -> None:
    x = np.array([0.01, 0.01, 0.01, 0.01])
    table = factor_attribution(np.array([0.01, 0.02, 0.0, 0.01]), pd.DataFrame({"x": x}))
    assert table["linked"].iloc[:-1].isna().all()
    assert table.loc["total", "linked"] == pytest.approx(1.01 * 1.02 * 1.01 - 1.0)
    nothing = factor_attribution(np.full(4, np.nan), pd.DataFrame({"x": x}))
    assert nothing["annual"].isna().all()
    assert nothing.loc["total", "linked"] == 0.0
    with pytest.raises(InputError, match="at least one column"):
        factor_attribution(x, pd.DataFrame(index=range(4)))
    with pytest.raises(InputError, match="unknown linking"):
        factor_attribution(x, pd.DataFrame({"x": x}), linking="none")  # type: ignore[arg-type]


@pytest.mark.parametrize("linking", LINKINGS)
def test_the_active_return_splits_into_exposure_alpha_and_the_rest(linking: Linking) -> None:
    rng = np.random.default_rng(5)
    dates = pd.bdate_range("2019-01-01", periods=600)
    benchmark = pd.Series(rng.normal(0.0004, 0.01, 600), dates)
    returns = 0.7 * benchmark + rng.normal(0.0002, 0.003, 600)
    returns.iloc[11], benchmark.iloc[50] = np.nan, np.nan
    table = active_split(returns, benchmark, risk_free=0.01, linking=linking)
    common = returns.notna() & benchmark.notna()
    whole = compound(returns[common].to_numpy()) - compound(benchmark[common].to_numpy())
    assert table.index.tolist() == ["exposure", "alpha", "residual", "total"]
    assert table.loc["total", "linked"] == pytest.approx(whole, abs=1e-14)
    assert table["linked"].iloc[:-1].sum() == pytest.approx(whole, abs=1e-12)
    assert table["annual"].iloc[:-1].sum() == pytest.approx(table.loc["total", "annual"], abs=1e-12)
    assert table.loc["residual", "annual"] == pytest.approx(0.0, abs=1e-12)
    mine, theirs = returns[common], benchmark[common]
    alpha = backtest.metrics.alpha(mine, theirs, risk_free=0.01, periods_per_year=250)
    split = active_split(mine, theirs, risk_free=0.01, periods_per_year=250, linking=linking)
    assert split.loc["alpha", "annual"] == pytest.approx(alpha, rel=1e-9)


def test_the_benchmark_itself_has_nothing_to_split() -> None:
    benchmark = np.random.default_rng(6).normal(0.0, 0.01, 50)
    table = active_split(benchmark, benchmark, periods_per_year=250)
    assert (table.abs() < 1e-12).all(axis=None)
