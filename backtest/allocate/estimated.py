"""The template of methods that estimate: which symbols, which moments, and back to all symbols."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from backtest.allocate.base import History, Method, Weights
from backtest.allocate.constraints.region import Region
from backtest.allocate.moments import CovarianceChoice, MeanChoice
from backtest.allocate.moments.base import Estimate
from backtest.allocate.moments.covariance.ledoit_wolf import LedoitWolf
from backtest.allocate.moments.gate import gated
from backtest.allocate.moments.given import heeded
from backtest.allocate.moments.gram import gram_of
from backtest.allocate.moments.mean.historical import HistoricalMean
from backtest.allocate.sample import Sample, refuse_mixed, sample_of
from backtest.errors import InputError
from backtest.types import Floats


class Estimated(Method):
    """Base of methods that look at a window of returns; which symbols are usable is `Sample`'s rule."""

    lookback: int = Field(default=252, ge=2)
    """Bars of returns that are looked at."""

    min_observations: int | None = Field(default=None, ge=2)
    """Returns a symbol needs in the lookback; null is nine tenths of them. The whole lookback when that is shorter."""

    bars_per_return: int = Field(default=1, ge=1)
    """Bars compounded into one return, without overlap, counted back from the decision: 5 makes weeks of days."""

    @model_validator(mode="after")
    def _refuse_one_return(self) -> Self:
        if self.lookback < 2 * self.bars_per_return:
            raise ValueError(
                f"lookback {self.lookback} has fewer than two returns of {self.bars_per_return} bars; "
                f"at least {2 * self.bars_per_return} is needed"
            )
        return self

    @property
    def heeds(self) -> frozenset[str]:
        """Nothing."""
        return frozenset()

    @property
    def history_rows(self) -> int:
        """One bar more than returns."""
        return self.lookback + 1

    def weigh(self, history: History, region: Region) -> Weights:
        """Estimate for the usable symbols, weigh them, and give the others nothing."""
        return self.weigh_all(self.sample(history), region)

    def weigh_all(self, sample: Sample, region: Region) -> Weights:
        """Return weights `(N,)` of all symbols of `region`, 0 for those that are not in the sample."""
        inside = region.take(sample.columns).with_covariance(sample.covariance)
        return spread(self.weigh_sample(sample, inside), sample, region.n_assets)

    @abstractmethod
    def weigh_sample(self, sample: Sample, region: Region) -> Weights:
        """Return weights `(K,)` of the sample's symbols, inside `region` where the method optimises."""

    def sample(self, history: History) -> Sample:
        """Return what the method works with."""
        reads_returns = self.reads_returns(history)
        forecast, unheard = heeded(history.forecast, self.heeds)
        if reads_returns and history.periods_per_year is None:
            refuse_mixed(forecast)
        known = replace(history, forecast=forecast) if unheard else history
        sample = sample_of(known, self.lookback, self.min_observations, self.bars_per_return, reads_returns)
        return replace(sample, warnings=(*sample.warnings, *unheard)) if unheard else sample

    def reads_returns(self, history: History) -> bool:
        """Say whether returns are looked at: not when a covariance that the method looks at was given."""
        heeds = "covariance" in self.heeds
        if len(history.returns):
            return history.forecast.covariance is None or not heeds
        if not heeds:
            raise InputError("returns are needed, each of them: this method looks at nothing else")
        if history.forecast.covariance is None:
            raise InputError("nothing to estimate from: give returns, or a covariance")
        return False


@dataclass(frozen=True)
class Checked:
    """A covariance `(K, K)` that has passed the gate, and what is known of it."""

    matrix: Floats
    condition: Mapping[str, float]
    warnings: tuple[str, ...]

    @property
    def nbytes(self) -> int:
        """What the matrix takes."""
        return self.matrix.nbytes

    def copy(self) -> Checked:
        """Return it with a matrix that is the receiver's own."""
        return Checked(self.matrix.copy(), self.condition, self.warnings)


