from __future__ import annotations

import math

import numpy as np
import pytest

from backtest.stats import modified_dietz, time_weighted, xirr

from .golden import case

YEAR = 365 * 86_400 * 10**9


def ns(day: str) -> int:
    return int(np.datetime64(day, "ns").astype(np.int64))


def test_published_xirr() -> None:
    inputs, expected, tolerance = case("stats_flows", "xirr_microsoft_excel")
    days, amounts = zip(*inputs["flows"], strict=True)
    times = np.array([ns(day) for day in days])
    assert xirr(np.array(amounts, float), times) == pytest.approx(expected, abs=tolerance)
    assert xirr(np.array(amounts, float), times) == pytest.approx(0.3733625335, abs=1e-10)


def test_published_time_and_money_weighted_returns_of_a_large_flow() -> None:
    inputs, expected, tolerance = case("stats_flows", "twr_vs_mwr_large_flow")
    start, _grown, after, end = inputs["values"]
    flow = inputs["flow_after_first_year"]
    got = time_weighted(np.array([start, after, end]), np.array([start, flow, 0.0]))
    assert got == pytest.approx(expected["twr"], abs=tolerance)
    rate = xirr(np.array([-start, -flow, end], float), np.array([0, YEAR, 2 * YEAR]))
    assert rate == pytest.approx(expected["mwr"], abs=tolerance)


@pytest.mark.parametrize("rate", [-0.99, -0.3, -1e-7, 0.0, 1e-7, 0.08, 2.0, 100.0])
def test_a_known_rate_is_found(rate: float) -> None:
    times = np.array([0, YEAR // 2, 3 * YEAR])
    paid = np.array([-1000.0, -250.0])
    end = 1000.0 * (1.0 + rate) ** 3 + 250.0 * (1.0 + rate) ** 2.5
    assert xirr(np.append(paid, end), times) == pytest.approx(rate, rel=1e-9, abs=1e-12)


def test_the_year_is_an_option() -> None:
    amounts, times = np.array([-100.0, 110.0]), np.array([0, int(1.5 * YEAR)])
    assert xirr(amounts, times) == pytest.approx(1.1 ** (1 / 1.5) - 1)
    assert xirr(amounts, times, 365.25) == pytest.approx(1.1 ** (365.25 / 365 / 1.5) - 1)


def test_of_several_rates_the_nearest_to_none() -> None:
    amounts, times = np.array([-100.0, 230.0, -132.0]), np.array([0, YEAR, 2 * YEAR])  # 10 % and 20 %
    assert xirr(amounts, times) == pytest.approx(0.1, abs=1e-9)


def test_no_rate() -> None:
    times = np.array([0, YEAR])
    assert math.isnan(xirr(np.array([100.0, 50.0]), times))
    assert math.isnan(xirr(np.array([-100.0, -50.0]), times))
    assert math.isnan(xirr(np.empty(0), np.empty(0, np.int64)))
    assert math.isnan(xirr(np.array([100.0, -150.0, 100.0]), np.array([0, YEAR, 2 * YEAR])))  # no real root


def test_time_weighted_does_not_see_flows() -> None:
    returns = np.array([0.1, -0.05, 0.2])
    values, flows = [100.0], [100.0]
    for r, flow in zip(returns, (50.0, -120.0, 0.0), strict=True):
        values.append(values[-1] * (1.0 + r) + flow)
        flows.append(flow)
    assert time_weighted(np.array(values), np.array(flows)) == pytest.approx(np.prod(1 + returns) - 1)
    assert math.isnan(time_weighted(np.array([100.0, 0.0, 50.0]), np.zeros(3)))
    assert math.isnan(time_weighted(np.array([100.0]), np.zeros(1)))


def test_modified_dietz_by_hand() -> None:
    # 100 at the start, 50 more for the last quarter, 160 in the end: a gain of 10 on 112.5.
    assert modified_dietz(100.0, 160.0, np.array([50.0]), np.array([0.25])) == pytest.approx(10.0 / 112.5)
    assert math.isnan(modified_dietz(0.0, 10.0, np.array([-1.0]), np.array([1.0])))


def test_cents_count_as_millions_do() -> None:
    times = np.array([0, YEAR])
    for unit in (1e-6, 1.0, 1e9):
        assert xirr(unit * np.array([-0.5, 0.55]), times) == pytest.approx(0.1)
        assert time_weighted(unit * np.array([0.5, 0.55]), np.zeros(2)) == pytest.approx(0.1)
        assert modified_dietz(0.5 * unit, 0.55 * unit, np.zeros(1), np.zeros(1)) == pytest.approx(0.1)
