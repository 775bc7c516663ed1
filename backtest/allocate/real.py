"""Real numbers out of whatever a caller gives, or one error that says what was received and what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from backtest.errors import InputError
from backtest.types import Floats

NUMBERS = "numbers, NaN where there is none"
SHOWN = 60
WORDS = {"b": "true and false", "c": "complex numbers", "M": "dates", "m": "durations", "U": "text", "S": "bytes"}
"""Kinds of arrays that are no real numbers, though some of them could be turned into some."""


def real(what: str, given: Any, allowed: str = NUMBERS, names: Sequence[str] | None = None) -> Floats:
    """Return an array of whatever shape `given` has; None and NA become NaN, and so does what is masked.

    `names` are those of the entries of a vector, for the error.
    """
    if isinstance(given, np.ma.MaskedArray):
        given = np.where(given.mask, np.nan, given.data) if given.dtype.kind in "fiu" else given.data
    try:
        array = np.asarray(given)
    except (TypeError, ValueError, RuntimeError) as error:
        why = "its parts are not of one length" if isinstance(error, ValueError) else str(error)
        raise InputError(f"{what}: not numbers: received {shown(given)}: {why}; allowed: {allowed}") from error
    kind = array.dtype.kind
    if kind in "fiu":
        return array.astype(np.float64, copy=False)
    if kind == "O" or (kind in "US" and isinstance(given, list | tuple)):
        return _of_objects(what, given, allowed, names)
    received = WORDS.get(kind, "records") if array.shape else shown(given)
    raise InputError(f"{what}: not numbers: received {received}; allowed: {allowed}")


def table(what: str, given: Any, allowed: str) -> Any:
    """Return a frame or an array `(n, N)` that holds nothing but numbers; a frame keeps its names."""
    if not isinstance(given, pd.DataFrame):
        if hasattr(given, "columns") or hasattr(given, "column_names"):
            raise InputError(f"{what}: received {shown(given)}, whose names would be lost; allowed: {allowed}")
        values = real(what, given, allowed)
        if values.ndim != 2:
            raise InputError(f"{what}: expected two dimensions; received {shown(given)}; allowed: {allowed}")
        return values
    for name, axis in (("columns", given.columns), ("rows", given.index)):
        if axis.nlevels > 1:
            first = axis[:1].tolist()
            raise InputError(f"{what}: the names of its {name} have {axis.nlevels} levels, as {first}; allowed: one")
    values = given.to_numpy()
    if values.dtype == np.float64:
        return given
    return pd.DataFrame(real(what, values, allowed), given.index, given.columns)


def finite(what: str, given: pd.DataFrame | Floats) -> Floats:
    """Return the values `(n, N)` of what `table` returned; an infinite one is refused."""
    values = np.asarray(given, np.float64)
    if np.isinf(values).any():
        row, column = np.argwhere(np.isinf(values))[0]
        raise InputError(f"{what}: row {row}, column {column}: received {values[row, column]}; allowed: finite, or NaN")
    return values


def number(what: str, given: Any, allowed: str) -> float:
    """Return one number, finite or not; True, text and arrays are none."""
    if type(given) is float:
        return given
    if not isinstance(given, Real | Decimal) or isinstance(given, bool):
        raise InputError(f"{what}: not a number: received {shown(given)}; allowed: {allowed}")
    try:
        return float(given)
    except (OverflowError, ValueError) as error:
        raise InputError(f"{what}: received {shown(given)}, too large a number; allowed: {allowed}") from error


def shown(given: object) -> str:
    """Show something that was received, in one short line: what it is, where its text would not say."""
    if isinstance(given, int) and given.bit_length() > SHOWN:
        return f"a whole number of {given.bit_length()} bits"
    if given is None or isinstance(given, str | bytes | bool | int | float | complex):
        text = repr(given)
        return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
    kind = type(given)
    if isinstance(given, np.ndarray | np.generic):
        return f"an array of shape {given.shape}" if given.shape else str(given)
    if isinstance(given, pd.DataFrame | pd.Series):
        return f"a {kind.__name__} of shape {given.shape}"
    if isinstance(given, list | tuple | dict | set):
        return f"a {kind.__name__} of {len(given)}"
    home = kind.__module__.partition(".")[0]
    return f"a {kind.__name__}" if home in ("builtins", "__main__") else f"a {home} {kind.__name__}"


def _of_objects(what: str, given: Any, allowed: str, names: Sequence[str] | None) -> Floats:
    """Return the numbers of an array of objects, looked at one by one."""
    array = np.asarray(given, object)
    if array.shape == ():
        raise InputError(f"{what}: not numbers: received {shown(given)}; allowed: {allowed}")
    found = np.full(array.shape, np.nan)
    for place, value in np.ndenumerate(array):
        if type(value) is float:
            found[place] = value
        elif value is not None and value is not pd.NA:
            found[place] = number(f"{what}: {_named(place, names)}", value, allowed)
    return found


def _named(place: tuple[int, ...], names: Sequence[str] | None) -> str:
    if len(place) == 1:
        return f"at {place[0]}" if names is None else names[place[0]]
    return f"row {place[0]}, column {place[1]}" if len(place) == 2 else f"at {place}"
