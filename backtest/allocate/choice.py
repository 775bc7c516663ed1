"""Which allocation method, with which parameters, and what to do when it gives up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    Field,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
    WrapValidator,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from backtest.allocate.base import Method
from backtest.allocate.methods.equal_weight import EqualWeight
from backtest.errors import nearest
from backtest.parameters import Parameters

HOLD = "hold"
"""The last resort of a chain: leave every position as it is."""


class MethodChoice(Parameters):
    """One method by name; in YAML its parameters stand beside the name: {method: NAME, lookback: 60}.

    Also understood: the bare name, for a method with its defaults, and `parameters=`, a method made in Python.
    """

    parameters: SerializeAsAny[Method] = Field(default_factory=EqualWeight)
    """The method, with its parameters."""

    beside: ClassVar[tuple[str, ...]] = ()
    """Fields of a choice that stand beside the method's own parameters."""

    @property
    def method(self) -> str:
        """Name of the method, as in `METHODS`."""
        return next(name for name, kind in _methods().items() if type(self.parameters) is kind)

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, given: Any, info: ValidationInfo) -> Any:
        """Understand the notation of YAML: the name, and parameters beside it."""
        if isinstance(given, str):
            given = {"method": given}
        if not isinstance(given, Mapping) or "parameters" in given or not given:
            return given
        own = {key: given[key] for key in cls.beside if key in given}
        own = {key: tuple(value) if isinstance(value, list) else value for key, value in own.items()}
        others = {key: value for key, value in given.items() if key != "method" and key not in cls.beside}
        return {"parameters": _made(given, others, info), **own}

    @field_validator("parameters")
    @classmethod
    def _refuse_nameless(cls, method: Method) -> Method:
        if type(method) not in _methods().values():
            raise ValueError(f"{type(method).__name__} is not in backtest.allocate.METHODS, so it has no name in YAML")
        return method

    @model_serializer
    def _as_written(self) -> dict[str, Any]:
        own = {name: _plain(getattr(self, name)) for name in self.beside}
        return {"method": self.method, **self.parameters.model_dump(mode="json"), **own}


def _one_step(given: Any, handler: Any, info: ValidationInfo) -> Any:
    """Read one item of a fallback chain, so that what is wrong is told of that item and not of a union."""
    if isinstance(given, MethodChoice) or (isinstance(given, str) and given == HOLD):
        return handler(given)
    if isinstance(given, Mapping) and not given:
        raise PydanticCustomError("no_method", "no method: received an empty mapping", _allowed())
    if info.mode == "json":
        return MethodChoice.model_validate_json(json.dumps(given))
    return MethodChoice.model_validate(dict(given) if isinstance(given, Mapping) else {"method": given})


Step = Annotated[MethodChoice | Literal["hold"], WrapValidator(_one_step)]
"""What to do next: another method, by name or as a mapping, or `hold`."""


class AllocationChoice(MethodChoice):
    """Which allocation method; in YAML its parameters stand beside its name: {method: NAME, lookback: 60}."""

    beside: ClassVar[tuple[str, ...]] = ("fallback", "strict")

    fallback: tuple[Step, ...] = ()
    """Methods to try, in order, when the method gives up; `hold` leaves all as it is: [inverse_volatility, hold]."""

    strict: bool = False
    """Whether a method that gives up ends the run, whatever the fallback."""

    @field_validator("fallback")
    @classmethod
    def _hold_is_last(cls, chain: tuple[Step, ...]) -> tuple[Step, ...]:
        if HOLD in chain[:-1]:
            raise PydanticCustomError("hold", "'hold' never gives up, so nothing after it would be tried")
        return chain


def _methods() -> dict[str, type[Method]]:
    from backtest.allocate.table import METHODS  # the table imports the methods, and some of them choose other methods

    return METHODS


def _made(given: Mapping[str, Any], parameters: dict[str, Any], info: ValidationInfo) -> Method:
    """Make the method that a mapping names; its own problems are told at the places of its parameters."""
    known = _methods()
    if "method" not in given:
        raise PydanticCustomError(
            "no_method", "no method: received a mapping with {keys}", {"keys": ", ".join(map(str, given)), **_allowed()}
        )
    name = given["method"]
    if not isinstance(name, str) or name not in known:
        close = nearest(name, known)
        hint = f"; did you mean {close!r}?" if close else ""
        wrong = PydanticCustomError(
            "method", "unknown allocation method {name}" + hint, {"name": repr(name), **_allowed()}
        )
        detail = InitErrorDetails(type=wrong, loc=("method",), input=name)
        raise ValidationError.from_exception_data("MethodChoice", [detail])
    kind = known[name]
    if info.mode == "json":
        # JSON in strict mode is what YAML means; here the text has become Python again, so it is written once more.
        return kind.model_validate_json(json.dumps(parameters), strict=True)
    return kind.model_validate(parameters)


def _allowed() -> dict[str, str]:
    return {"allowed": ", ".join(_methods())}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.model_dump(mode="json") if isinstance(value, Parameters) else value