def _checked(found: Estimate, observations: float | None) -> Checked:
    matrix, condition, warnings = gated(found.matrix, observations, found.smallest)
    return Checked(matrix, {**found.notes, **condition}, (*found.warnings, *warnings))


class WithCovariance(Estimated):
    """Base of methods that need a covariance, of simple returns, a year."""

    covariance: CovarianceChoice = LedoitWolf()
    """Estimator of the covariance: a name, or {estimator, ...its parameters}.

    Shrinkage unless asked otherwise: it can be inverted with fewer returns than assets, and has no parameter to choose.
    """

    @property
    def heeds(self) -> frozenset[str]:
        """A covariance."""
        return frozenset({"covariance"})

    def sample(self, history: History) -> Sample:
        """Return the usable symbols with their covariance, checked, and repaired where it must be."""
        sample = super().sample(history)
        if sample.covariance is not None:
            found = _checked(Estimate(sample.covariance), None)
        else:
            how = self.covariance, self.lookback, self.min_observations, self.bars_per_return
            key = ("covariance", sample.columns.tobytes(), len(sample.returns), sample.year, *how)
            found = history.recall(key, partial(self._estimated, sample, history))
        warnings = (*sample.warnings, *found.warnings)
        return replace(sample, covariance=found.matrix, condition=found.condition, warnings=warnings)

    def _estimated(self, sample: Sample, history: History) -> Checked:
        returns = sample.scenarios()
        first_row = history.first_row
        if first_row is not None:
            first_row += len(history.returns) - len(returns)
        if sample.gappy is not None or self.bars_per_return > 1:
            first_row = None  # these rows are made for this decision
        grams = None if history.memory is None else history.memory.grams
        gram = gram_of(returns, first_row, grams) if self.covariance.uses_gram else None
        found = self.covariance.estimate(returns, gram)
        matrix = np.multiply(found.matrix, sample.scale, out=found.matrix)
        smallest = None if found.smallest is None else found.smallest * sample.scale
        observations = found.notes.get("observations", float(len(returns)))
        return _checked(Estimate(matrix, found.notes, found.warnings, smallest), observations)


class WithMean(WithCovariance):
    """Base of methods that need expected returns too, a year."""

    mean: MeanChoice = HistoricalMean()
    """Estimator of expected returns: a name, or {estimator, ...its parameters}.

    History unless asked otherwise, because anything calmer is an opinion; a year's mean says very little, so have one.
    """

    @property
    def heeds(self) -> frozenset[str]:
        """A covariance and a mean."""
        return frozenset({"covariance", "mean"})

    def reads_returns(self, history: History) -> bool:
        """Say whether returns are looked at: not when the covariance was given and the mean needs none."""
        if history.forecast.covariance is None:
            return super().reads_returns(history)
        return history.forecast.mean is None and self.mean.needs_returns and len(history.returns) > 0

    def sample(self, history: History) -> Sample:
        """Return the usable symbols with covariance and mean."""
        sample = super().sample(history)
        if sample.mean is not None:
            return sample
        if self.mean.needs_returns and not len(sample.returns):
            raise InputError("expected returns are needed: give returns, or mean= beside covariance=")
        mean, remarks = self.mean.estimate(sample), self.mean.remarks(sample)
        return replace(sample, mean=mean, warnings=(*sample.warnings, *remarks))


def spread(answer: Weights, sample: Sample, n: int) -> Weights:
    """Return the answer for all `n` symbols, 0 for those left out, with what the sample has to say."""
    weights = np.zeros(n)
    weights[sample.columns] = answer.weights
    condition: Mapping[str, float] = {**sample.condition, **answer.condition}
    warnings = (*sample.warnings, *answer.warnings)
    return replace(answer, weights=weights, condition=condition, warnings=warnings, left_out=sample.left_out)
