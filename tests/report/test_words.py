from __future__ import annotations

import numpy as np
import pytest

from backtest.report import words


def test_numbers_as_people_read_them() -> None:
    assert words.percent(-0.1234) == "−12.3%"
    assert words.percent(0.05, sign=True) == "+5.0%"
    assert words.percent(-0.00001) == "0.0%"  # no minus zero
    assert words.percent(float("nan")) == words.percent(None) == "–"
    assert words.money(1234567.8) == "1,234,568"
    assert words.money(-12.5) == "−12.50"
    assert (words.money(0.0), words.money(999.999)) == ("0", "1,000")
    assert (words.ratio(1.005, 1), words.ratio(None), words.count(2520)) == ("1.0", "–", "2,520")


@pytest.mark.parametrize(
    ("value", "text"), [(1_200_000, "1.2M"), (-350_000, "−350k"), (0, "0"), (12, "12"), (2e9, "2B")]
)
def test_axis_amounts(value: float, text: str) -> None:
    assert words.compact(value) == text


def test_a_chance_is_never_rounded_up() -> None:
    assert [words.chance(value) for value in (0.9499, 0.95, 0.953, 0.9996, 1.0, 0.0, None)] == [
        *("94.9%", "95.0%", "95.3%", "99.9%", "100.0%", "0.0%", "–")
    ]


def test_nouns_and_lists() -> None:
    assert [words.plural(n, "rebalance") for n in (0, 1, 2)] == ["0 rebalances", "1 rebalance", "2 rebalances"]
    assert words.listed(["A"]) == "A"
    assert words.listed(["A", "B", "C"]) == "A, B and C"
    assert words.listed(list("ABCDEF"), 2) == "A, B and 4 more"
    assert words.listed([]) == "none"


@pytest.mark.parametrize(
    ("days", "text"), [(0.5, "12 hours"), (10, "10 days"), (180, "6 months"), (1000, "2.7 years"), (None, "–")]
)
def test_spans(days: float | None, text: str) -> None:
    assert words.span(days) == text


def test_a_bar_that_ends_at_midnight_is_named_by_its_day() -> None:
    stamps = np.array(["2020-02-01T00:00", "2020-02-01T21:00"], "datetime64[ns]").astype(np.int64)
    assert words.days(stamps) == ["2020-01-31", "2020-02-01"] == [words.day(int(stamp)) for stamp in stamps]
    assert words.days(stamps, intraday=True) == ["2020-02-01 00:00", "2020-02-01 21:00"]
    assert words.day(int(stamps[0]), intraday=True) == "2020-02-01 00:00"


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("fraction", 0.12345, "12.35%"),
        ("money", 12000.0, "12,000"),
        ("count", 3, "3"),
        ("days", 981.0, "981"),
        ("years", 9.657, "9.66"),
        ("date", "2020-01-31", "2020-01-31"),
        ("ratio", 0.5, "0.50"),
        ("ratio", None, "–"),
    ],
)
def test_metrics_by_their_unit(unit: str, value: object, text: str) -> None:
    assert words.metric({"unit": unit, "value": value}) == text


def test_an_interval_of_standard_errors_stays_where_a_metric_can_be() -> None:
    wide = {"unit": "fraction", "value": -0.4, "interval": {"error": 0.5, "low": None, "high": None}}
    assert words.interval({"key": "annual_return", **wide}) == "−100.0% to 58.0%"
    assert words.interval({"key": "active_return", **wide}) == "−138.0% to 58.0%"
    assert words.interval({"key": "volatility", **wide, "value": 0.4}) == "0.0% to 138.0%"
