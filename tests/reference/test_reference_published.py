"""Results that other projects state for themselves. Where a convention differs, the test says how."""

from __future__ import annotations

import pytest

from . import simulate
from .costs import Costs, charge

EXACT = 1e-12


def test_nothing_costs_nothing() -> None:
    assert charge(Costs(minimum=1.0), 0.0, 10.0).total == 0.0


def test_bt_rebalance_with_commissions() -> None:
    """Source: pmorissette/bt@bd5650ad213760907ec38311c5c9468819084196, tests/test_algos.py.

    The case is test_rebalance_with_commissions: prices of 100, capital 1000, whole shares, 1 per transaction, all in
    c1 and then all in c2. Stated there: value 999 and cash 99 with 9 shares, then value 997 and cash 97 with 9 shares.
    bt asks for an outlay with commission within the allocation of each leg; here one equity after all costs is solved
    for (999, then 997). With whole shares both buy 9.
    """
    flat = [[100.0, 100.0]] * 2
    out = simulate(
        open=None,
        close=flat,
        symbols=["c1", "c2"],
        capital=1000.0,
        plan={0: [1.0, 0.0], 1: [0.0, 1.0]},
        fill="same_close",
        minimum=1.0,
        lots=[1.0, 1.0],
    )
    assert out.equity == pytest.approx([999.0, 997.0], abs=1e-9)
    assert out.cash == pytest.approx([99.0, 97.0], abs=1e-9)
    assert out.quantities == [[9.0, 0.0], [0.0, 9.0]]


def test_vectorbt_target_percent() -> None:
    """Source: polakowo/vectorbt@f9897528f675114e6b34790178dbb2ca137acb51, tests/test_portfolio.py.

    The case is TestFromOrders.test_target_percent, long only: 50 % on every bar, prices 1 to 5, cash 100, no costs,
    orders at the close of the same bar. Without costs nothing differs.
    """
    out = simulate(
        open=None,
        close=[[1.0], [2.0], [3.0], [4.0], [5.0]],
        symbols=["A"],
        capital=100.0,
        plan={row: [0.5] for row in range(5)},
        fill="same_close",
    )
    stated = [50.0, -12.5, -6.25, -3.90625, -2.734375]
    assert [fill.quantity for fill in out.fills] == pytest.approx(stated, abs=EXACT)


@pytest.mark.parametrize(("rate", "stated"), [(0.1, [0.1, 0.2, 0.4, 0.5]), (1.0, [1.0, 2.0, 4.0, 5.0])])
def test_vectorbt_fees(rate: float, stated: list[float]) -> None:
    """Source: polakowo/vectorbt@f9897528f675114e6b34790178dbb2ca137acb51, TestFromOrders.test_fees.

    One unit is bought at 1, sold at 2, bought at 4 and sold at 5; the fee is rate x |value|.
    """
    trades = [(1.0, 1.0), (-2.0, 2.0), (4.0, 4.0), (-5.0, 5.0)]
    costs = Costs(commission=rate)
    assert [charge(costs, value, price).commission for value, price in trades] == pytest.approx(stated, abs=EXACT)


@pytest.mark.parametrize(
    ("minimum", "first", "whole"),
    [(1.0, 1.725, 3.75), (2.5, 2.5, 3.75), (3.5, 3.5, 3.75), (5.5, 5.5, 5.5), (0.0, 1.725, 3.75)],
)
def test_zipline_per_share_with_minimum(minimum: float, first: float, whole: float) -> None:
    """Source: quantopian/zipline@014f1fc339dc8b7671d29be2d85ce57d3daec343, tests/finance/test_commissions.py.

    There an order fills in parts of 230, 170 and 100 shares at 0.0075 each, and the minimum belongs to the order: it
    is charged with the first part. Here an order is one fill, so the stated commission after the first part is that of
    an order of 230, and the stated commission after the last part is that of an order of 500.
    """
    costs = Costs(per_share=0.0075, minimum=minimum)
    assert charge(costs, 230 * 50.0, 50.0).commission == pytest.approx(first, abs=1e-9)
    assert charge(costs, -500 * 50.0, 50.0).commission == pytest.approx(whole, abs=1e-9)


def test_almgren_and_chriss_sell_in_five_equal_parts() -> None:
    """Source: Almgren and Chriss (2000), Optimal execution of portfolio transactions, the parameters of their example.

    A million shares at 50 in five days; epsilon 1/16, eta 2.5e-6, gamma 2.5e-7. Selling equal parts costs
    gamma X² / 2 + epsilon X + (eta - gamma / 2) X² / 5 = 662,500 (DROP prints 0.6625 million for it). There the
    permanent impact of a part also lowers the price of the later ones, by gamma times every pair of parts; here prices
    are those of the data, and those 100,000 are not charged. `temporary` is their eta - gamma / 2.
    """
    eta, gamma, parts = 2.5e-6, 2.5e-7, [200_000.0] * 5
    costs = Costs(half_spread=0.0625 / 50.0, temporary=eta - gamma / 2.0, permanent=gamma)
    paid = [charge(costs, -units * 50.0, 50.0) for units in parts]
    assert sum(each.spread for each in paid) == pytest.approx(62_500.0, rel=EXACT)
    pairs = gamma * sum(parts[j] * parts[k] for k in range(5) for j in range(k))
    assert pairs == pytest.approx(100_000.0, rel=EXACT)
    assert sum(each.total for each in paid) + pairs == pytest.approx(662_500.0, rel=EXACT)
    at_once = charge(costs, -1e6 * 50.0, 50.0)  # epsilon X + eta X², with nothing left to sell later
    assert at_once.total == pytest.approx(62_500.0 + 2_500_000.0, rel=EXACT)


def test_a_day_of_volume_costs_a_day_of_volatility() -> None:
    """Source: Grinold and Kahn, Active Portfolio Management (2000), the trading rule of thumb of chapter 16.

    With a coefficient of 1; a quarter of a day's volume then costs half of it.
    """
    costs = Costs(impact=1.0, sigma=0.02, adv=10_000.0)
    assert charge(costs, 10_000 * 30.0, 30.0).impact == pytest.approx(0.02 * 300_000.0, rel=EXACT)
    assert charge(costs, 2_500 * 30.0, 30.0).impact == pytest.approx(0.01 * 75_000.0, rel=EXACT)
