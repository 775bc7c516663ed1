"""Accounts and financing that were written wrong, or that what stands beside them cannot have."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.config.wrong import Case, expected

PAID = "financing: {margin_interest_annual: 0.06, borrow_fee_annual: 0.003}"
TO_WRITE = "financing: {margin_interest_annual: 0.06, borrow_fee_annual: 0.003}, by what a broker asks; 0 where meant"
OWES = "an account on margin pays for what it borrows"
KINDS = "cash, margin, or a mapping such as {kind: margin, initial: 0.5, maintenance: 0.25}"
RATES = (
    "interest_on_cash_annual, margin_interest_annual, short_rebate_annual, borrow_fee_annual, "
    "interest_on_cash, margin_interest, short_rebate, borrow_fee, funding_annual, funding, perpetuals"
)

FUND = "account: margin, and financing: {funding_annual: 0.1} or {funding: {series: NAME}}; 0 where meant"

CASES: dict[str, Case] = {
    "funding_on_a_cash_account": (
        "financing: {funding_annual: 0.1}",
        [f"3: $.financing: funding is for perpetual futures, which are held on margin; allowed: {FUND}"],
    ),
    "perpetuals_without_funding": (
        f"costs: crypto_perp\naccount: margin\n{PAID}",
        [
            "3: $.costs: crypto_perp is for perpetual futures, and nothing says their funding; received 'crypto_perp'; "
            f"allowed: {FUND}"
        ],
    ),
    "perpetuals_and_nothing_else": (
        "costs: {preset: crypto_perp, slippage_bps: 1}",
        [f"3: $.costs: crypto_perp is for perpetual futures, and nothing says their funding; allowed: {FUND}"],
    ),
    "others_beside_perpetuals": (
        "account: margin\nfinancing: {funding_annual: 0.1, perpetuals: [A]}",
        [f"4: $.financing: {OWES}: margin_interest_annual and borrow_fee_annual must be written; allowed: {TO_WRITE}"],
    ),
    "named_perpetuals_without_funding": (
        f"account: margin\n{PAID[:-1]}, perpetuals: [A]}}",
        [
            "4: $.financing: perpetuals are named, and nothing says their funding: write funding_annual, or funding"
        ],
    ),
    "funding_as_a_number": (
        "account: margin\nfinancing: {funding_annual: 20, funding: 0.1}",
        [
            "4: $.financing.funding_annual: out of range; received 20; allowed: a number > -1 and <= 1 or null",
            "4: $.financing.funding: a number, and no series; received 0.1; allowed: funding_annual: 0.1, or {series: "
            "NAME}",
        ],
    ),
    "unpaid": (
        "account: margin",
        [
            f"3: $.account: {OWES}: margin_interest_annual and borrow_fee_annual must be written; received 'margin'; "
            f"allowed: {TO_WRITE}"
        ],
    ),
    "half_paid": (
        "account: margin\nfinancing: {margin_interest_annual: 0.06}",
        [f"4: $.financing: {OWES}: borrow_fee_annual must be written; allowed: {TO_WRITE}"],
    ),
    "unpaid_benchmark": (
        "benchmark: {account: margin}",
        [
            f"3: $.benchmark.account: {OWES}: margin_interest_annual and borrow_fee_annual must be written; received "
            f"'margin'; allowed: {TO_WRITE}"
        ],
    ),
    "kind": (
        "account: margn",
        [f"3: $.account: unknown kind of account; received 'margn'; allowed: {KINDS}; did you mean 'margin'?"],
    ),
    "no_kind": (
        "account: 0.5",
        [f"3: $.account: unknown kind of account; received 0.5; allowed: {KINDS}"],
    ),
    "inner_kind": (
        f"account: {{kind: reg_t, initial: 2}}\n{PAID}",
        [
            "3: $.account.kind: unknown choice; received 'reg_t'; allowed: cash or margin",
            "3: $.account.initial: out of range; received 2; allowed: a number > 0 and <= 1 or null",
        ],
    ),
    "margin_of_cash": (
        "account: {initial: 0.4}",
        ["3: $.account: a cash account has no margin: initial; allowed: kind: margin, or no such key"],
    ),
    "maintenance": (
        f"account: {{kind: margin, maintenance: 0.6}}\n{PAID}",
        ["3: $.account: maintenance 0.6 is above initial 0.5: what may just be opened would be called at once"],
    ),
    "rates": (
        "account: margin\nfinancing:\n  margin_interest_annual: -0.01\n  borrow_fee_annual: 3\n"
        "  interest_on_cash: 0.01\n"
        "  short_rebat: 0",
        [
            "5: $.financing.margin_interest_annual: out of range; received -0.01; allowed: a number >= 0 and <= 1 or "
            "null",
            "6: $.financing.borrow_fee_annual: out of range; received 3; allowed: a number >= 0 and <= 1 or null",
            "7: $.financing.interest_on_cash: a number, and no series; received 0.01; allowed: "
            "interest_on_cash_annual: 0.01, or {series: NAME}",
            f"8: $.financing.short_rebat: unknown key; allowed: {RATES}; did you mean 'short_rebate'?",
        ],
    ),
    "beyond_the_margin": (
        f"account: {{kind: margin, initial: 0.8}}\n{PAID}\nconstraints: {{long_only: false, net: 1.3, gross: 1.6}}",
        [
            "5: $.constraints.net: 1.3 of the equity is too much: with an initial margin of 0.8 an account holds at "
            "most 1.25; received 1.3",
            "5: $.constraints.gross: 1.6 of the equity is too much: with an initial margin of 0.8 an account holds at "
            "most 1.25; received 1.6",
        ],
    ),
    "fixed_beyond_the_margin": (
        f"account: margin\n{PAID}\nallocation: {{method: fixed, weights: {{A: 1.6, B: -0.6}}}}",
        [
            "5: $.allocation: the sizes of the weights add up to 2.2: with an initial margin of 0.5 an account holds "
            "at most 2"
        ],
    ),
    "fixed_short": (
        f"account: margin\n{PAID}\nallocation: {{method: fixed, weights: {{A: 1.2, B: -0.2}}}}",
        ["5: $.allocation: fixed weight -0.2 of B is a short position, and constraints.long_only is true"],
    ),
    "fixed_on_credit": (
        f"account: margin\n{PAID}\nallocation: {{method: fixed, weights: {{A: 1.2}}}}",
        ["5: $.allocation: the weights add up to 1.2, and constraints.net is 1: write net: 1.2 there"],
    ),
    "constraints_that_cannot_be_read_are_told_once": (
        f"account: margin\n{PAID}\nallocation: {{method: fixed, weights: {{A: 1.2, B: -0.2}}}}\n"
        "constraints: {long_only: false}",
        [
            "6: $.constraints: long_only: false without a limit to what is sold short: give gross (1.6: the sizes of "
            "all weights add up to at most 160 %), max_weight (0.3: none is below -0.3 or above 0.3) or min_weight "
            "(-0.1: none is below)"
        ],
    ),
    "reserve": (
        f"account: margin\n{PAID}\nexecution: {{cash_reserve: 10}}",
        [
            "5: $.execution.cash_reserve: on margin no cash is kept back: constraints.cash_reserve holds a part of the "
            "equity; received 10"
        ],
    ),
    "keep_net_of_cash": (
        "execution: {keep_net: true}",
        [
            "3: $.execution.keep_net: a cash account buys with what it sells: it is for account: margin; received true"
        ],
    ),
    "keep_net_of_volume": (
        f"account: margin\n{PAID}\nexecution: {{keep_net: true, participation: 0.1}}",
        [
            "5: $.execution.keep_net: which part of a basket the volume of its bars lets through is not one factor for "
            "all of it; received true"
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_problem_is_told(case: Case, complaints: Callable[..., list[str]]) -> None:
    given, told = expected(case)
    assert complaints(given) == told
