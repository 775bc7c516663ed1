"""Targets that are known ahead, in any of the forms that people hold them, as a plan."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backtest.costs import CASH, Account
from backtest.errors import InputError, unknown
from backtest.kernels.book import Plan
from backtest.market.market import Market
from backtest.simulate.engine import fixed
from backtest.types import Floats, Ints

Targets = pd.DataFrame | Floats | tuple[Ints, Floats]


def plan_from(market: Market, targets: Targets, account: Account = CASH) -> Plan:
    """Turn targets into a plan, without copying C-ordered float64 weights.

    A frame has one row a decision: its index are times of the market's bars, its columns symbols (those it does not
    name get 0). An array is `(T, N)`, a row of NaN leaves everything alone; or it is `(rows, weights)`.
    """
    if isinstance(targets, pd.DataFrame):
        rows, weights = _rows_of(market, targets), _by_symbol(market, targets)
    elif isinstance(targets, tuple):
        rows, weights = _row_numbers(targets[0]), _numbers(targets[1])
    else:
        weights = _numbers(targets)
        if weights.shape != market.close.shape:
            raise InputError(f"targets: received shape {weights.shape}; expected one row a bar, {market.close.shape}")
        rows = np.flatnonzero(~np.isnan(weights[:, 0]) | ~np.isnan(weights).all(axis=1))
        weights = weights[rows]
    _refuse(market, rows, weights, account)
    index = np.full(market.n_rows, -1, np.int64)
    index[rows] = np.arange(len(rows))
    return Plan(fixed(index, np.int64), fixed(weights))


def _by_symbol(market: Market, frame: pd.DataFrame) -> Floats:
    """Weights in the market's column order."""
    names, symbols = list(map(str, frame.columns.tolist())), market.symbols.tolist()
    if names != symbols:
        known = set(symbols)
        strangers = [name for name in names if name not in known]
        if strangers:
            raise InputError("targets: " + unknown("symbol", strangers[0], symbols[:20]))
        if len(set(names)) < len(names):
            repeated = next(name for name in names if names.count(name) > 1)
            raise InputError(f"targets: symbol {repeated!r} appears more than once")
        silent = frame.isna().all(axis=1)
        frame = frame.set_axis(names, axis=1).reindex(columns=symbols, fill_value=0.0)
        frame = frame.mask(silent, axis=0)  # a row of NaN leaves everything alone, unnamed symbols too
    return _numbers(frame)


def _numbers(values: object) -> Floats:
    try:
        if isinstance(values, pd.DataFrame):
            values = values.to_numpy(np.float64)
        return np.ascontiguousarray(values, np.float64)
    except (ValueError, TypeError) as error:
        raise InputError(f"targets: expected weights, one number a symbol and decision: {error}") from None


def _row_numbers(values: object) -> Ints:
    rows = np.asarray(values)
    if rows.ndim != 1 or (rows.dtype.kind not in "iu" and len(rows)):
        raise InputError(f"targets: rows hold {rows.dtype}, shape {rows.shape}; expected a list of whole numbers")
    return rows.astype(np.int64)


def _rows_of(market: Market, frame: pd.DataFrame) -> Ints:
    """Rows of the bars that start at the frame's times."""
    if not isinstance(frame.index, pd.DatetimeIndex):
        raise InputError(f"targets: the index holds {frame.index.dtype}; expected the times of bars")
    index = frame.index.tz_convert("UTC").tz_localize(None) if frame.index.tz else frame.index
    stamps = index.to_numpy("datetime64[ns]").view(np.int64)
    starts = market.start.min(axis=1)
    rows = np.minimum(np.searchsorted(starts, stamps), len(starts) - 1)
    missing = np.flatnonzero(starts[rows] != stamps)
    if len(missing):
        raise InputError(
            f"targets: {frame.index[missing[0]]} is not the time of a bar; bars run from "
            f"{pd.Timestamp(int(starts[0]))} to {pd.Timestamp(int(starts[-1]))}"
        )
    return rows


def _refuse(market: Market, rows: Ints, weights: Floats, account: Account) -> None:
    """Raise for what cannot be a plan."""
    if weights.shape != (len(rows), market.n_assets):
        raise InputError(
            f"targets: received {weights.shape} weights for {len(rows)} decisions of {market.n_assets} assets"
        )
    if len(rows) and (rows.min() < 0 or rows.max() >= market.n_rows or (np.diff(rows) <= 0).any()):
        raise InputError(
            f"targets: rows must rise within 0 … {market.n_rows - 1}; received {rows.min()} … {rows.max()}"
        )
    fault = fault_in(market, rows, weights, account)
    if fault is not None:
        raise InputError(f"targets: {fault}")


def fault_in(market: Market, rows: Ints, weights: Floats, account: Account) -> str | None:
    """Say which decision `(rows, weights)` cannot be carried out and why, None when all can. A row of NaN can."""
    gross = np.abs(weights) @ np.ones(weights.shape[1])  # adding up ten numbers a row takes four times as long
    for k in np.flatnonzero(~(gross <= account.most_gross + 1e-9)):
        missing = np.isnan(weights[k])
        if missing.all():
            continue
        what = f"the weights add up to {gross[k]:.9g}; {account.limit}"
        if missing.any():
            what = f"the weight of {market.symbols[missing.argmax()]} is NaN; only a whole row may be"
        return f"row {rows[k]} ({market.times[rows[k]]:%Y-%m-%d %H:%M}): {what}"
    return None
