"""What an estimator of covariances or of means is: parameters, and one function."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from backtest.parameters import Parameters
from backtest.types import Floats

if TYPE_CHECKING:
    from backtest.allocate.moments.gram import Gram
    from backtest.allocate.sample import Sample


@dataclass(frozen=True)
class Estimate:
    """A covariance `(K, K)` per return period, and what an estimator says about it.

    `notes` are numbers worth keeping (``shrinkage``, ``n_factors``); ``observations`` among them replaces the number of
    returns where an estimator does not weigh all returns alike. `smallest` is the smallest eigenvalue of the matrix,
    where the estimator knows it without computing eigenvalues. The matrix is the caller's to change.
    """

    matrix: Floats
    notes: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    smallest: float | None = None


class Covariance(Parameters):
    """Base of covariance estimators. A subclass is a file of its own, with a line in `moments.COVARIANCES`."""

    uses_gram: ClassVar[bool] = True
    """Whether `estimate` looks at the sums of returns and products; others are spared making them."""

    @abstractmethod
    def estimate(self, returns: Floats, gram: Gram | None = None) -> Estimate:
        """Estimate from simple returns `(n, K)`, oldest first, without gaps; n is at least 2, every column moves.

        `gram` holds the sums of these very returns and of their products, where somebody has them already.
        """


class Mean(Parameters):
    """Base of estimators of expected returns. A subclass is a file of its own, with a line in `moments.MEANS`."""

    needs_returns: ClassVar[bool] = True
    """Whether `estimate` looks at the returns of the sample."""

    @abstractmethod
    def estimate(self, sample: Sample) -> Floats:
        """Return the expected returns a year `(K,)`, of the sample's symbols, cash included in none of them."""

    def remarks(self, sample: Sample) -> tuple[str, ...]:  # noqa: ARG002
        """Return what there is to warn of."""
        return ()
