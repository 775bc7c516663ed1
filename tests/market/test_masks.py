import numpy as np

from backtest.market.actions import action_table
from backtest.market.masks import first_rows, last_rows, listed_mask, real_bars, session_ends
from backtest.types import ACTION, ActionKind

from .markets import NAN


def test_a_real_bar_has_every_price_finite_and_positive():
    close = np.array([[1.0, 1.0, NAN, 1.0]])
    high = np.array([[1.0, 0.0, 1.0, np.inf]])
    assert real_bars([close]).tolist() == [[True, True, False, True]]
    assert real_bars([close, high]).tolist() == [[True, False, False, False]]


def test_session_ends():
    assert session_ends(np.array([5, 5, 6, 8, 8])).tolist() == [False, True, True, False, True]


def test_listing_ends_with_a_delisting_but_not_with_silence():
    real = np.array([[True, True], [True, True], [False, True], [False, False]])
    session, ever = np.arange(4), np.full(2, 99)
    nothing = np.empty(0, ACTION)
    assert listed_mask(session, np.array([0, 1]), ever, real, nothing).tolist() == [
        [True, False], [True, True], [True, True], [True, True],
    ]  # fmt: skip
    gone = action_table([(2, 0, ActionKind.DELISTING, 0.0), (2, 1, ActionKind.DELISTING, 0.0)])
    assert listed_mask(session, np.array([0, 0]), ever, real, gone).tolist() == [
        [True, True], [True, True], [False, True], [False, False],
    ]  # fmt: skip


def test_first_and_last_rows():
    real = np.array([[False, False, True], [True, False, True], [True, False, False]])
    assert first_rows(real).tolist() == [1, 3, 0]
    assert last_rows(real).tolist() == [2, -1, 1]
