"""Columns become rows."""

from __future__ import annotations

import numpy as np

from backtest.kernels.turn import turn_eight


def test_eight_columns_go_where_they_belong_and_nowhere_else() -> None:
    values = np.random.default_rng(0).normal(size=(20, 13))
    out = np.full((13, 30), -1.0)
    columns = tuple(values[k] for k in range(4, 12))
    for column in columns:
        column.flags.writeable = False
    turn_eight(columns, out, 16)
    assert np.array_equal(out[:, 16:24], values[4:12].T)
    assert (out[:, :16] == -1.0).all()
    assert (out[:, 24:] == -1.0).all()
