"""A method or a section of a configuration out of what a caller gives, or one error that says all that is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from backtest.allocate.moments import COVARIANCES, MEANS
from backtest.allocate.real import shown
from backtest.errors import InputError, unknown
from backtest.parameters import documented

Model = TypeVar("Model", bound=BaseModel)

ESTIMATORS: Mapping[str, Mapping[str, type[BaseModel]]] = {"covariance": COVARIANCES, "mean": MEANS}

WRONG = {
    "dict_type": "not a mapping",
    "model_type": "not a mapping",
    "tuple_type": "not a list",
    "int_type": "not a whole number",
    "int_parsing": "not a whole number",
    "int_from_float": "not a whole number",
    "float_type": "not a number",
    "float_parsing": "not a number",
    "bool_type": "neither True nor False",
    "bool_parsing": "neither True nor False",
    "string_type": "not text",
    "literal_error": "unknown choice",
    "finite_number": "not finite",
    "too_short": "too few",
    **dict.fromkeys(("greater_than", "greater_than_equal", "less_than", "less_than_equal"), "out of range"),
}
"""What pydantic found, in words of ours."""

BOUNDS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}


def section(what: str, kind: type[Model], given: Any) -> Model:
    """Return a section of a configuration, which may be given as a mapping."""
    if isinstance(given, kind):
        return given
    if not isinstance(given, Mapping):
        allowed = f"a mapping with {', '.join(kind.model_fields)}; or {kind.__name__}"
        raise InputError(f"{what}: not a mapping: received {shown(given)}; allowed: {allowed}")
    return made(what, kind, given)


def made(what: str, kind: type[Model], parameters: Mapping[str, Any]) -> Model:
    """Make a model from its parameters, or say everything that is wrong with them, each place in a line."""
    try:
        return kind.model_validate(dict(parameters))
    except ValidationError as error:
        raise InputError("\n".join(_lines(what, kind, error.errors()))) from error


def _lines(what: str, kind: type[BaseModel], details: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say what is wrong in each place; a union says why it is none of its kinds, and what got furthest was meant."""
    places: dict[tuple[str | int, ...], list[Mapping[str, Any]]] = {}
    for detail in details:
        places.setdefault(tuple(part for part in detail["loc"] if not _is_kind(part)), []).append(detail)
    deeper = {place[:k] for place in places for k in range(1, len(place))}
    yield from (_line(what, kind, place, found) for place, found in places.items() if place not in deeper)


def _is_kind(part: str | int) -> bool:
    """Whether a part of a place is what pydantic calls a kind of a union: float, dict[str,float]."""
    return part in ("float", "int", "str") or (isinstance(part, str) and "[" in part)


def _line(what: str, kind: type[BaseModel], place: tuple[str | int, ...], details: list[Mapping[str, Any]]) -> str:
    """Say where, what, what was received and what is allowed."""
    where, first = ".".join(map(str, (what, *place))), details[0]
    if first["type"] == "extra_forbidden":
        known = _parameters(kind, place)
        said = unknown("parameter", place[-1], known) if known else f"unknown parameter {place[-1]!r}"
        return f"{'.'.join(map(str, (what, *place[:-1])))}: {said}"
    if first["type"] == "missing":
        about = documented(kind)[str(place[0])].description if len(place) == 1 else None
        return f"{where}: missing" + (f": {about.splitlines()[0]}" if about else "")
    received = f"; received {shown(first['input'])}" if place else ""
    allowed = dict.fromkeys(text for detail in details for text in _allowed(detail.get("ctx", {})))
    words = " and ".join(dict.fromkeys(map(_words, details)))
    return f"{where}: {words}{received}" + (f"; allowed: {', '.join(allowed)}" if allowed else "")


def _parameters(kind: type[BaseModel], place: tuple[str | int, ...]) -> Mapping[str, Any] | None:
    """Return the parameters that there are where an unknown one stands; None where nobody here knows."""
    if len(place) == 1:
        return kind.model_fields
    found = ESTIMATORS.get(str(place[0]), {}).get(str(place[1])) if len(place) == 3 else None
    return None if found is None else found.model_fields


def _words(detail: Mapping[str, Any]) -> str:
    """Say what is wrong with a value; what a validator of ours said stays as it is."""
    if detail["type"] in WRONG:
        return WRONG[detail["type"]]
    return str(detail["msg"]).removeprefix("Value error, ")


def _allowed(context: Mapping[str, Any]) -> Iterator[str]:
    """Return what is allowed, where that is known of the value alone."""
    yield from (f"{sign} {context[name]:g}" for name, sign in BOUNDS.items() if name in context)
    if "expected" in context:
        yield str(context["expected"])
