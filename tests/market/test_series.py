import numpy as np
import pytest

from backtest.errors import DataError
from backtest.market.series import asof, asof_market

from .markets import NAN, series


def test_a_value_counts_from_the_moment_it_is_known():
    caps = series([(10, 100, 0, 1.0), (20, 200, 0, 2.0)])
    for time, value in ((99, NAN), (100, 1.0), (199, 1.0), (200, 2.0), (10**18, 2.0)):
        np.testing.assert_equal(asof(caps, time, 1), [value])


def test_a_late_revision_of_an_old_time_does_not_hide_a_newer_one():
    caps = series([(10, 100, 0, 1.0), (20, 110, 0, 2.0), (10, 120, 0, 1.5), (20, 130, 0, 2.5)])
    assert [asof(caps, t, 1)[0] for t in (100, 110, 120, 130)] == [1.0, 2.0, 2.0, 2.5]


def test_assets_are_told_apart_and_the_whole_market_fills_in():
    mixed = series([(1, 10, 0, 5.0), (1, 20, 2, 7.0), (1, 15, -1, 0.5)])
    np.testing.assert_equal(asof(mixed, 12, 3), [5.0, NAN, NAN])
    np.testing.assert_equal(asof(mixed, 25, 3), [5.0, 0.5, 7.0])
    assert asof_market(mixed, 15) == 0.5
    assert np.isnan(asof_market(mixed, 14))


def test_a_value_per_symbol_is_no_value_of_the_market():
    with pytest.raises(DataError, match="has a value per symbol"):
        asof_market(series([(1, 1, 0, 5.0)]), 2)


def test_an_empty_series_knows_nothing():
    np.testing.assert_equal(asof(series([]), 5, 2), [NAN, NAN])
    assert np.isnan(asof_market(series([]), 5))


def test_it_agrees_with_a_search_through_all_records():
    rng = np.random.default_rng(5)
    rows = [(*rng.integers((0, 0, -1), (20, 40, 4)).tolist(), float(k)) for k in range(80)]
    rows = list({row[:3]: row for row in rows}.values())
    data = series(rows)
    for t in range(-1, 42):
        known = [row for row in rows if row[1] <= t]
        best = {a: max(((r[0], r[1], r[3]) for r in known if r[2] == a), default=(0, 0, NAN))[2] for a in range(-1, 4)}
        expected = [best[-1] if np.isnan(best[a]) else best[a] for a in range(4)]
        np.testing.assert_equal(asof(data, t, 4), expected)
