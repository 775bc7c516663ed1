"""Mean and covariance from history: one file an estimator.

To add one: a file with a subclass of `Covariance` or `Mean`, its line in the table, its place in the choice. The name
in YAML is the file's name; a name alone stands for the estimator with its defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from backtest.allocate.moments.base import Covariance, Estimate, Mean
from backtest.allocate.moments.covariance.denoised import Denoised
from backtest.allocate.moments.covariance.ewma import EwmaCovariance
from backtest.allocate.moments.covariance.factor import Factor
from backtest.allocate.moments.covariance.gerber import Gerber
from backtest.allocate.moments.covariance.ledoit_wolf import LedoitWolf
from backtest.allocate.moments.covariance.oas import Oas
from backtest.allocate.moments.covariance.sample import SampleCovariance
from backtest.allocate.moments.mean.capm import CapmMean
from backtest.allocate.moments.mean.equilibrium import EquilibriumMean
from backtest.allocate.moments.mean.ewma import EwmaMean
from backtest.allocate.moments.mean.historical import HistoricalMean
from backtest.allocate.moments.mean.shrunk import ShrunkMean
from backtest.allocate.moments.mean.zero import ZeroMean
from backtest.errors import unknown
from backtest.parameters import Parameters

COVARIANCES: Mapping[str, type[Covariance]] = {
    "denoised": Denoised,
    "ewma": EwmaCovariance,
    "factor": Factor,
    "gerber": Gerber,
    "ledoit_wolf": LedoitWolf,
    "oas": Oas,
    "sample": SampleCovariance,
}

MEANS: Mapping[str, type[Mean]] = {
    "capm": CapmMean,
    "equilibrium": EquilibriumMean,
    "ewma": EwmaMean,
    "historical": HistoricalMean,
    "shrunk": ShrunkMean,
    "zero": ZeroMean,
}


def _spelt_out(what: str, table: Mapping[str, type[Parameters]]) -> Callable[[Any], Any]:
    """Return what turns a name alone into a mapping with that name, and knows the names."""

    def spelt_out(written: Any) -> Any:
        whole = {"estimator": written} if isinstance(written, str) else written
        if isinstance(whole, Mapping) and whole.get("estimator") not in table:
            if "estimator" not in whole:
                raise ValueError(f"{what}: no estimator named; known: {', '.join(table)}")
            raise ValueError(unknown(f"{what} estimator", whole["estimator"], table))
        return whole

    return spelt_out


_AnyCovariance = Annotated[
    Denoised | EwmaCovariance | Factor | Gerber | LedoitWolf | Oas | SampleCovariance, Field(discriminator="estimator")
]
_AnyMean = Annotated[
    CapmMean | EquilibriumMean | EwmaMean | HistoricalMean | ShrunkMean | ZeroMean, Field(discriminator="estimator")
]

CovarianceChoice = Annotated[
    _AnyCovariance,
    BeforeValidator(
        _spelt_out("covariance", COVARIANCES),
        json_schema_input_type=Literal[tuple(COVARIANCES)] | _AnyCovariance,
    ),
]
"""Field of a covariance estimator: {estimator: NAME, ...its parameters}, or its name alone."""

MeanChoice = Annotated[
    _AnyMean,
    BeforeValidator(
        _spelt_out("mean", MEANS),
        json_schema_input_type=Literal[tuple(MEANS)] | _AnyMean,
    ),
]
"""Field of an estimator of expected returns: {estimator: NAME, ...its parameters}, or its name alone."""

__all__ = ["COVARIANCES", "MEANS", "Covariance", "CovarianceChoice", "Estimate", "Mean", "MeanChoice"]
