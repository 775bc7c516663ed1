import numpy as np
import pytest

from backtest.errors import DataError
from backtest.market.adjust import history
from backtest.types import ActionKind

from .markets import NAN, daily

SPLIT, DIVIDEND, DELISTING = ActionKind.SPLIT, ActionKind.DIVIDEND, ActionKind.DELISTING


def test_a_split_does_not_look_like_a_crash():
    market = daily([[100.0], [102.0], [51.5], [52.0]], actions=[(2, 0, SPLIT, 2.0)], volume=[[10.0], [10], [20], [20]])
    assert history(market, "close", 3, 4)[:, 0].tolist() == [50.0, 51.0, 51.5, 52.0]
    assert history(market, "close", 3, 4, "split")[:, 0].tolist() == [50.0, 51.0, 51.5, 52.0]
    assert history(market, "close", 3, 4, "none")[:, 0].tolist() == [100.0, 102.0, 51.5, 52.0]
    assert history(market, "volume", 3, 4)[:, 0].tolist() == [20.0, 20.0, 20.0, 20.0]


def test_before_the_split_nothing_of_it_shows():
    market = daily([[100.0], [102.0], [51.5]], actions=[(2, 0, SPLIT, 2.0)])
    assert history(market, "close", 1, 2)[:, 0].tolist() == [100.0, 102.0]


def test_a_dividend_is_a_return():
    market = daily([[100.0], [50.0], [49.0]], actions=[(2, 0, DIVIDEND, 1.0)], volume=[[5.0], [5.0], [5.0]])
    np.testing.assert_allclose(history(market, "close", 2, 3)[:, 0], [98.0, 49.0, 49.0], rtol=1e-15)
    assert history(market, "close", 2, 3, "split")[:, 0].tolist() == [100.0, 50.0, 49.0]
    assert history(market, "volume", 2, 3)[:, 0].tolist() == [5.0, 5.0, 5.0]


def test_a_dividend_of_a_halted_asset_is_measured_on_its_last_close():
    market = daily([[40.0], [NAN], [NAN], [39.0]], actions=[(2, 0, DIVIDEND, 1.0)])
    np.testing.assert_allclose(history(market, "close", 3, 4)[:, 0], [39.0, NAN, NAN, 39.0], rtol=1e-15)


def test_split_and_dividend_in_one_row_leave_a_flat_total_return():
    # 100 becomes 2 x 50; each new unit pays 1 and falls to 49: nothing was won or lost.
    market = daily([[100.0], [49.0]], actions=[(1, 0, SPLIT, 2.0), (1, 0, DIVIDEND, 1.0)])
    np.testing.assert_allclose(history(market, "close", 1, 2)[:, 0], [49.0, 49.0], rtol=1e-15)


def test_actions_during_a_halt_follow_the_carried_mark():
    market = daily(
        [[100.0], [NAN], [NAN], [48.0]],
        actions=[(1, 0, SPLIT, 2.0), (2, 0, DIVIDEND, 1.0), (3, 0, DIVIDEND, 1.0)],
    )
    np.testing.assert_allclose(history(market, "close", 3, 4)[:, 0], [48.0, NAN, NAN, 48.0], rtol=1e-15)


def slow_history(market, field, row, n, adjust):
    """The words of the specification, one action and one row at a time."""
    out = market.get(field)[row - n + 1 : row + 1].copy()
    for action in market.actions:
        a, j, kind, value = (action[name] for name in ("row", "asset", "kind", "value"))
        if a > row or kind == DELISTING or adjust == "none":
            continue
        for i in range(max(0, row - n + 1), min(a, row + 1)):
            k = i - (row - n + 1)
            if kind == SPLIT:
                out[k, j] = out[k, j] * value if field == "volume" else out[k, j] / value
            elif adjust == "total" and field != "volume":
                before = market.close[:a, j]
                before = before[~np.isnan(before)]
                if before.size:
                    out[k, j] *= 1.0 - value / before[-1]
    return out


def test_it_agrees_with_the_slow_words_on_random_markets():
    rng = np.random.default_rng(3)
    for _ in range(20):
        rows, assets = 30, 4
        close = rng.uniform(20.0, 60.0, (rows, assets))
        actions = {
            (int(rng.integers(0, rows)), int(rng.integers(0, assets))): (kind, value)
            for kind, value in [(SPLIT, 2.0), (SPLIT, 0.1), (DIVIDEND, 0.7), (DIVIDEND, 1.3), (SPLIT, 3.0)] * 2
        }
        market = daily(close, actions=[(*place, *what) for place, what in actions.items()], volume=close * 10)
        for field in ("close", "volume"):
            for adjust in ("total", "split", "none"):
                row = int(rng.integers(9, rows))
                got = history(market, field, row, 10, adjust)
                np.testing.assert_allclose(got, slow_history(market, field, row, 10, adjust), rtol=1e-12)


def test_without_actions_in_the_window_nothing_is_copied():
    market = daily([[100.0], [102.0], [51.5], [52.0]], actions=[(2, 0, SPLIT, 2.0)])
    for row, n in ((1, 2), (3, 2)):  # before the split, and from its row on
        window = history(market, "close", row, n)
        assert np.shares_memory(window, market.close)
        with pytest.raises(ValueError, match="read-only"):
            window[0, 0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        history(market, "close", 3, 3)[0, 0] = 1.0
    market.close[0, 0] = 7.0  # views did not lock the market itself
    assert market.close[0, 0] == 7.0


def test_the_last_row_is_always_as_traded():
    market = daily([[100.0], [51.0], [50.0]], actions=[(1, 0, SPLIT, 2.0), (2, 0, DIVIDEND, 1.0)])
    for row in range(3):
        assert history(market, "close", row, row + 1)[-1, 0] == market.close[row, 0]


def test_what_cannot_be_asked_is_refused():
    market = daily([[100.0], [102.0]])
    with pytest.raises(DataError, match="history of 3 rows up to row 1 is not in the data"):
        history(market, "close", 1, 3)
    with pytest.raises(DataError, match="not in the data"):
        history(market, "close", 2, 1)
    with pytest.raises(DataError, match="no field 'open'; it has: close"):
        history(market, "open", 1, 1)
    with pytest.raises(DataError, match=r"unknown field 'closes'.*did you mean 'close'"):
        history(market, "closes", 1, 1)
    with pytest.raises(DataError, match="unknown adjustment 'full'"):
        history(market, "close", 1, 1, "full")


def test_a_dividend_of_the_whole_price_is_refused_only_where_it_shows():
    market = daily([[10.0], [10.0], [10.0]], actions=[(2, 0, DIVIDEND, 10.0)])
    history(market, "close", 1, 2)
    with pytest.raises(DataError, match="dividend of A on 2019-04-16 is not smaller than the price before it"):
        history(market, "close", 2, 2)
