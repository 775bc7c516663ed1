"""What a field allows, in words, made from its type: "a number > 0", "all or a list of text"."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from backtest.allocate import MethodChoice
from backtest.config.node import path_text

_BASIC: dict[object, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    date: "a date as YYYY-MM-DD",
    type(None): "null",
}


ESTIMATOR = "estimator"
"""Key that says which of several classes is meant."""


def allowed(field: FieldInfo) -> str:
    """Say what a field takes."""
    return _joined(_alternatives(field.annotation, field.metadata))


def allowed_inside(field: FieldInfo) -> str | None:
    """Say what an item of a list, or a value of a mapping, takes; None when the field is neither."""
    inside = _element(field.annotation)
    return None if inside is None else _joined(_alternatives(inside, ()))


def choices(field: FieldInfo) -> list[str]:
    """Return the words that a field, or an item of it, may be."""
    return [*_words(field.annotation), *_words(_element(field.annotation))]


def is_union(field: FieldInfo) -> bool:
    """Say whether a field takes values of several kinds, besides null."""
    return len([kind for kind in _members(field.annotation) if kind is not type(None)]) > 1


def shown(value: object) -> str:
    """Show a value that was received, in one short line."""
    if isinstance(value, Mapping):
        names = ", ".join([path_text((key,))[1:].lstrip(".") for key in list(value)[:5]] + ["..."] * (len(value) > 5))
        return f"a mapping with {names}" if value else "an empty mapping"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"a list of {len(value)}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def summary(text: str | None) -> str:
    """Return the first paragraph of a description in one line."""
    return " ".join((text or "").partition("\n\n")[0].split())


def _alternatives(annotation: Any, metadata: Sequence[Any]) -> list[str]:
    annotation, metadata = _stripped(annotation, metadata)
    if get_origin(annotation) is Literal:
        return [str(word) for word in get_args(annotation)]
    members = _members(annotation)
    if len(members) > 1:
        estimators = _estimators(members)
        if estimators:
            return [*estimators, f"a mapping with {ESTIMATOR} and its parameters"]
        return [text for member in members for text in _alternatives(member, metadata)]
    inside = _element(annotation)
    if inside is not None:
        kind, of = ("a mapping", "to") if get_origin(annotation) is dict else ("a list", "of")
        if get_origin(annotation) is tuple and ... not in get_args(annotation):
            kind, of = f"a list of {len(get_args(annotation))}", "each"
        return [kind if inside is Any else f"{kind} {of} {_joined(_alternatives(inside, ()))}"]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if issubclass(annotation, MethodChoice):
            return ["the name of a method", "a mapping with method"]
        needed = [name for name, field in annotation.model_fields.items() if field.is_required()]
        return [f"a mapping with {', '.join(needed)}" if needed else "a mapping"]
    bounds = [text for item in metadata for text in _bounds(item)] if annotation in (int, float) else []
    kind = _BASIC.get(annotation) or str(getattr(annotation, "__name__", annotation))
    return [" ".join([kind, *bounds[:1], *(f"and {bound}" for bound in bounds[1:])])]


def _bounds(item: Any) -> list[str]:
    signs = ((Gt, "gt", ">"), (Ge, "ge", ">="), (Lt, "lt", "<"), (Le, "le", "<="))
    return [f"{sign} {_short(getattr(item, name))}" for kind, name, sign in signs if isinstance(item, kind)]


def _short(bound: object) -> str:
    return f"{bound:g}" if isinstance(bound, float) else str(bound)


def _estimators(members: Sequence[Any]) -> list[str]:
    """Return the names that tell the classes of a union apart; none when they are told apart by something else."""
    tags = [getattr(member, "model_fields", {}).get(ESTIMATOR) for member in members]
    return [str(tag.default) for tag in tags if tag is not None] if all(tags) else []


def without_notes(annotation: Any) -> Any:
    """Return a type without what `Annotated` says about it."""
    return _stripped(annotation, ())[0]


def kinds_of(annotation: Any) -> list[Any]:
    """Return the types that a value may have: the members of a union, of those inside it too."""
    members = _members(without_notes(annotation))
    if len(members) == 1:
        return [without_notes(members[0])]
    return [kind for member in members for kind in kinds_of(member)]


def _members(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)


def _element(annotation: Any) -> Any:
    """Return the type of what is in a list or mapping, None when the type is neither."""
    for member in _members(annotation):
        member, _ = _stripped(member, ())
        arguments = get_args(member)
        if get_origin(member) in (tuple, list) and arguments:
            return arguments[0]
        if get_origin(member) is dict:
            return arguments[1]
    return None


def _stripped(annotation: Any, metadata: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
    """Return a type without `Annotated`, and what was said there."""
    if get_origin(annotation) is not Annotated:
        return annotation, metadata
    inner, *about = get_args(annotation)
    flat = [part for item in about for part in (item.metadata if isinstance(item, FieldInfo) else [item])]
    return inner, [*metadata, *flat]


def _words(annotation: Any) -> list[str]:
    return [
        str(word)
        for member in _members(annotation)
        if get_origin(_stripped(member, ())[0]) is Literal
        for word in get_args(_stripped(member, ())[0])
    ]


def _joined(alternatives: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(alternatives[:-1]), alternatives[-1])))
