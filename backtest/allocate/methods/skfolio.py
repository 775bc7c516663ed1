"""Any optimisation of skfolio, by name and parameters; an optional extra."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from enum import Enum
from importlib import import_module
from inspect import isabstract, isclass, signature
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from backtest.allocate.base import Weights
from backtest.allocate.constraints.region import Region
from backtest.allocate.estimated import Estimated
from backtest.allocate.sample import Sample
from backtest.errors import AllocationError, InputError, unknown

INSTALL = "pip install skfolio"
PLACES = ("optimization", "prior", "moments", "distance", "cluster", "uncertainty_set")
UNSEEDED = ("Random",)  # draws from numpy's global state: two runs would differ


class Skfolio(Estimated):
    """What an estimator of `skfolio.optimization` answers when it is fitted on the returns of the lookback.

    The estimator sees simple returns per return period and has its own moments, risk measures and constraints, all of
    them parameters of its own. The constraints of the configuration are not passed on: the answer is moved to their
    nearest weights. Warnings of skfolio are in the warnings; a fit that fails is an AllocationError. Names are looked
    up before a run begins. Source: Nicolini, Manzi and Delatte (2025), "skfolio: portfolio optimization
    in Python".
    """

    estimator: str = Field(min_length=1)
    """Name of a class in skfolio.optimization: MeanRisk, NestedClustersOptimization, ..."""

    params: dict[str, Any] = Field(default_factory=dict)
    """Its arguments: numbers, texts, names of choices (CVAR), or {estimator, params} for an estimator inside it."""

    @property
    def looks_at_current(self) -> bool:
        """Nobody here knows what an estimator of another package looks at."""
        return True

    def refuse_unready(self) -> None:
        """Make the estimator: skfolio must be there, and know its name and parameters."""
        self._made()

    def _made(self) -> Any:
        return made({"estimator": self.estimator, "params": self.params}, "estimator", ("optimization",))

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:  # noqa: ARG002
        """Fit, and take the weights."""
        model = self._made()
        frame = pd.DataFrame(sample.scenarios(), columns=[str(symbol) for symbol in sample.symbols])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            weights = _fitted(model, frame, self.estimator)
        said = dict.fromkeys(f"skfolio: {_first_line(each.message)}" for each in caught)
        return Weights(weights, warnings=tuple(said))


def made(written: Mapping[str, Any], path: str, places: tuple[str, ...] = PLACES) -> Any:
    """Make the estimator of a mapping {estimator, params}, and those inside it."""
    strange = sorted(map(str, set(written) - {"estimator", "params"}))
    if strange:
        raise InputError(f"skfolio.{path}: {unknown('key', strange[0], ('estimator', 'params'))}")
    name, given = str(written["estimator"]), dict(written.get("params") or {})
    kind = _kind(name, path, places)
    known = signature(kind).parameters
    for key in given:
        if key not in known:
            raise InputError(f"skfolio.{path}: {unknown(f'parameter of {name}', key, known)}")
    arguments = {key: _value(value, known[key].default, f"params.{key}") for key, value in given.items()}
    try:
        return kind(**arguments)
    except (TypeError, ValueError) as error:
        raise InputError(f"skfolio.{path}: {name}: {error}") from error


def _kind(name: str, path: str, places: tuple[str, ...]) -> Any:
    """Return the class of that name in one of the modules of skfolio."""
    kinds = {
        key: value for place in places for key, value in vars(_module(f"skfolio.{place}")).items() if _usable(value)
    }
    if name in UNSEEDED or name not in kinds:
        raise InputError(f"skfolio.{path}: {unknown('estimator', name, kinds)}")
    return kinds[name]


def _usable(value: Any) -> bool:
    """Whether something in a module of skfolio is a class that can be made and fitted."""
    if not isclass(value) or issubclass(value, Enum) or isabstract(value) or value.__name__ in UNSEEDED:
        return False
    return hasattr(value, "get_params") and value.__module__.startswith("skfolio.")


def _value(value: Any, default: Any, path: str) -> Any:
    """Return an argument as skfolio wants it: estimators made, names of choices resolved, the rest as it is."""
    if isinstance(value, Mapping) and "estimator" in value:
        return made(value, path)
    if isinstance(value, str) and isinstance(default, Enum):
        return _choice(value, type(default), path)
    return value


def _choice(name: str, kind: type[Enum], path: str) -> Enum:
    """Return the member of that name: of the default's own kind, or of the other kind of risk measures."""
    top = _module("skfolio")
    risks = (top.RiskMeasure, top.ExtraRiskMeasure)
    members = {
        key: member for each in (risks if kind in risks else (kind,)) for key, member in each.__members__.items()
    }
    if name.upper() not in members:
        raise InputError(f"skfolio.{path}: {unknown('choice', name, members)}")
    found: Enum = members[name.upper()]
    return found


def _module(name: str) -> ModuleType:
    """Import a module of skfolio, or say how to get it."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("skfolio"):
            raise
        raise InputError(f"the method skfolio needs the package skfolio, which is not installed: {INSTALL}") from error


def _fitted(model: Any, frame: pd.DataFrame, name: str) -> Any:
    """Return the weights `(K,)` of a fitted estimator."""
    unsolved = import_module("cvxpy").error.SolverError
    try:
        weights = np.asarray(model.fit(frame).weights_, np.float64)
    except (ValueError, ArithmeticError, np.linalg.LinAlgError, unsolved) as error:
        raise AllocationError(f"skfolio: {name} could not be fitted: {_first_line(error)}") from error
    if weights.shape != (frame.shape[1],) or not np.isfinite(weights).all():
        raise AllocationError(
            f"skfolio: {name} answered with shape {weights.shape}, {weights}; expected one weight each"
        )
    return weights


def _first_line(said: object) -> str:
    return str(said).strip().partition("\n")[0]
