"""Fields of a market that somebody holds in memory: read, put in order, and looked over once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from backtest.errors import DataError
from backtest.kernels.scan import copy_field, scan_field
from backtest.types import Bools, Floats, Strings

Given = pd.DataFrame | Floats
PRICES = ("close", "open", "high", "low")  # the close first: it says which bars there are


def read_fields(given: Mapping[str, Given], symbols: Strings) -> tuple[dict[str, Any], Bools]:
    """Return fields `(T, N)` as read-only float64 in C order, and the rows in which every asset has a bar `(T,)`.

    Those that are in C order are not copied. Raise for frames that do not say the same of a position, for impossible
    prices, and for bars of which only a part is there.
    """
    for name, each in given.items():
        _refuse_misaligned(name, each, given["close"])
    found = {name: _numbers(each) for name, each in given.items()}
    _refuse_shapes(found, len(symbols))
    homes = _homes(found)
    complete = np.empty(len(homes["close"]), np.bool_)
    for name in PRICES:
        if name in found:
            _look_over(name, found[name], homes, complete, symbols)
    if "volume" in found:
        _read_volume(found["volume"], homes["volume"], symbols)
    return {name: fixed(home) for name, home in homes.items()}, complete


def fixed(values: Any) -> Any:
    """Return a read-only view: the market promises not to change what it was given."""
    view = values.view()
    view.flags.writeable = False
    return view


def _numbers(given: Given) -> Floats:
    """Return float64. A frame's own method reads nullable columns too, and takes a tenth of the time."""
    values: Floats = given.to_numpy(np.float64) if isinstance(given, pd.DataFrame) else np.asarray(given, np.float64)
    return values


def _homes(found: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return where each field will be in C order: where it is, or in one block with all that must be copied.

    An allocator that gets several blocks of 10 MB back returns them to the system, and the next market waits 3 ms,
    longer than its conversion takes, for the same memory to come again.
    """
    loose = [name for name, values in found.items() if not values.flags.c_contiguous]
    copies = dict(zip(loose, np.empty((len(loose), *found["close"].shape)), strict=True))
    return {name: copies.get(name, values) for name, values in found.items()}


def _look_over(name: str, values: Floats, homes: Mapping[str, Floats], complete: Bools, symbols: Strings) -> None:
    """Bring a price field home and check it; the close also says which rows are complete."""
    home, close = homes[name], homes["close"]
    rows = complete if name == "close" else np.empty_like(complete)
    if home is values:
        bad = scan_field(fixed(home), fixed(close), rows)
    else:
        bad = copy_field(fixed(np.ascontiguousarray(values.T)), home, fixed(close), rows)
    _refuse_impossible(name, home, close, bad, (rows, complete), symbols, 0)


def look_over_block(name: str, values: Floats, close: Floats, complete: Bools, symbols: Strings, first: int) -> None:
    """Check some rows of a field, of which the first is row `first`; the close also says which of them are complete."""
    if name == "volume":
        _refuse_negative(values, symbols, first)
        return
    rows = complete if name == "close" else np.empty_like(complete)
    bad = scan_field(fixed(values), fixed(close), rows)
    _refuse_impossible(name, values, close, bad, (rows, complete), symbols, first)


def _refuse_impossible(
    name: str, values: Floats, close: Floats, bad: int, found: tuple[Bools, Bools], symbols: Strings, first: int
) -> None:
    """Raise for what a scan found, and where a field has all its prices in a row in which the close has not."""
    if bad >= 0:
        raise _impossible(name, values, bad, symbols, first)
    rows, complete = found
    if (rows & ~complete).any():
        row = int(np.flatnonzero(rows & ~complete)[0])
        raise _impossible("close", close, row * len(symbols) + int(np.isnan(close[row]).argmax()), symbols, first)


def _impossible(name: str, values: Floats, flat: int, symbols: Strings, first: int) -> DataError:
    row, column = divmod(flat, len(symbols))
    return DataError(
        f"{name}: row {first + row}, {symbols[column]}: received {values[row, column]:g}; a bar has prices that are "
        "positive and finite in every field, or NaN in every field"
    )


def _read_volume(values: Floats, home: Floats, symbols: Strings) -> None:
    if home is not values:
        home[:] = values
    _refuse_negative(home, symbols, 0)


def _refuse_negative(volume: Floats, symbols: Strings, first: int) -> None:
    if (volume < 0.0).any():
        row, column = (int(place[0]) for place in np.nonzero(volume < 0.0))
        raise DataError(f"volume: row {first + row}, {symbols[column]}: received {volume[row, column]:g}; at least 0")


def _refuse_shapes(found: Mapping[str, Floats], n_assets: int) -> None:
    expected = (len(found["close"]), n_assets)
    for name, values in found.items():
        if values.ndim != 2 or values.shape != expected or not values.size:
            raise DataError(
                f"{name}: received shape {values.shape}; expected (rows, symbols), {expected} here, not empty"
            )


def _refuse_misaligned(name: str, given: Given, close: Given) -> None:
    """Frames are read by position; two that do not say the same of it would be mixed up silently."""
    if not (isinstance(given, pd.DataFrame) and isinstance(close, pd.DataFrame)) or given.shape != close.shape:
        return
    for axis, one, other in (("columns", given.columns, close.columns), ("times", given.index, close.index)):
        wrong = np.flatnonzero(np.asarray(one != other))
        if len(wrong):
            k = int(wrong[0])
            raise DataError(
                f"{name}: its {axis} are not those of close; the first that differs: {one[k]}, not {other[k]}"
            )
