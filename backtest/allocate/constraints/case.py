"""What the parts of the search for few positions share: one method at one decision."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from backtest.allocate.base import Weights
from backtest.allocate.claims import Claim
from backtest.allocate.constraints.narrow import narrowed
from backtest.allocate.constraints.obey import Obedient, moved_into, obedient, usable
from backtest.allocate.constraints.region import Region
from backtest.allocate.constraints.risk import Question
from backtest.types import Floats, Ints


@dataclass(frozen=True, eq=False)
class Narrow:
    """What an answer for some of the symbols claims, held against weights of more of them."""

    claim: Claim
    columns: Ints

    def residual(self, weights: Floats) -> tuple[str, float]:
        """Return that of the weights at `columns`."""
        return self.claim.residual(weights[self.columns])


@dataclass(frozen=True)
class Case:
    """A method with what it looks at, what it must obey, and its answer without limits on positions."""

    question: Question
    region: Region
    loose: Obedient

    @classmethod
    def of(cls, question: Question, region: Region) -> Case:
        """Ask the method for its answer without limits on positions."""
        return cls(question, region, obedient(question, unlimited(region)))

    @property
    def limited(self) -> Region:
        """The region of the usable symbols, what its rules on risk say included, with the limits on positions."""
        number, size = self.region.max_positions, self.region.min_position
        return replace(self.loose.region, max_positions=number, min_position=size)

    def again(self, kept: Ints) -> Weights:
        """Answer with some of the symbols, the others at 0."""
        dropped = np.delete(np.arange(self.region.n_assets), kept)
        few = self.region.without(dropped)
        return self.inside(few.lower, few.upper)

    def inside(self, lower: Floats, upper: Floats) -> Weights:
        """Answer within narrower bounds `(N,)`.

        A method that optimises sees all symbols (its estimates do not change) and may hold only some; one that does not
        sees only those that may be held, and its answer is moved into the region of all.
        """
        few = replace(unlimited(self.region), lower=lower, upper=upper)
        if self.question.method.optimises:
            return obedient(self.question, few).answer
        kept, columns = np.flatnonzero((lower != 0.0) | (upper != 0.0)), self.loose.columns
        shown = narrowed(self.question.history, kept)
        found = self.question.method.weigh(shown, few.take(kept))
        weights = np.zeros(self.region.n_assets)
        weights[kept] = found.weights
        inside = replace(self.loose.region, lower=lower[columns], upper=upper[columns])
        claim = (
            None
            if found.claim is None
            else Narrow(found.claim, np.flatnonzero(np.isin(columns, kept[usable(found, shown.symbols)])))
        )
        return moved_into(inside, columns, replace(found, weights=weights, claim=claim))

    def verifiable(self, answer: Weights) -> Obedient:
        """Return an answer with what it must be verified against: all rules for all usable symbols."""
        return Obedient(replace(answer, left_out=self.loose.answer.left_out), self.loose.columns, self.limited)


def unlimited(region: Region) -> Region:
    """Return the region without its limits on positions."""
    return replace(region, max_positions=None, min_position=0.0)
