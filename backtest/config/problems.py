"""From what pydantic found to what a person can act on: place, received, allowed, nearest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from backtest.config.describe import allowed, allowed_inside, choices, is_union, shown, summary
from backtest.config.nested import field_of, holder
from backtest.config.node import Keys, Node, child, find, nearest_node, plain, problem_at
from backtest.errors import Problem, nearest

_BOUNDS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number", "multiple_of")
_LENGTHS = {
    "too_short": "too few",
    "too_long": "too many",
    "string_too_short": "too short",
    "string_too_long": "too long",
}
_KINDS = {
    "bool_type": "neither true nor false",
    "int_type": "not a whole number",
    "float_type": "not a number",
    "string_type": "not text",
    "tuple_type": "not a list",
    "list_type": "not a list",
    "dict_type": "not a mapping",
    "model_attributes_type": "not a mapping",
    "model_type": "not a mapping",
    "date_type": "not a date",
    "date_parsing": "not a date",
    "literal_error": "unknown choice",
}


MOST_ALIKE = 20
"""Wrong values in one list or mapping that are told one by one; a universe of unquoted numbers has thousands."""

Details = Sequence[Mapping[str, Any]]
"""What `ValidationError.errors` returns."""


def problems_of(
    details: Details, model: type[BaseModel], tree: Node, keys: Keys, beside: tuple[str, ...] = ()
) -> list[Problem]:
    """Return the problems of the mapping at `keys`, which `model` was made from, one for each place.

    `beside` are keys of the mapping that are read elsewhere.
    """
    found = [(_place(nearest_node(tree, keys), detail), detail) for detail in _without_echoes(details, model)]
    outer = {place[:k] for place, _ in found for k in range(1, len(place))}
    places: dict[Keys, list[Mapping[str, Any]]] = {}
    for place, detail in found:
        # A union says for each of its kinds why it does not fit; the one that got furthest is what was meant.
        if place not in outer:
            places.setdefault(place, []).append(detail)
    return list(_told(model, tree, keys, places, beside))


def _told(
    model: type[BaseModel], tree: Node, keys: Keys, places: Mapping[Keys, Details], beside: tuple[str, ...]
) -> Iterator[Problem]:
    """Tell each place, but no more than `MOST_ALIKE` in one list or mapping of values."""
    counts: Counter[Keys] = Counter()
    for place, details in places.items():
        above = place[:-1]
        counts[above] += 1
        if not above or counts[above] <= MOST_ALIKE:
            yield _problem(model, tree, keys, place, details, beside)
    for above, count in counts.items():
        if above and count > MOST_ALIKE:
            yield problem_at(tree, (*keys, *above), f"{count - MOST_ALIKE} more values are wrong")


def unknown_key(tree: Node, keys: Keys, known: Iterable[str]) -> Problem:
    """Return the problem of a key that means nothing where it stands."""
    names = list(known)
    listed = ", ".join(names) or "none"
    return problem_at(tree, keys, "unknown key", allowed=listed, nearest=nearest(keys[-1], names))


def _without_echoes(details: Details, model: type[BaseModel]) -> Details:
    """Leave out a missing key that is there misspelt: the unknown key already says what it should be."""
    unread = [detail["loc"] for detail in details if detail["type"] == "extra_forbidden"]
    missing = [detail["loc"] for detail in details if detail["type"] == "missing"]
    meant = {(nearest(loc[0], model.model_fields),) for loc in unread if len(loc) == 1}
    for place, key in ((loc[:-1], loc[-1]) for loc in unread if len(loc) > 1):
        meant |= {loc for loc in missing if loc[:-1] == place and nearest(key, loc[-1:])}
    return [detail for detail in details if detail["type"] != "missing" or detail["loc"] not in meant]


def _place(node: Node, detail: Mapping[str, Any]) -> Keys:
    """Return where an error stands in what was written: pydantic's location without the names of union members."""
    place: list[str | int] = []
    last = len(detail["loc"]) - 1
    for k, part in enumerate(detail["loc"]):
        below = child(node, part)
        if below is not None:
            place.append(part)
            node = below
        elif detail["type"] == "missing" and k == last:
            place.append(part)
    return tuple(place)


def _problem(
    model: type[BaseModel], tree: Node, keys: Keys, place: Keys, details: Details, beside: tuple[str, ...]
) -> Problem:
    detail, here = details[0], (*keys, *place)
    node = find(tree, keys)
    field, at = field_of(model, node, place)
    kinds = {item["type"] for item in details}
    if "extra_forbidden" in kinds:
        inside = holder(model, node, place)
        if inside is None:
            return problem_at(tree, here, "unknown key")
        return unknown_key(tree, here, [*beside, *inside.names] if len(place) == 1 else inside.names)
    if "missing" in kinds:
        about = summary(field.description) if field and at == place else ""
        message = f"missing: {about[0].lower()}{about[1:].rstrip('.')}" if about else "missing"
        return problem_at(tree, here, message, allowed=allowed(field) if field and not about else None)
    if field is None or not kinds & {*_BOUNDS, *_LENGTHS, *_KINDS}:
        return _own_words(tree, here, detail)
    return _wrong_value(tree, here, field, kinds, is_inside=at != place)


def _own_words(tree: Node, keys: Keys, detail: Mapping[str, Any]) -> Problem:
    """Return a problem that a validator of ours, or of a strategy, has put into words."""
    context = detail.get("ctx", {})
    message = str(context["error"]) if detail["type"] == "value_error" else str(detail["msg"])
    node = find(tree, keys)
    received = None if node is None or isinstance(node.value, dict | list) else shown(node.value)
    return problem_at(tree, keys, message, received=received, allowed=context.get("allowed"))


def _wrong_value(tree: Node, keys: Keys, field: FieldInfo, kinds: set[str], is_inside: bool) -> Problem:
    value = plain(nearest_node(tree, keys))
    takes = (allowed_inside(field) if is_inside else None) or allowed(field)
    if "string_type" in kinds and isinstance(value, int | float):
        takes += f"; in quotes a {'word' if isinstance(value, bool) else 'number'} is text"
    close = nearest(value, choices(field)) if isinstance(value, str) else None
    message = _message(kinds, value, is_union(field) and not is_inside)
    return problem_at(tree, keys, message, received=shown(value), allowed=takes, nearest=close)


def _message(kinds: set[str], value: object, has_choice: bool) -> str:
    if kinds & set(_BOUNDS):
        return "out of range"
    length = next((text for kind, text in _LENGTHS.items() if kind in kinds), None)
    if length is not None:
        return length
    if "literal_error" in kinds and isinstance(value, str):
        return "unknown choice"
    if has_choice:
        return "wrong kind of value"
    return next(text for kind, text in _KINDS.items() if kind in kinds)
