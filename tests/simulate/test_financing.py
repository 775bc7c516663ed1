"""Rates that move: what holding earns and costs by series of the store, by a plain loop, and what cannot be known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from made import Place, made_market

import backtest
from backtest.costs import Financing
from backtest.costs.rates import rates_at, rates_of
from backtest.errors import ConfigError, DataError, InputError
from backtest.market.market import Market, Series
from backtest.market.prepare import prepared
from backtest.market.save import save

RATES: dict[str, Any] = {
    "interest_on_cash": {"series": "bills", "times": 0.01},
    "margin_interest": {"series": "bills", "times": 0.01, "plus_annual": 0.015},
    "short_rebate": {"series": "bills", "times": 0.01, "plus_annual": -0.002},
    "borrow_fee": {"series": "lending"},
}
WISH = {"AAA": 0.9, "BBB": 0.5, "CCC": -0.3, "DDD": -0.2}
LEVERED = {
    "account": {"kind": "margin", "initial": 0.4},
    "allocation": {"method": "fixed", "weights": WISH},
    "constraints": {"long_only": False, "gross": 2.5},
}


def with_rates(known_from: int = 0, lent: tuple[int, ...] = (0, 1, 2, 3), late: int = 0) -> Market:
    """Bills in percent at each end of a row from `known_from` on, fees of `lent` symbols, known `late` rows later."""
    market, rng = made_market(), np.random.default_rng(3)
    ends = market.end[:, 0]
    whole = np.full(120 - known_from, -1)
    bills = Series("bills", ends[known_from:], ends[known_from:], whole, rng.uniform(0.5, 6.0, 120 - known_from))
    times, assets = np.repeat(ends[: 120 - late], len(lent)), np.tile(np.array(lent), 120 - late)
    known = np.repeat(ends[late:], len(lent))
    lending = Series("lending", times, known, assets, rng.uniform(0.001, 0.2, len(assets)))
    return replace(prepared(replace(market, series={"bills": bills, "lending": lending})), name="own")


def played(market: Market, **financing: Any) -> backtest.Result:
    weights = np.tile([WISH[str(symbol)] for symbol in market.symbols], (3, 1))
    return backtest.simulate(
        market, (np.array([5, 40, 80]), weights), execution={"fill": "next_close"}, account=LEVERED["account"],
        financing=financing or RATES, capital=10_000.0,
    )  # fmt: skip


@pytest.mark.parametrize("late", [0, 2])
def test_each_row_is_charged_by_what_was_known_at_the_end_of_the_row_before(late: int) -> None:
    market = with_rates(lent=(-1, 0, 1, 2, 3), late=late)
    result = played(market)
    bills, lending = market.series["bills"].value / 100.0, market.series["lending"].value.reshape(-1, 5)[:, 1:]
    held, marks = result.positions(), result.marks()
    shorts = np.where(held < 0.0, -held * marks, 0.0)
    years = 1.0 / 365.0
    for t in range(1 + late, 120):
        short, balance = shorts[t - 1].sum(), result.cash[t - 1] - shorts[t - 1].sum()
        rate = bills[t - 1]
        fee = float(shorts[t - 1] @ lending[t - 1 - late])
        expected = (
            years * max(balance, 0.0) * rate,
            -years * max(-balance, 0.0) * (rate + 0.015),
            years * short * (rate - 0.002),
            -years * fee,
        )
        np.testing.assert_allclose(result.carry[t, :4], expected, rtol=1e-9, atol=1e-12)
    assert (result.carry != 0.0).any(axis=0).tolist() == [True] * 4 + [False]


def test_a_later_rate_changes_nothing_earlier() -> None:
    market = with_rates()
    bills = market.series["bills"]
    wild = bills.value.copy()
    wild[60:] = 90.0
    other = replace(prepared(replace(market, series={**market.series, "bills": replace(bills, value=wild)})))
    one, two = played(market), played(other)
    np.testing.assert_array_equal(one.equity[:61], two.equity[:61])
    assert one.equity[61] != two.equity[61]


def test_a_run_keeps_and_repeats_it_and_says_what_it_went_by(place: Place) -> None:
    save(with_rates(), place.root / "data")
    settings = place.config(market={"source": "own"}, financing=RATES, **LEVERED)
    run = backtest.run(settings, workspace=place.root)
    assert run["financing_borrow_fee"] < 0.0
    assert run.config.financing == Financing.model_validate(RATES)
    assert any("debt costs what 'bills' says" in line for line in run.manifest["assumptions"])
    again = backtest.run(run.folder / "config.yaml", workspace=place.root)
    np.testing.assert_array_equal(again.result.equity, run.result.equity)


def test_the_rates_of_a_day_are_those_of_the_series() -> None:
    market = with_rates()
    told = rates_at(Financing.model_validate(RATES), market, 50, 2)
    bill = market.series["bills"].value[50] / 100.0
    assert told.margin_interest_annual == pytest.approx(bill + 0.015)
    assert told.borrow_fee_annual == market.series["lending"].value[50 * 4 + 2]
    assert (told.margin_interest, told.borrow_fee) == (None, None)
    assert rates_of(Financing(), market) is None


def test_constant_rates_take_one_row() -> None:
    found = rates_of(Financing(margin_interest_annual=0.06, borrow_fee_annual=0.01), with_rates())
    assert found is not None
    assert (found.money.tolist(), found.borrow.shape) == ([[0.0, 0.06, 0.0]], (1, 4))


def test_a_short_whose_fee_nobody_knows_ends_the_run() -> None:
    with pytest.raises(DataError, match=r"CCC is short on 2020-01-08, and its fee is not known before it"):
        played(with_rates(lent=(0, 1, 3)))
    assert played(with_rates(lent=(2, 3))).equity.size == 120  # of a long nobody asks


def test_money_whose_rate_nobody_knows_is_refused() -> None:
    with pytest.raises(DataError, match=r"the series 'bills' .financing. knows no rate on 2020-01-05"):
        played(with_rates(known_from=5))


@pytest.mark.parametrize(
    ("name", "told", "said"),
    [
        ("margin_interest", {"series": "bill", "times": 0.01}, "no such series; received 'bill'; allowed: bills"),
        ("margin_interest", {"series": "bills"}, "`times: 0.01` makes percent fractions"),
        ("short_rebate", {"series": "lending"}, "it has a value per symbol, and money has one rate"),
        ("borrow_fee", {"series": "bills", "times": 10}, "numbers from 0 to 10"),
    ],
)
def test_series_that_are_no_rates(name: str, told: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        played(with_rates(), **{**RATES, name: told})
    assert said in str(caught.value)
    assert f"$.financing.{name}.series: " in str(caught.value)


def test_a_number_and_a_series_are_one_too_many() -> None:
    with pytest.raises(ConfigError, match=r"margin_interest_annual is 0\.06, and margin_interest is the series bills"):
        played(with_rates(), **RATES, margin_interest_annual=0.06)


FUNDED: dict[str, Any] = {"funding": {"series": "lending", "times": 3.0}}


def test_longs_of_perpetual_futures_pay_to_shorts_by_what_was_known() -> None:
    market = with_rates()
    result = played(market, **FUNDED)
    rates = 3.0 * market.series["lending"].value.reshape(-1, 4)
    worth = result.positions() * result.marks()
    due = -(worth[:-1] * rates[:-1]).sum(axis=1) / 365.0
    np.testing.assert_allclose(result.carry[1:, 4], due, rtol=1e-9, atol=1e-12)
    assert (result.carry[:, :4] == 0.0).all()
    assert (due != 0.0).any()


def test_interest_is_earned_on_all_that_no_share_was_bought_for() -> None:
    market = with_rates()
    rates = {"interest_on_cash_annual": 0.04, "margin_interest_annual": 0.5, "borrow_fee_annual": 0.5}
    named = {"perpetuals": ["AAA", "DDD"], "funding_annual": 0.1}
    result = played(market, **rates, **named)
    worth = result.positions() * result.marks()
    apart = worth[:, [str(symbol) in named["perpetuals"] for symbol in market.symbols]].sum(axis=1)
    lent = np.maximum(-worth[:, list(market.symbols).index("CCC")], 0.0)
    balance = (result.cash + apart - lent)[:-1]
    assert (balance > 0.0).all()
    np.testing.assert_allclose(result.carry[1:, 0], 0.04 * balance / 365.0, rtol=1e-9)
    np.testing.assert_allclose(result.carry[1:, 3], -0.5 * lent[:-1] / 365.0, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(result.carry[1:, 4], -0.1 * apart[:-1] / 365.0, rtol=1e-9, atol=1e-12)


def test_a_perpetual_future_whose_funding_nobody_knows_ends_the_run() -> None:
    with pytest.raises(
        DataError, match=r"AAA is held on .*, and its funding is not known before it .financing\.funding"
    ):
        played(with_rates(lent=(1, 2, 3)), **FUNDED)


def test_perpetual_futures_are_symbols_of_the_market_on_margin_and_funded() -> None:
    with pytest.raises(
        ConfigError, match=r"\$\.financing\.perpetuals\[1\]: no symbol of 'own'; received 'AAB'; allowed: AAA"
    ):
        played(
            with_rates(), funding_annual=0.1, perpetuals=["BBB", "AAB"], margin_interest_annual=0, borrow_fee_annual=0
        )
    market, wish = with_rates(), ([0], [[0.5, 0.0, 0.0, 0.0]])
    given: dict[str, Any] = {"execution": {"fill": "next_close"}}
    with pytest.raises(InputError, match="which are held on margin; allowed: account: margin"):
        backtest.simulate(market, wish, financing={"funding_annual": 0.1}, **given)
    with pytest.raises(InputError, match="crypto_perp is for perpetual futures, and nothing says their funding"):
        backtest.simulate(market, wish, costs={"preset": "crypto_perp"}, **given)
    free = {"financing": {"funding_annual": 0.0}, "account": "margin", "costs": {"preset": "crypto_perp"}}
    assert backtest.simulate(market, wish, **free, **given).carry.any() == np.False_


def test_a_run_of_perpetual_futures_says_so(place: Place) -> None:
    save(with_rates(), place.root / "data")
    own: dict[str, Any] = {"market": {"source": "own"}, "report": {"html": True, "png": False}, **LEVERED}
    settings = place.config(financing=FUNDED, costs="crypto_perp", **own)
    run = backtest.run(settings, workspace=place.root)
    assert run["financing_funding"] == run["financing"] < 0.0
    said = " ".join(run.manifest["assumptions"])
    assert "All symbols are perpetual futures" in said
    assert "longs pay what 'lending' says to shorts" in said
    assert "can be borrowed" not in said
    page = (run.folder / "report.html").read_text()
    assert "The funding of perpetual futures took" in page
    assert "Financing was free" not in page
    free = backtest.run(place.config(financing={"funding_annual": 0}, **own), workspace=place.root)
    assert "perpetual futures paid no funding" in (free.folder / "report.html").read_text()
