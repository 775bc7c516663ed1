"""Which class reads a mapping inside another one: an estimator in a method, a method in a blend, limits of a group."""

from __future__ import annotations

from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from backtest.allocate import METHODS, MethodChoice
from backtest.config.describe import ESTIMATOR, kinds_of, without_notes
from backtest.config.node import Keys, Node, child
from backtest.parameters import documented


class Holder(NamedTuple):
    """The fields that a mapping may have, in words of its class."""

    fields: dict[str, FieldInfo]
    names: tuple[str, ...]


def holder(model: type[BaseModel], node: Node | None, place: Keys) -> Holder | None:
    """Return what is known of the mapping in which the last key of `place` stands; None when no class reads it.

    `node` is the mapping that `model` reads.
    """
    kind: Any = model
    for part in place[:-1]:
        kind, node = _below(kind, node, part), child(node, part)
    return _holder(kind, node)


def field_of(model: type[BaseModel], node: Node | None, place: Keys) -> tuple[FieldInfo | None, Keys]:
    """Return the innermost field on the way to `place`, and its own place."""
    for k in range(len(place), 0, -1):
        found = holder(model, node, place[:k])
        if found is not None and place[k - 1] in found.fields:
            return found.fields[str(place[k - 1])], place[:k]
    return None, ()


def _below(kind: Any, node: Node | None, part: str | int) -> Any:
    """Return the type of a member, or an item, of a value of type `kind`; None when it is not known."""
    found = _holder(kind, node)
    if found is not None:
        return found.fields[str(part)].annotation if part in found.fields else None
    for member in kinds_of(kind):
        origin, arguments = get_origin(member), get_args(member)
        if origin in (tuple, list) and isinstance(part, int):
            return arguments[0]
        if origin is dict and isinstance(part, str):
            return arguments[1]
    return None


def _holder(kind: Any, node: Node | None) -> Holder | None:
    models = [
        each for each in map(without_notes, kinds_of(kind)) if isinstance(each, type) and issubclass(each, BaseModel)
    ]
    if len(models) > 1:
        said = child(node, ESTIMATOR)
        models = [each for each in models if said is not None and _tag(each) == said.value]
    if not models:
        return None
    fields = _by_key(models[0])
    if not issubclass(models[0], MethodChoice):
        return Holder(fields, tuple(fields))
    said = child(node, "method")
    method = METHODS.get(str(said.value)) if said is not None else None
    if method is None:
        return None
    beside = {name: fields[name] for name in models[0].beside}
    return Holder({**beside, **_by_key(method)}, ("method", *beside, *_by_key(method)))


def _by_key(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields by the keys that a person writes."""
    return {about.alias or name: about for name, about in documented(model).items()}


def _tag(model: type[BaseModel]) -> object:
    return model.model_fields[ESTIMATOR].default if ESTIMATOR in model.model_fields else None
