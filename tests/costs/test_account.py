"""Accounts and financing in plain Python: what is filled in, what is refused, and the worked example of holding."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

import backtest
from backtest.costs import CASH, FREE, Account, Financing, held_in_cash, held_on_credit, held_short

RATES = Financing(
    interest_on_cash_annual=0.03, margin_interest_annual=0.06, short_rebate_annual=0.02, borrow_fee_annual=0.003
)


def test_a_margin_account_shows_what_it_asks_for() -> None:
    account = Account(kind="margin")
    assert (account.initial, account.maintenance, account.most_gross) == (0.5, 0.25, 2.0)
    assert Account(kind="margin", initial=0.8).maintenance == 0.25
    assert Account.model_validate({"kind": "margin", "maintenance": None}).maintenance == 0.25
    assert (CASH.initial, CASH.most_gross, CASH.is_margin) == (None, 1.0, False)
    assert Account.model_validate(account.model_dump()) == account


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"initial": 0.5}, "a cash account has no margin: initial"),
        ({"kind": "cash", "initial": 0.5, "maintenance": 0.3}, "no margin: initial and maintenance"),
        ({"kind": "margin", "initial": 0.2}, "maintenance 0.25 is above initial 0.2"),
        ({"kind": "margin", "initial": 0.0}, "greater than 0"),
        ({"kind": "margin", "initial": 1.1}, "less than or equal to 1"),
        ({"kind": "Margin"}, "'cash' or 'margin'"),
    ],
)
def test_accounts_that_cannot_be(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Account.model_validate(given)


@pytest.mark.parametrize("name", Financing.model_fields)
@pytest.mark.parametrize("rate", [1.01, -1.0, float("nan")])
def test_rates_are_fractions(name: str, rate: float) -> None:
    with pytest.raises(ValidationError):
        Financing.model_validate({name: rate})


def test_only_what_is_earned_may_be_negative() -> None:
    assert Financing(interest_on_cash_annual=-0.005, short_rebate_annual=-0.1).rate("short_rebate_annual") == -0.1
    for name in ("margin_interest_annual", "borrow_fee_annual"):
        with pytest.raises(ValidationError, match="greater than or equal to 0"):
            Financing.model_validate({name: -0.001})


def test_what_a_margin_account_pays_must_be_written() -> None:
    margin = Account(kind="margin")
    assert "margin_interest_annual and borrow_fee_annual must be written" in FREE.missing(margin)
    assert FREE.missing(CASH) == ""
    assert ": borrow_fee_annual must be written" in Financing(margin_interest_annual=0.0).missing(margin)
    assert Financing(margin_interest_annual=0.0, borrow_fee_annual=0.0).missing(margin) == ""


def test_the_examples_of_the_descriptions() -> None:
    assert held_in_cash(RATES, 10_000.0, 1.0).interest_on_cash == pytest.approx(0.82, abs=0.005)
    assert held_in_cash(RATES, 10_000.0, 3.0).interest_on_cash == pytest.approx(2.47, abs=0.005)
    assert held_on_credit(RATES, 3_000.0, 1.0).margin_interest == pytest.approx(-0.49, abs=0.005)
    assert held_short(RATES, 3_000.0, 1.0).short_rebate == pytest.approx(0.16, abs=0.005)
    assert held_short(RATES, 3_000.0, 1.0).borrow_fee == pytest.approx(-0.02, abs=0.005)
    assert held_short(FREE, 3_000.0, 365.0).total == 0.0


@pytest.mark.parametrize(
    ("weights", "worked"),
    [
        ([0.0, 0.0], held_in_cash(RATES, 10_000.0, 30.0)),
        ([2.0, 0.0], held_on_credit(RATES, 10_000.0, 30.0)),
        ([0.5, -0.5], held_short(RATES, 5_000.0, 30.0)._replace(interest_on_cash=held_in_cash(RATES, 5e3, 30)[0])),
    ],
)
def test_the_worked_example_is_what_a_simulation_pays(weights: list[float], worked: tuple[float, ...]) -> None:
    """Half short: the cash is 10000, of which 5000 are its proceeds and earn the rebate alone."""
    days = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-02-01"], utc=True)
    prices = pd.DataFrame({"A": [10.0] * 3, "B": [10.0] * 3}, days)
    result = backtest.simulate(
        prices, ([0], [weights]), account="margin", financing=RATES, execution={"fill": "same_close"}, capital=1e4
    )
    # Row 1 is charged for one day, row 2 for thirty; a day is not much.
    np.testing.assert_allclose(result.carry[2], worked, rtol=1e-3)
    assert result.equity[-1] == pytest.approx(1e4 + result.carry.sum(), rel=1e-12)
