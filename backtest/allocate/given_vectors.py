"""One number, or one label, a symbol, as a caller gives them: by name, or in the order of the symbols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from backtest.allocate.real import number, real, shown
from backtest.errors import InputError, nearest
from backtest.types import Floats, Strings

Vector = pd.Series | Mapping[str, float] | Sequence[float] | Floats
"""One number a symbol: by name, or in the order of the symbols."""

ALLOWED = "one number a symbol, by name (a Series, a mapping) or in the order of the symbols"
LARGEST_HELD = 10.0
"""Weights held now beyond this are percent, or money: nobody is asked for 1000 % of equity in one symbol."""

LABELS = "labels by property, {'sector': {NAME: LABEL}}, or a DataFrame with one row a symbol"


def vector(what: str, given: Any, names: Sequence[str], others: float | None = None, may_miss: bool = False) -> Floats:
    """Return one number a symbol `(N,)`, from a mapping or Series by name, from a sequence by order.

    `others` is for symbols that are not named; None: each must be.
    """
    if isinstance(given, pd.Series | Mapping):
        by_name = _by_name(what, given)
        absent = [name for name in names if name not in by_name]
        if absent and others is None:
            raise InputError(f"{what}: nothing is said of {absent[0]!r}")
        given = [by_name.get(name, others) for name in names]
    values = np.array(real(what, given, ALLOWED, names))
    if values.shape != (len(names),):
        raise InputError(f"{what}: expected {len(names)} numbers, one a symbol; received shape {values.shape}")
    bad = np.isinf(values) | (np.isnan(values) & (not may_miss))
    if bad.any():
        k = int(np.argmax(bad))
        raise InputError(
            f"{what}: {names[k]}: received {values[k]}; allowed: finite" + (", or NaN" if may_miss else "")
        )
    return values


def mean_of(given: Any, names: Sequence[str]) -> Floats:
    """Return expected returns `(N,)`, a year; NaN for a symbol that nothing is said of, which gets no weight."""
    if isinstance(given, pd.Series | Mapping):
        refuse_others("mean", given.keys(), names)
    return vector("mean", given, names, others=np.nan, may_miss=True)


def held(given: Any, names: Sequence[str]) -> Floats:
    """Return the weights held now `(N,)`; 0 for a symbol that is not named."""
    weights = vector("current", given, names, others=0.0)
    large = np.abs(weights) > LARGEST_HELD
    if large.any():
        k = int(np.argmax(large))
        raise InputError(f"current: {names[k]}: received {weights[k]:g}; allowed: a fraction of equity, 0.5 is 50 %")
    return weights


def held_outside(given: Any, names: Sequence[str]) -> dict[str, float]:
    """Return what is held now in symbols that are not among `names`, and will be sold: |weight| by name."""
    if not isinstance(given, pd.Series | Mapping):
        return {}
    known = set(names)
    allowed = "a finite number"
    sizes = {
        str(name): abs(number(f"current: {name}", weight, allowed))
        for name, weight in given.items()
        if str(name) not in known
    }
    if not np.isfinite([*sizes.values()]).all():
        raise InputError(f"current: received a weight that is not finite; allowed: {allowed}")
    return {name: size for name, size in sizes.items() if size}


def groups_of(given: Any, names: Sequence[str]) -> dict[str, Strings]:
    """Return property → labels `(N,)`; a symbol without a label has an empty one."""
    if given is None:
        return {}
    if isinstance(given, pd.DataFrame):
        if given.columns.nlevels > 1 or not given.columns.is_unique:
            raise InputError(f"groups: each column is one property, named once; allowed: {LABELS}")
        given = {str(key): given[key] for key in given.columns}
    if not isinstance(given, Mapping):
        raise InputError(f"groups: received {shown(given)}; allowed: {LABELS}")
    return {str(key): _labels(f"groups.{key}", labels, names) for key, labels in given.items()}


def _labels(what: str, given: Any, names: Sequence[str]) -> Strings:
    if isinstance(given, pd.Series | Mapping):
        by_name = _by_name(what, given)
        if isinstance(getattr(given, "index", None), pd.RangeIndex) and not by_name.keys() & set(names):
            raise InputError(
                f"{what}: its rows are numbered, not named; allowed: the symbols as the index, set_index()"
            )
        given = [by_name.get(name) for name in names]
    if not pd.api.types.is_list_like(given, allow_sets=False):
        raise InputError(f"{what}: received {shown(given)}; allowed: {LABELS}")
    labels = list(given)
    if len(labels) != len(names):
        raise InputError(f"{what}: expected {len(names)} labels, one a symbol; received {len(labels)}")
    for name, label in zip(names, labels, strict=True):
        if not pd.api.types.is_scalar(label):
            raise InputError(f"{what}: {name}: received {shown(label)}; allowed: a label, such as a text")
    missing = pd.isna(np.fromiter(labels, object, len(labels)))
    return np.array(["" if lost else str(label) for label, lost in zip(labels, missing, strict=True)], np.str_)


def _by_name(what: str, given: pd.Series | Mapping[Any, Any]) -> dict[str, Any]:
    """Return values by the text of their names, each of which must be there once."""
    if isinstance(given, pd.Series) and given.index.nlevels > 1:
        raise InputError(f"{what}: its names have {given.index.nlevels} levels, the first {given.index[:1].tolist()}")
    found = {str(name): value for name, value in given.items()}
    if len(found) < len(given):
        names = [str(name) for name, _ in given.items()]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{what}: {twice!r} is there more than once")
    return found


def refuse_others(what: str, labels: Iterable[Any], names: Sequence[str]) -> None:
    """Raise for the first label that is no symbol."""
    known = set(names)
    for label in labels:
        if str(label) not in known:
            close = nearest(label, names)
            raise InputError(f"{what}: {label!r} is not a symbol" + (f"; did you mean {close!r}?" if close else ""))
