"""What a method is asked with, and the covariance that rules on risk are measured by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from backtest.allocate.base import History, Method, Weights
from backtest.allocate.constraints.region import Region
from backtest.allocate.estimated import Estimated, WithCovariance
from backtest.allocate.sample import Sample
from backtest.errors import AllocationError
from backtest.types import Floats


class Measured(WithCovariance):
    """Estimates a covariance and weighs nothing: the measure of risk for methods that have none of their own."""

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:  # noqa: ARG002
        """Refuse."""
        raise AllocationError("what only measures risk was asked for weights")


@dataclass(frozen=True)
class Question:
    """A method, and what it looks at in one decision: estimated once, however many regions it is asked about."""

    method: Method
    history: History
    risk_lookback: int  # returns that risk is measured by, for a method without a covariance of its own
    risk_returns: Floats  # (n, N) of the symbols of the history: at least as many rows as the method looks at

    @cached_property
    def sample(self) -> Sample | None:
        """What the method estimates; None for one that does not, or not by the template."""
        if isinstance(self.method, Estimated) and type(self.method).weigh is Estimated.weigh:
            return self.method.sample(self.history)
        return None

    @cached_property
    def measured(self) -> Sample:
        """What rules on risk are measured by: the method's own covariance, else the default estimator's, or the given.

        Raise AllocationError where there are no returns to measure it by.
        """
        if isinstance(self.method, WithCovariance):
            return self.sample or self.method.sample(self.history)
        recent = self.risk_returns[max(0, len(self.risk_returns) - self.risk_lookback) :]
        if len(recent) < 2 and self.history.forecast.covariance is None:
            raise AllocationError(f"a rule on risk needs returns, or a covariance: received {len(recent)} returns")
        shown = replace(self.history, returns=recent, first_row=None)
        sample = Measured(lookback=max(2, len(recent))).sample(shown)
        if len(recent) >= self.risk_lookback or not len(sample.returns):
            return sample
        few = f"risk is estimated from {len(recent)} returns: risk_lookback asks for {self.risk_lookback}"
        return replace(sample, warnings=(*sample.warnings, few))

    def weighed(self, region: Region) -> Weights:
        """Return the method's own answer."""
        if self.sample is None:
            return self.method.weigh(self.history, region)
        assert isinstance(self.method, Estimated)
        return self.method.weigh_all(self.sample, region)


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
