"""Flows and settlement that were written wrong, or that never fall into the data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from backtest.config import load
from backtest.errors import ConfigError
from tests.config.test_check_against import check, market_of  # noqa: F401
from tests.config.wrong import GOOD, Case, expected

ANY = "{amount: 1000, every: month}, {amount: -5000, date: 2020-03-02}, {file: flows.csv}, or a list of them"
ONE = "one of them: amount: 1000 to pay in, amount: -1000 to take out"
WHEN = "one of them: every: month, or date: 2020-03-02"
FIELDS = "amount, fraction_annual, every, on, start, end, growth_annual, date"

CASES: dict[str, Case] = {
    "nothing": (
        "flows: {amount: 0, every: month}",
        [
            "3: $.flows.amount: a flow of nothing; received 0; "
            "allowed: amount: 1000 to pay in, amount: -1000 to take out"
        ],
    ),
    "no_fraction": (
        "flows: {fraction_annual: 0.0, every: month}",
        ["3: $.flows.fraction_annual: a flow of nothing; received 0.0; allowed: such as -0.04, or 0.05"],
    ),
    "neither": ("flows: {every: month}", [f"3: $.flows: neither amount nor fraction_annual; allowed: {ONE}"]),
    "both": (
        "flows: {amount: 5, fraction_annual: 0.1, every: month}",
        [f"3: $.flows: both amount and fraction_annual; allowed: {ONE}"],
    ),
    "never": ("flows: [{amount: 5}]", [f"3: $.flows[0]: neither every nor date; allowed: {WHEN}"]),
    "twice": (
        "flows:\n  - {amount: 5, every: month}\n  - {amount: 5, every: month, date: 2020-01-01}",
        [f"5: $.flows[1]: both every and date; allowed: {WHEN}"],
    ),
    "period": (
        "flows: {amount: 5, every: mont}",
        [
            "3: $.flows.every: unknown choice; received 'mont'; allowed: day, week, month, quarter, year or null; "
            "did you mean 'month'?"
        ],
    ),
    "key": (
        "flows: {amout: 5, every: month}",
        [f"3: $.flows.amout: unknown key; allowed: {FIELDS}; did you mean 'amount'?"],
    ),
    "once": (
        "flows: {amount: 5, date: 2020-01-01, end: 2021-01-01}",
        ["3: $.flows: end of what moves once"],
    ),
    "growth": (
        "flows: {fraction_annual: -0.04, every: month, growth_annual: 0.02}",
        ["3: $.flows: growth_annual is of an amount that is paid every so often"],
    ),
    "daily_part": (
        "flows: {fraction_annual: -0.04, every: day}",
        ["3: $.flows: a fraction a year is not cut into every: day; allowed: week, month, quarter, year"],
    ),
    "backwards": (
        "flows: {amount: 5, every: month, start: 2021-01-01, end: 2020-01-01}",
        ["3: $.flows: end is before start 2021-01-01"],
    ),
    "too_much": (
        "flows: {amount: 1e16, every: month}",
        ["3: $.flows.amount: out of range; received 1e+16; allowed: a number >= -1e+15 and <= 1e+15 or null"],
    ),
    "no_mapping": ("flows: 500", [f"3: $.flows: no flow; received 500; allowed: {ANY}"]),
    "in_a_list": ("flows: [500]", [f"3: $.flows[0]: no flow; received 500; allowed: {ANY}"]),
    "file": (
        "flows: {file: none.csv}",
        ["3: $.flows.file: ROOT/none.csv: no such file; flows are a CSV file with date, amount"],
    ),
    "beside_a_file": (
        "flows: {file: 3, every: month}",
        [
            "3: $.flows.every: the lines of a file say when and how much; allowed: {file: flows.csv}",
            "3: $.flows.file: no file; received 3; allowed: the name of a CSV file of the workspace",
        ],
    ),
    "lag": (
        "account: {settlement_days: -1}",
        ["3: $.account.settlement_days: out of range; received -1; allowed: a whole number >= 0 and <= 30"],
    ),
    "lag_on_margin": (
        "account: {kind: margin, settlement_days: 2}\n"
        "financing: {margin_interest_annual: 0.06, borrow_fee_annual: 0.003}",
        ["3: $.account: on margin a sale pays at once: settlement_days is 2; allowed: 0, or kind: cash"],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_a_person_is_told(case: Case, complaints: Callable[..., list[str]]) -> None:
    text, told = expected(case)
    assert complaints(text) == told


LINES = {
    "date,amount\n2020-13-01,5\n": "flows.csv:2: date: received '2020-13-01'; allowed: YYYY-MM-DD",
    "date,amount\n2020-01-01,5\n2020-01-02,0\n": (
        "flows.csv:3: amount: received '0'; allowed: money within ±1e15, and not 0"
    ),
    "date,amount\n2020-01-01,five\n": "flows.csv:2: amount: received 'five'; allowed: a number, below 0 to take out",
    "date,money\n2020-01-01,5\n": "flows.csv: received the columns date, money; allowed: date, amount",
    "date,amount\n": "flows.csv: no line below the header; at least one flow",
}


@pytest.mark.parametrize("text", LINES, ids=range(len(LINES)))
def test_lines_of_a_file_that_are_wrong(text: str, root: Path, write: Callable[..., Path]) -> None:
    (root / "flows.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(write(f"{GOOD}flows: {{file: flows.csv}}\n"), root)
    assert str(caught.value).endswith(f"$.flows.file: {root}/{LINES[text]}")


TOY = "market: {source: toy}\n"


def test_flows_that_never_fall(check: Callable[..., list[str]]) -> None:  # noqa: F811
    span = "after 2020-01-01, up to 2020-04-09"
    assert check(f"{TOY}flows: {{amount: 5, every: year}}", market_of()) == [
        f"3: $.flows: never falls: 5 paid in on the first session of each year; allowed: sessions {span}"
    ]
    late = f"{TOY}flows:\n  - {{amount: 5, every: month}}\n  - {{amount: -5, every: month, start: 2021-01-01}}"
    assert check(late, market_of()) == [
        "5: $.flows[1]: never falls: 5 taken out on the first session of each month from 2021-01-01; "
        f"allowed: sessions {span}"
    ]
    first = f"{TOY}flows: {{amount: 5, date: 2020-01-01}}"
    assert check(first, market_of()) == [
        "3: $.flows: never falls: what is there on the first session is `capital`; received 2020-01-01; "
        f"allowed: a date {span}"
    ]
    assert check(f"{TOY}flows: {{amount: 5, date: 2020-01-02}}", market_of()) == []


def test_dates_that_are_left_out_and_money_that_nobody_puts_to_work(check: Callable[..., list[str]]) -> None:  # noqa: F811
    some = f"{TOY}flows: [{{amount: 5, date: 2020-02-01}}, {{amount: 5, date: 2019-02-01}}]"
    assert check(some, market_of()) == []
    assert check(some, market_of(), warn=True) == [
        "3: $.flows: 1 of 2 dates are left out: they do not lie after 2020-01-01, up to 2020-04-09"
    ]
    idle = f"{TOY}rebalance: never\nflows: {{amount: 5, every: month}}"
    assert check(idle, market_of(), warn=True) == [
        "4: $.flows: nothing is decided after the start (rebalance: never), so that what is paid in stays cash; "
        "allowed: a trigger, such as rebalance: {calendar: month}"
    ]
    assert check(idle.replace("5", "-5"), market_of(), warn=True) == []
