"""One definition, three uses: a number of a Track, a labelled metric, and a public function of any return series."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from functools import cache
from typing import Any, Literal, Protocol, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

from backtest.errors import InputError, unknown
from backtest.metrics.metric import Definition, Metric, Unit, Value
from backtest.metrics.series import Returns, Times, benchmark_of, track_of
from backtest.metrics.track import Track

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
NUMBERS = {int: "a whole number from 0 on", float: "a number"}


class Measure(Protocol):
    """What a public function of `backtest.metrics` carries beside being one."""

    definition: Definition
    compute: Callable[..., Value]
    of_clock: bool  # whether it speaks of the record alone, so that it needs no observation


class Solo(Measure, Protocol[T_co]):
    """A public function of a return series alone; `options` are its own, shown in its signature."""

    def __call__(
        self,
        returns: Returns,
        *,
        risk_free: float = 0.0,
        periods_per_year: float | None = None,
        times: Times = None,
        **options: Any,
    ) -> T_co: ...


class Against(Measure, Protocol[T_co]):
    """A public function of a return series against a benchmark."""

    def __call__(
        self,
        returns: Returns,
        benchmark: Returns,
        *,
        risk_free: float = 0.0,
        periods_per_year: float | None = None,
        times: Times = None,
        **options: Any,
    ) -> T_co: ...


def solo(
    label: str, unit: Unit, formula: str, convention: str, source: str, of_clock: bool = False
) -> Callable[[Callable[..., T]], Solo[T]]:
    """Make `compute(track, **options)` a public function of a series, by the same rules as `summary`."""

    def wrap(compute: Callable[..., T]) -> Solo[T]:
        def call(
            returns: Returns,
            *,
            risk_free: float = 0.0,
            periods_per_year: float | None = None,
            times: Times = None,
            **options: Any,
        ) -> T:
            check_options(compute, options)
            return valued(call, track_of(returns, risk_free, periods_per_year, times), **options)  # type: ignore

        definition = Definition(compute.__name__, label, unit, formula, convention, source)
        return _dressed(call, compute, definition, 1, of_clock)  # type: ignore[no-any-return]

    return wrap


def against(
    label: str, unit: Unit, formula: str, convention: str, source: str
) -> Callable[[Callable[..., T]], Against[T]]:
    """Make `compute(track, benchmark, **options)` a public function of two series, by the same rules as `summary`."""

    def wrap(compute: Callable[..., T]) -> Against[T]:
        def call(
            returns: Returns,
            benchmark: Returns,
            *,
            risk_free: float = 0.0,
            periods_per_year: float | None = None,
            times: Times = None,
            **options: Any,
        ) -> T:
            check_options(compute, options)
            track = track_of(returns, risk_free, periods_per_year, times)
            return valued(call, track, benchmark_of(track, returns, benchmark, times), **options)  # type: ignore

        definition = Definition(compute.__name__, label, unit, formula, convention, source)
        return _dressed(call, compute, definition, 2)  # type: ignore[no-any-return]

    return wrap


def valued(measure: Measure, *tracks: Track, **options: Any) -> Value:
    """Return the value of a measure; undefined where a series has no observation at all."""
    if measure.of_clock or all(track.seen.size for track in tracks):
        return measure.compute(*tracks, **options)
    return None if measure.definition.unit == "date" else math.nan


def measured(measure: Measure, *tracks: Track, key: str = "", label: str = "", **options: Any) -> Metric:
    """Return the metric of a measure, under another key and label where the same measure comes with several options."""
    found = measure.definition.of(valued(measure, *tracks, **options), **words(measure, tracks[0], options))
    return Metric(key or found.key, label or found.label, found.value, found.unit, found.convention)


def words(measure: Measure, track: Track, options: dict[str, Any]) -> dict[str, Any]:
    """Return what a convention may speak of: how it is annualised, what it is in excess of, and each option."""
    if "{" not in measure.definition.convention:
        return {}
    return {
        "root": track.root,
        "over": track.over,
        "periods": track.periods.source,
        **_defaults(measure.compute),
        **options,
    }


def plain_convention(measure: Measure, **options: Any) -> str:
    """Return a convention without any record: its words for any series, with its options or their defaults."""
    general = {"root": "× √(bars a year)", "over": "over the risk-free rate", "periods": "counted from the times"}
    return measure.definition.convention.format(**general, **{**_defaults(measure.compute), **options})


def check_options(compute: Callable[..., Any], options: dict[str, Any]) -> None:
    """Raise one clear error for an option that does not exist or has a value that is not allowed."""
    for name, value in options.items():
        allowed = _choices(compute)
        if name not in allowed:
            raise InputError(f"{compute.__name__}: {unknown('option', name, allowed)}")
        if allowed[name] and value not in allowed[name]:
            raise InputError(f"{compute.__name__}: {unknown(name, value, allowed[name])}")
        kind = type(_defaults(compute)[name])
        if kind in (int, float) and not _is(value, kind):
            raise InputError(f"{compute.__name__}: {name}: expected {NUMBERS[kind]}; received {value!r:.60}")
        if name == "level" and not 0.0 < value < 1.0:
            raise InputError(f"{compute.__name__}: level: expected a number between 0 and 1; received {value}")


def _is(value: object, kind: type) -> bool:
    """Say whether a value is a number of the kind: a whole one from 0 on, or any finite one."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return False
    number = float(value)
    return math.isfinite(number) and (kind is float or (number >= 0.0 and number.is_integer()))


@cache
def _choices(compute: Callable[..., Any]) -> dict[str, tuple[str, ...]]:
    """Return the options of a measure with the closed choices of each, none for a number."""
    hints = get_type_hints(compute)
    names = [name for name in hints if name in _defaults(compute)]
    return {name: get_args(hints[name]) if get_origin(hints[name]) is Literal else () for name in names}


@cache
def _defaults(compute: Callable[..., Any]) -> dict[str, Any]:
    parameters = inspect.signature(compute).parameters.values()
    return {each.name: each.default for each in parameters if each.default is not inspect.Parameter.empty}


def _dressed(
    call: Any, compute: Callable[..., Any], definition: Definition, n_series: int, of_clock: bool = False
) -> Any:
    """Give a public function the name, the docstring and the signature that its measure has."""
    call.definition, call.compute, call.of_clock = definition, compute, of_clock
    call.__name__ = call.__qualname__ = compute.__name__
    call.__module__ = compute.__module__
    call.__doc__ = _docstring(inspect.getdoc(compute) or "", definition, plain_convention(call))
    own = inspect.signature(call).parameters
    given = [each for each in own.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
    options = list(inspect.signature(compute).parameters.values())[n_series:]
    keyword = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in options]
    call.__signature__ = inspect.signature(compute).replace(parameters=[*given[:n_series], *keyword, *given[n_series:]])
    return call


def _docstring(text: str, definition: Definition, convention: str) -> str:
    lines = [
        text,
        f"Formula: {definition.formula}. Unit: {definition.unit}. NaN where it is not defined.",
        f"Convention: {convention}.",
        f"Source: {definition.source}.",
        "Series, arrays, `times`, `periods_per_year` and `risk_free` (a rate per year) are read as `summary` does.",
    ]
    return "\n\n".join(lines)
