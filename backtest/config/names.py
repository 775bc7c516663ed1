"""Symbols, properties and groups that allocation and constraints name; a rule about nobody would be kept silently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from backtest.allocate import AllocationChoice, Constraints
from backtest.config.node import Keys

DEFAULT = "default"
"""Key of a mapping by symbol that speaks for the others."""

BY_SYMBOL = ("weights", "budgets", "holdings", "benchmark", "market", "prior", "min_weight", "max_weight")
"""Parameters that, where they are mappings, name symbols. A table of market caps may name more than the market has."""


class Named(NamedTuple):
    """A name, where it stands, and what it must be: a symbol, a property of symbols, or a label of that property."""

    keys: Keys
    name: str
    property: str | None = None
    is_label: bool = False


def names_in(keys: Keys, choice: AllocationChoice, rules: Constraints, rule_keys: Keys) -> Iterator[Named]:
    """Return every name in an allocation that stands at `keys`, and in its constraints at `rule_keys`."""
    yield from _of_choice(keys, choice)
    yield from _of_model(rule_keys, rules)
    for name, groups in rules.groups.items():
        yield Named((*rule_keys, "groups", name), name, property=name)
        yield from (Named((*rule_keys, "groups", name, label), label, name, is_label=True) for label in groups)


def _of_choice(keys: Keys, choice: Any) -> Iterator[Named]:
    """Return the names in a method and, for the choice of a configuration, in its fallbacks."""
    yield from _of_model(keys, choice.parameters)
    for k, step in enumerate(getattr(choice, "fallback", ())):
        if not isinstance(step, str):
            yield from _of_choice((*keys, "fallback", k), step)


def _of_model(keys: Keys, model: BaseModel) -> Iterator[Named]:
    by = getattr(model, "by", None) if "budgets" in type(model).model_fields else None
    for field in type(model).model_fields:
        value = getattr(model, field)
        if isinstance(value, Mapping):
            if field in BY_SYMBOL:
                yield from _of_mapping((*keys, field), value, by)
        else:
            yield from _of_value((*keys, field), value)
    if by is not None:
        yield Named((*keys, "by"), by, property=by)


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
