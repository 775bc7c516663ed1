from dataclasses import replace

import numpy as np
import pytest

from backtest.market.importer import import_files
from backtest.market.quality import check, check_store
from backtest.market.runs import longest_run, runs
from backtest.types import ActionKind

from .markets import NAN, daily, write


def walk(rows=300, assets=2, seed=0):
    rng = np.random.default_rng(seed)
    return 50.0 * np.exp(np.cumsum(rng.normal(0, 0.01, (rows, assets)), axis=0))


def finding(report, words):
    """The one finding that has `words`."""
    (found,) = [text for text in report.findings if words in text]
    return found


def test_clean_data_have_no_finding_but_survivorship():
    report = check(daily(walk()))
    assert (report.table[["missing", "gaps", "stale_runs", "split_like", "duplicates"]] == 0).all().all()
    assert report.table["bars"].tolist() == [300, 300]
    assert report.table.loc["A", "first"] == "2019-04-14"
    assert report.table.loc["A", "last"] == "2020-02-07"
    (only,) = report.findings
    assert "survivorship" in only


def test_gaps_are_counted_between_the_first_and_the_last_bar():
    close = walk()
    close[:20, 0] = close[50:53, 0] = close[60, 0] = NAN
    report = check(daily(close))
    row = report.table.loc["A"]
    assert (row["bars"], row["missing"], row["gaps"], row["longest_gap"]) == (276, 4, 2, 3)
    assert row["first"] == "2019-05-04"
    assert finding(report, "stretches without bars") == (
        "2 stretches without bars between the first and the last one, in 1 symbols (A 2); the longest has 3, of A"
    )


def test_stuck_prices_are_found():
    close = walk()
    close[100:107, 1] = close[100, 1]
    close[200:204, 1] = close[200, 1]  # four are not enough
    report = check(daily(close))
    assert report.table.loc["B", ["stale_runs", "longest_stale"]].tolist() == [1, 7]
    assert "1 stretches of 5 or more bars with the same close" in finding(report, "same close")


@pytest.mark.parametrize("ratio", [2.0, 3.0, 1.5, 10.0, 0.1, 0.5])
def test_a_split_that_was_not_adjusted_for_is_found(ratio):
    close = walk()
    close[150:, 0] /= ratio
    report = check(daily(close))
    assert report.table["split_like"].tolist() == [1, 0]
    words = finding(report, "look like splits")
    assert "A on 2019-09-11 (price divided by" in words


def test_a_split_with_its_action_is_no_finding():
    close = walk()
    close[150:, 0] /= 2.0
    report = check(daily(close, actions=[(150, 0, ActionKind.SPLIT, 2.0)]))
    assert report.table["split_like"].sum() == 0


def test_a_crash_during_the_session_is_no_split():
    close = walk()
    close[150:, 0] /= 2.0
    opened = np.vstack([close[:1], close[:-1]])
    market = daily(close, open=opened, high=np.maximum(opened, close), low=np.minimum(opened, close))
    assert check(market).table["split_like"].sum() == 0
    opened[150, 0] /= 2.0
    assert check(replace(market, open=opened)).table["split_like"].sum() == 1


def test_a_wild_coin_is_no_split():
    rng = np.random.default_rng(1)
    close = np.exp(np.cumsum(rng.normal(0, 0.5, (400, 1)), axis=0))
    assert check(daily(close)).table["split_like"].sum() == 0


def test_impossible_prices_are_found():
    close = walk()
    high, low = close * 1.01, close * 0.99
    high[10, 0], low[10, 0] = low[10, 0], high[10, 0]
    high[20, 1] = close[20, 1] * 0.995
    close[30, 1] = -1.0
    low[30, 1] = -2.0
    report = check(daily(close, high=high, low=low))
    assert report.table["high_below_low"].tolist() == [1, 0]
    assert report.table["outside_range"].tolist() == [0, 1]
    assert report.table["not_positive"].tolist() == [0, 1]
    assert "zero or negative" in report.findings[0]
    assert "high below low" in report.findings[1]


def test_who_stops_without_a_word_is_named():
    close = walk(assets=3)
    close[200:, 1] = close[250:, 2] = NAN
    market = daily(close, actions=[(250, 2, ActionKind.DELISTING, 0.0)])
    assert "1 symbols stop before the data do, with no delisting and no listed_to: B" in check(market).findings


def test_a_symbol_without_bars_does_not_break_the_table():
    close = walk()
    close[:, 1] = NAN
    assert check(daily(close)).table.loc["B", "bars"] == 0


def test_what_the_import_left_out_is_told(tmp_path):
    text = "date,symbol,close\n2020-01-02,A,1\n2020-01-02,A,2\n2020-01-03,A,0\n2020-01-03,B,1\n2020-01-04,A,1\n"
    import_files([write(tmp_path / "p.csv", text)], "x", tmp_path, on_duplicate="last", drop_bad_bars=True)
    report = check_store(tmp_path, "x")
    assert report.table["duplicates"].tolist() == [1, 0]
    assert report.table["dropped"].tolist() == [1, 0]
    assert "1 bars repeated another" in finding(report, "repeated")


def test_runs():
    assert runs(np.array([True, False, True, True, False])).tolist() == [1, 2]
    assert longest_run(np.array([False, False])) == 0
    assert longest_run(np.array([], np.bool_)) == 0
