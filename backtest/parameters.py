"""The base of everything a user can configure: frozen, closed, documented."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from textwrap import dedent

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo


class Parameters(BaseModel):
    """Values that a user may write.

    Frozen; unknown keys are refused; each default is written once, here in a subclass, beside what it drives.
    The first line of the text below a field is what `backtest list` and the JSON Schema show. That text is read only
    where it is wanted (`documented`), and checks are made ready when something is first checked: both at import took
    half of the time of importing all of this package.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=False,
        allow_inf_nan=False,
        validate_default=True,
        defer_build=True,
    )


def documented(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """Return the fields of `model`, each with the text below it in the source as its description."""
    fields = model.model_fields
    for name, text in _texts(model).items():
        if name in fields and fields[name].description is None:
            fields[name].description = text
    return fields


@cache
def _texts(model: type[BaseModel]) -> dict[str, str]:
    """Return the text below each field in a class and its bases; the class's own come first."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, BaseModel) and each not in (BaseModel, Parameters):
            found |= _own_texts(each)
    return found


def _own_texts(model: type[BaseModel]) -> dict[str, str]:
    try:
        source = ast.parse(dedent(inspect.getsource(model))).body[0]
    except (OSError, TypeError):  # made without a file, as in a console
        return {}
    assert isinstance(source, ast.ClassDef)
    found = {}
    for field, text in pairwise(source.body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        ):
            found[field.target.id] = inspect.cleandoc(text.value.value)
    return found
