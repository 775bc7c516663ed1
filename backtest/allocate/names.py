"""Symbols, properties and groups that allocation and constraints name; a rule about nobody would be kept silently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from backtest.allocate.base import DEFAULT, History, Method
from backtest.allocate.choice import AllocationChoice
from backtest.allocate.constraints.model import Constraints
from backtest.errors import InputError, nearest

Keys = tuple[str | int, ...]
"""Where something stands in a configuration: ("allocation", "of", 1, "weights")."""

BY_SYMBOL = ("weights", "budgets", "holdings", "benchmark", "market", "min_weight", "max_weight")
"""Parameters that, where they are mappings, name symbols. A table of market caps may name more than the market has."""


SHOWN = 20
"""Names that an error lists where none is near."""


class Named(NamedTuple):
    """A name, where it stands, and what it must be: a symbol, a property of symbols, or a label of that property.

    A property comes before its labels, so that these are told only where it is known.
    """

    keys: Keys
    name: str
    property: str | None = None
    is_label: bool = False


def names_in(keys: Keys, choice: AllocationChoice, rules: Constraints, rule_keys: Keys) -> Iterator[Named]:
    """Return every name in an allocation that stands at `keys`, and in its constraints at `rule_keys`."""
    yield from _of_choice(keys, choice)
    yield from names_in_rules(rule_keys, rules)


def names_in_method(keys: Keys, method: Method) -> Iterator[Named]:
    """Return every name in the parameters of a method that stands at `keys`."""
    return _of_model(keys, method)


def names_in_rules(keys: Keys, rules: Constraints) -> Iterator[Named]:
    """Return every name in constraints that stand at `keys`."""
    yield from _of_model(keys, rules)
    for name, groups in rules.groups.items():
        yield Named((*keys, "groups", name), name, property=name)
        yield from (Named((*keys, "groups", name, label), label, name, is_label=True) for label in groups)


def methods_in(choice: Any) -> Iterator[Method]:
    """Return the method of a choice, those inside it, and those of its fallbacks."""
    return (method for _, method in placed((), choice))


def placed(keys: Keys, choice: Any) -> Iterator[tuple[Keys, Method]]:
    """Return the method of a choice that stands at `keys`, those inside it and those of its fallbacks, with places."""
    method = choice.parameters
    yield keys, method
    for field in type(method).model_fields:
        value = getattr(method, field)
        several = isinstance(value, tuple)
        for k, item in enumerate(value if several else (value,)):
            if hasattr(item, "parameters"):
                yield from placed((*keys, field, k) if several else (*keys, field), item)
    for k, step in enumerate(getattr(choice, "fallback", ())):
        if hasattr(step, "parameters"):
            yield from placed((*keys, "fallback", k), step)


def asks_for_caps(keys: Keys, model: BaseModel) -> Iterator[Keys]:
    """Return the places in a method, or in constraints, that need the market values known at each decision."""
    for field in type(model).model_fields:
        value = getattr(model, field)
        if field == "caps" and value is None:
            yield keys
        elif (field, value) in (("market", "caps"), ("benchmark", "market_cap")):
            yield (*keys, field)
        elif isinstance(value, BaseModel) and not hasattr(value, "parameters"):
            yield from asks_for_caps((*keys, field), value)


def refuse_strangers(named: Iterable[Named], history: History) -> None:
    """Raise for the first symbol, property or label that is not in `history`, which must be of the whole market."""
    there: dict[tuple[str | None, bool], tuple[dict[str, None], str]] = {}
    for each in named:
        kind = each.property, each.is_label
        if kind not in there:
            there[kind] = _there(each, history)
        known, what = there[kind]
        if each.name not in known:
            close = nearest(each.name, known)
            where = ".".join(map(str, each.keys[:-1] if each.keys[-1] == each.name else each.keys))
            hint = f"; did you mean {close!r}?" if close else f"; known: {', '.join([*known][:SHOWN]) or 'none'}"
            raise InputError(f"{where}: {each.name!r} is not {what}{hint}")


def _there(named: Named, history: History) -> tuple[dict[str, None], str]:
    """Return the names of a kind that are there, in order, and what kind that is."""
    if named.property is None:
        return dict.fromkeys(history.symbols.tolist()), "a symbol"
    if not named.is_label:
        return dict.fromkeys(history.groups), "a property of the symbols"
    labels = sorted({str(label) for label in history.groups[named.property]} - {""})
    return dict.fromkeys(labels), f"a {named.property} of any symbol"


def _of_choice(keys: Keys, choice: Any) -> Iterator[Named]:
    """Return the names in a method and, for the choice of a configuration, in its fallbacks."""
    yield from _of_model(keys, choice.parameters)
    for k, step in enumerate(getattr(choice, "fallback", ())):
        if not isinstance(step, str):
            yield from _of_choice((*keys, "fallback", k), step)


def _of_model(keys: Keys, model: BaseModel) -> Iterator[Named]:
    by = getattr(model, "by", None) if "budgets" in type(model).model_fields else None
    if by is not None:
        yield Named((*keys, "by"), by, property=by)
    for field in type(model).model_fields:
        value = getattr(model, field)
        if value is None or isinstance(value, str | int | float):
            continue  # most of them, and this is asked on each call of `allocate`
        if isinstance(value, Mapping):
            if field in BY_SYMBOL:
                yield from _of_mapping((*keys, field), value, by)
        else:
            yield from _of_value((*keys, field), value)


def _of_mapping(keys: Keys, names: Iterable[str], by: str | None) -> Iterator[Named]:
    """Return the keys of a mapping: symbols, or labels of the property `by`."""
    for name in names:
        if name != DEFAULT:
            yield Named((*keys, name), name, by, is_label=by is not None)


def _of_value(keys: Keys, value: Any) -> Iterator[Named]:
    if hasattr(value, "parameters"):
        yield from _of_choice(keys, value)
    elif isinstance(value, BaseModel):
        yield from _of_model(keys, value)
    elif isinstance(value, tuple):
        for k, item in enumerate(value):
            yield from _of_value((*keys, k), item)
