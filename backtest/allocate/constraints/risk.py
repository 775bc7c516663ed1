"""The covariance that rules on risk are measured by."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from backtest.allocate.base import History, Method, Weights
from backtest.allocate.constraints.region import Region
from backtest.allocate.estimated import WithCovariance
from backtest.allocate.sample import Sample
from backtest.errors import AllocationError
from backtest.types import Floats


class Measured(WithCovariance):
    """Estimates a covariance and weighs nothing: the measure of risk for methods that have none of their own."""

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:  # noqa: ARG002
        """Refuse."""
        raise AllocationError("what only measures risk was asked for weights")


@dataclass(frozen=True)
class Risk:
    """Estimates the covariance when a rule asks for it, from up to `lookback` returns."""

    lookback: int
    returns: Floats  # (n, N) of the symbols of the history: at least as many rows as any method looks at

    def sample(self, method: Method, history: History) -> Sample:
        """Return the method's own estimate; for a method without one, the default estimator's, or what was given."""
        if isinstance(method, WithCovariance):
            return method.sample(history)
        recent = self.returns[max(0, len(self.returns) - self.lookback) :]
        if len(recent) < 2 and history.forecast.covariance is None:
            raise AllocationError(f"a rule on risk needs returns, or a covariance: received {len(recent)} returns")
        sample = Measured(lookback=max(2, len(recent))).sample(replace(history, returns=recent, first_row=None))
        if len(recent) >= self.lookback or not len(sample.returns):
            return sample
        few = f"risk is estimated from {len(recent)} returns: risk_lookback asks for {self.lookback}"
        return replace(sample, warnings=(*sample.warnings, few))

    def of(self, columns: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Risk:
        """Return the risk of some of the symbols."""
        return replace(self, returns=self.returns[:, columns])


def with_risk(region: Region, sample: Sample) -> Region:
    """Return the region with a covariance for all symbols; those without data for it are held at 0."""
    columns = sample.columns
    if sample.covariance is None or len(columns) == region.n_assets:
        return region.with_covariance(sample.covariance)
    inside = region.take(columns)
    others = np.delete(np.arange(region.n_assets), columns)
    covariance = np.zeros((region.n_assets, region.n_assets))
    covariance[np.ix_(columns, columns)] = sample.covariance
    caps = [replace(cap, start=_spread(cap.start, columns, region.n_assets)) for cap in inside.risk_caps]
    betas = [replace(beta, benchmark=_spread(beta.benchmark, columns, region.n_assets)) for beta in inside.betas]
    whole = replace(region.without(others), risk_caps=tuple(caps), betas=tuple(betas))
    return whole.with_covariance(covariance)


def _spread(values: Floats, columns: np.ndarray[tuple[int], np.dtype[np.int64]], n: int) -> Floats:
    whole = np.zeros(n)
    whole[columns] = values
    return whole
