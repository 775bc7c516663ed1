from __future__ import annotations

import numpy as np
import pytest

from backtest.report.scales import TimeAxis, fit


def ns(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


@pytest.mark.parametrize(
    "values", [[1e6, 2.43e6], [-0.33, 0.0], [5.0, 5.0], [0.0, 0.0], [1e-9, 3e-9], [np.nan, 1.0], [np.nan]]
)
@pytest.mark.parametrize("zero", [False, True])
def test_an_axis_holds_its_values_between_round_ends(values: list[float], zero: bool) -> None:
    scale = fit(np.array(values), zero=zero)
    seen = [value for value in values if value == value]
    assert all(scale.low - 1e-12 <= value <= scale.high + 1e-12 for value in seen)
    assert scale.low < scale.high
    assert (scale.ticks[0], scale.ticks[-1]) == (pytest.approx(scale.low), pytest.approx(scale.high))
    assert not zero or scale.low <= 0.0 <= scale.high


def test_labels_have_the_digits_their_step_needs() -> None:
    assert fit(np.array([-0.01, 0.0]), zero=True, count=4).percents() == [
        "−1.00%",
        "−0.75%",
        "−0.50%",
        "−0.25%",
        "0.00%",
    ]
    assert fit(np.array([-0.4, 0.0]), zero=True, count=4).percents()[:2] == ["−40%", "−30%"]


@pytest.mark.parametrize(
    ("start", "end", "first", "form"),
    [
        ("1990-01-02", "2022-12-28", "1995", 4),
        ("2013-01-02", "2022-08-30", "2014", 4),
        ("2018-01-02", "2020-02-02", "2018-04", 7),
        ("2020-01-01", "2020-02-20", "01-02", 5),
        ("2020-01-01T10:00", "2020-01-01T16:00", "01-01 10:00", 11),
    ],
)
def test_time_is_labelled_at_round_moments(start: str, end: str, first: str, form: int) -> None:
    ticks = TimeAxis(ns(start), ns(end)).ticks()
    assert ticks[0][1] == first
    assert all(len(label) == form and 0.0 <= place <= 1.0 + 1e-9 for place, label in ticks)
    assert 3 <= len(ticks) <= 12


def test_one_bar_has_an_axis_around_it() -> None:
    axis = TimeAxis.of(np.array([ns("2020-01-01")]))
    assert axis.share(np.array([ns("2020-01-01")]))[0] == pytest.approx(0.5)
