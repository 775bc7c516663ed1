"""Renames and spin-offs: what history makes of them, what a store keeps, and what cannot be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtest.errors import DataError
from backtest.market import parquet
from backtest.market.adjust import history
from backtest.market.build import make_market
from backtest.market.cut import ended
from backtest.market.forward import forward
from backtest.market.hashing import content_hash
from backtest.market.quality import check
from backtest.market.save import save
from backtest.market.store import load
from backtest.market.stream.column_file import ColumnFile
from backtest.types import ActionKind

from .markets import NAN, daily

SPLIT, DIVIDEND, DELISTING = ActionKind.SPLIT, ActionKind.DIVIDEND, ActionKind.DELISTING
SPIN_OFF, RENAME = ActionKind.SPIN_OFF, ActionKind.RENAME


def renamed(**fields):
    """A is B from row 3 on; A split two for one on row 1, B pays 1 on row 4."""
    close = np.array([[20.0, NAN], [10.0, NAN], [11.0, NAN], [NAN, 12.0], [NAN, 11.0], [NAN, 11.0]])
    actions = [(1, 0, SPLIT, 2.0), (3, 0, RENAME, 0.0, 1), (4, 1, DIVIDEND, 1.0)]
    return daily(close, actions=actions, **fields)


def test_a_new_name_has_the_history_of_the_old_one():
    market = renamed(volume=np.where(np.isnan(renamed().close), NAN, 100.0))
    kept = 1.0 - 1.0 / 12.0
    np.testing.assert_allclose(history(market, "close", 5, 6)[:, 1], [10 * kept, 10 * kept, 11 * kept, 11, 11, 11])
    np.testing.assert_allclose(history(market, "close", 5, 6, "split")[:, 1], [10, 10, 11, 12, 11, 11])
    np.testing.assert_allclose(history(market, "close", 5, 6, "none")[:, 1], [20, 10, 11, 12, 11, 11])
    np.testing.assert_allclose(history(market, "volume", 5, 6)[:, 1], [200, 100, 100, 100, 100, 100])
    np.testing.assert_allclose(history(market, "close", 5, 4)[:, 1], [11 * kept, 11, 11, 11])


def test_before_its_day_nobody_knows_of_a_new_name():
    market = renamed()
    assert np.isnan(history(market, "close", 2, 3)[:, 1]).all()
    for row in range(6):
        np.testing.assert_array_equal(
            history(market, "close", row, row + 1), history(ended(market, row), "close", row, row + 1)
        )


def test_a_symbol_may_be_renamed_again():
    close = np.array([[10.0, NAN, NAN], [NAN, 11.0, NAN], [NAN, NAN, 12.0]])
    market = daily(close, actions=[(1, 0, RENAME, 0.0, 1), (2, 1, RENAME, 0.0, 2)])
    assert history(market, "close", 2, 3)[:, 2].tolist() == [10.0, 11.0, 12.0]
    assert history(market, "close", 1, 2)[:, 1].tolist() == [10.0, 11.0]


def test_a_panel_knows_the_new_name_from_its_day_on():
    panel = forward(renamed(), "close")
    assert np.isnan(panel[:3, 1]).all()
    # Units go on: the split has made two of one, the dividend bought a twelfth more than what is left.
    np.testing.assert_allclose(panel[3:, 1], [24.0, 24.0, 24.0])
    np.testing.assert_allclose(panel[:3, 0], [20.0, 20.0, 22.0])


def test_the_old_name_is_not_listed_any_more():
    assert renamed().listed.T.tolist() == [[True] * 3 + [False] * 3, [False] * 3 + [True] * 3]


def spun(first=None, **fields):
    """A gives 0.2 B each on row 2, worth 5 then."""
    close = np.array([[10.0, NAN], [10.0, NAN], [9.0, 4.0], [9.0, 4.0]])
    opens = None if first is None else np.array([[10.0, NAN], [10.0, NAN], [9.2, first], [9.0, 4.0]])
    given = {} if opens is None else {"open": opens}
    return daily(close, actions=[(2, 0, SPIN_OFF, 0.2, 1)], **given, **fields)


def test_a_spin_off_does_not_look_like_a_crash():
    np.testing.assert_allclose(history(spun(first=5.0), "close", 3, 4)[:, 0], [9.0, 9.0, 9.0, 9.0])
    np.testing.assert_allclose(
        history(spun(), "close", 3, 4)[:, 0], [9.2, 9.2, 9.0, 9.0]
    )  # its close is its first price
    np.testing.assert_allclose(history(spun(), "close", 3, 4, "split")[:, 0], [10.0, 10.0, 9.0, 9.0])
    np.testing.assert_allclose(history(spun(), "close", 1, 2)[:, 0], [10.0, 10.0])  # not yet
    np.testing.assert_allclose(forward(spun(first=5.0), "close")[:, 0], [10.0, 10.0, 10.0, 10.0])


def test_a_spin_off_is_taken_from_the_mark_that_splits_and_dividends_have_left():
    close = np.array([[20.0, 5.0], [20.0, 5.0], [8.0, 5.0]])
    actions = [(2, 0, SPLIT, 2.0), (2, 0, DIVIDEND, 1.0), (2, 0, SPIN_OFF, 0.2, 1)]
    # 20 is 10 after the split, 9 after the dividend, 8 after what is worth 1.
    np.testing.assert_allclose(history(daily(close, actions=actions), "close", 2, 3)[:, 0], [8.0, 8.0, 8.0])


def test_a_child_without_a_bar_is_worth_its_last_mark():
    close = np.array([[10.0, 5.0], [10.0, NAN], [9.0, NAN]])
    market = daily(close, actions=[(1, 1, DIVIDEND, 1.0), (2, 0, SPIN_OFF, 0.25, 1)])
    np.testing.assert_allclose(history(market, "close", 2, 3)[:, 0], [9.0, 9.0, 9.0])


def test_what_has_no_price_is_told():
    close = np.array([[10.0, NAN], [10.0, NAN], [9.0, NAN], [9.0, 4.0]])
    market = daily(close, actions=[(2, 0, SPIN_OFF, 0.2, 1)])
    np.testing.assert_allclose(history(market, "close", 2, 3)[:, 0], [10.0, 10.0, 9.0])
    (said,) = [each for each in check(market).findings if "spin-offs" in each]
    assert said.startswith("1 spin-offs into symbols without a price on that day")
    assert "A into B on 2019-04-16" in said


def test_the_quality_report_knows_who_goes_on_and_who_was_given_away():
    close = np.full((60, 3), 10.0) * np.exp(np.random.default_rng(0).normal(0.0, 0.001, (60, 3)))
    close[30:, 0] = close[:30, 1] = NAN
    close[40:, 2] /= 2.0
    told = check(daily(close, actions=[(30, 0, RENAME, 0.0, 1), (40, 2, SPIN_OFF, 0.5, 1)])).findings
    assert [each for each in told if "stop before" in each or "splits" in each] == []
    assert any("every symbol lives to the last row" in each for each in told)


def test_a_store_keeps_them(tmp_path):
    market = replace(renamed(), name="kept")
    save(market, tmp_path)
    again = load(tmp_path, "kept")
    assert again.actions.tolist() == market.actions.tolist()
    assert again.content_hash == market.content_hash
    other = replace(market, actions=market.actions[1:])
    assert content_hash(other) != content_hash(market)


def test_a_run_asks_for_both_symbols_or_neither(tmp_path):
    save(replace(renamed(), name="kept"), tmp_path)
    with pytest.raises(DataError, match=r"A becomes B on 2019-04-17, and B is not among the symbols; allowed: both A"):
        load(tmp_path, "kept", ["A"])
    assert len(load(tmp_path, "kept", ["B"]).actions) == 1  # the dividend
    late = load(tmp_path, "kept", ["A", "B"], start="2019-04-18", rows_before=0)
    assert [action["kind"] for action in late.actions] == [DIVIDEND]
    assert late.listed.T.tolist() == [[False, False], [True, True]]
    assert len(load(tmp_path, "kept", ["A"], start="2019-04-18", rows_before=0).actions) == 0


def test_a_stream_knows_them_too(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "ROWS_PER_GROUP", 2)
    save(replace(renamed(), name="kept"), tmp_path)
    whole, stream = load(tmp_path, "kept"), load(tmp_path, "kept", look_back=0)
    assert stream.actions.tolist() == whole.actions.tolist()
    assert stream.listed[:].tolist() == whole.listed.tolist()
    for row in range(whole.n_rows):
        for adjust in ("total", "split", "none"):
            seen = history(stream, "close", row, row + 1, adjust)
            assert seen.tobytes() == history(whole, "close", row, row + 1, adjust).tobytes()
    assert stream.action_factors.dividend.tolist() == whole.action_factors.dividend.tolist()


def test_a_stream_refuses_a_name_that_has_a_past_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "ROWS_PER_GROUP", 2)
    save(replace(renamed(), name="kept"), tmp_path)
    file = ColumnFile(tmp_path / "kept" / "bars" / "close.parquet", ["A", "B"])
    assert [file.bars_before(0, row).tolist() for row in (0, 2, 6)] == [[], [0, 1], [0, 1, 2]]
    assert [file.bars_before(1, row).tolist() for row in (3, 5, 6)] == [[], [3, 4], [3, 4, 5]]
    monkeypatch.setattr(ColumnFile, "bars_before", lambda *_: np.array([1]))
    with pytest.raises(DataError, match=r"the new name B has 1 bars before that day, the first on 2019-04-15"):
        load(tmp_path, "kept", look_back=0)


CLOSE = np.array([[10.0, NAN, 5.0]] * 2 + [[NAN, 10.0, 5.0]] * 3)


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        ([(2, "A", "rename", "D")], "rename into unknown symbol 'D'"),
        ([(2, "A", "rename", "A")], "received 'A' as the other symbol; allowed: another one than 'A'"),
        ([(2, "A", "rename", "C")], "the new name C has 2 bars before that day, the first on 2000-01-01"),
        ([(1, "A", "rename", "B")], "A is renamed to B on 2000-01-02 and has 1 bars from then on"),
        ([(2, "A", "rename", "B"), (3, "A", "rename", "B")], "allowed: one new name a symbol"),
        ([(2, "A", "rename", "B"), (3, "A", "split", 2.0)], "split of A on 2000-01-04: A is B since 2000-01-03"),
        ([(2, "A", "rename", "B"), (2, "A", "dividend", 1.0)], "dividend of A on 2000-01-03: A is B since 2000-01-03"),
        ([(2, "A", "rename", "B"), (1, "B", "split", 2.0)], "allowed: actions of a new name from that day on"),
        ([(2, "A", "rename", "B"), (2, "C", "rename", "B")], "allowed: a name that nobody else has taken"),
        ([(2, "A", "rename", "B"), (2, "B", "rename", "C")], "one rename a day"),
        ([(2, "A", "rename", "B"), (3, "C", "spin_off", 0.1, "A")], "which has left the market on 2000-01-03"),
        ([(1, "C", "delisting", 0.0), (2, "B", "spin_off", 0.1, "C")], "which has left the market on 2000-01-02"),
        ([(3, "B", "spin_off", 0.1, "C"), (3, "A", "spin_off", 0.1, "C")], "allowed: one spin-off a day into a symbol"),
        ([(3, "B", "spin_off", 0.1, "C"), (3, "B", "spin_off", 0.1, "C")], "B has the same spin_off twice in one row"),
        ([(3, "B", "spin_off", 2.0, "C")], "the spin_off of B on 2000-01-04 is not smaller than the price before it"),
        ([(3, "B", "spin_off", 0.0, "C")], "received a spin_off of 0; allowed: a split, dividend or spin_off above 0"),
        ([(3, "B", "spin_off", 0.1)], "received 4 entries of a spin_off; allowed: (row, symbol, 'spin_off', units"),
        (
            [(3, "B", "rename", 0.0, "C")],
            "received 5 entries of a rename; allowed: (row, symbol, 'rename', new symbol)",
        ),
        ([(3, "B", "spin_off", 0.1, "c")], "spin_off into unknown symbol 'c'; known: A, B, C"),
        ([(3, "B", "split", "C")], "received a split of 'C'"),
    ],
)
def test_what_cannot_have_happened_is_refused(actions, words):
    with pytest.raises(DataError) as caught:
        make_market(close=CLOSE, symbols=["A", "B", "C"], price_kind="raw", actions=actions)
    assert words in str(caught.value), str(caught.value)


def test_adjusted_prices_have_none_of_them():
    with pytest.raises(DataError, match="they need price_kind='raw'"):
        make_market(close=CLOSE, symbols=["A", "B", "C"], actions=[(2, "A", "rename", "B")])
