"""Mixed: a blend of other methods."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from backtest.allocate.base import History, Method, Weights
from backtest.allocate.choice import MethodChoice
from backtest.allocate.constraints.region import Region
from backtest.allocate.parts import part
from backtest.types import Floats


class Part(MethodChoice):
    """One of the methods of a blend, with its parameters: {method: hrp, weight: 0.5, lookback: 120}, or a bare name."""

    beside: ClassVar[tuple[str, ...]] = ("weight",)

    weight: float = Field(default=1.0, gt=0.0)
    """Its share of the blend, in proportion to those of the others: 1 and 3 are a quarter and three quarters."""


class Mixed(Method):
    """The weighted mean of what other methods answer: Σ aₖ wₖ with aₖ their shares; equal shares are the plain average.

    Each part sees the history that it would see alone. What a part leaves in cash stays in cash by its share. Parts
    that optimise keep to the constraints themselves, so that their blend does too wherever the constraints are convex;
    the blend is then moved to the nearest weights that obey all of them. A part that gives up makes the blend give up:
    the blend has the fallback. Source: Tu and Zhou (2011), "Markowitz meets Talmud", on why blends of rules do well.
    """

    of: tuple[Part, ...] = Field(json_schema_extra={"minItems": 1})
    """The methods, each a name or a mapping with its weight: [hrp, {method: min_variance, weight: 2}]."""

    @field_validator("of")
    @classmethod
    def _refuse_none(cls, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        # Not min_length, which would also complain of too few parts whenever a part is wrong.
        if not parts:
            raise PydanticCustomError("no_parts", "a blend has at least one method")
        return parts

    @property
    def looks_at_current(self) -> bool:
        """Whether a part does."""
        return any(part.parameters.looks_at_current for part in self.of)

    @property
    def holds_cash(self) -> bool:  # type: ignore[override]
        """Whether any part does."""
        return any(choice.parameters.holds_cash for choice in self.of)

    @property
    def heeds(self) -> frozenset[str]:
        """What any part looks at; each part is shown what it looks at itself."""
        return frozenset().union(*(choice.parameters.heeds for choice in self.of))

    @property
    def history_rows(self) -> int:
        """As many as the part that looks back furthest."""
        return max(choice.parameters.history_rows for choice in self.of)

    @property
    def shares(self) -> Floats:
        """Shares of the parts, which add up to 1."""
        weights = np.array([choice.weight for choice in self.of])
        shares: Floats = weights / weights.sum()
        return shares

    def weigh(self, history: History, region: Region) -> Weights:
        """Ask each part, and average."""
        answers = [part(self._name(k), choice.parameters, history, region) for k, choice in enumerate(self.of)]
        weights: Floats = np.zeros(len(history.symbols))
        for share, answer in zip(self.shares, answers, strict=True):
            weights = weights + share * answer.weights
        return Weights(
            weights,
            status=self._status(answers),
            leaves_cash=any(answer.leaves_cash for answer in answers),
            iterations=sum(answer.iterations for answer in answers),
            warnings=tuple(text for answer in answers for text in answer.warnings),
            left_out=_left_out_of_all(answers),
        )

    def _status(self, answers: list[Weights]) -> str:
        """Say which parts hold nothing, though they would be invested as a rule."""
        idle = [k for k, answer in enumerate(answers) if answer.leaves_cash]
        said = [f"{self._name(k)}: {answers[k].status}" for k in idle if not self.of[k].parameters.holds_cash]
        return "; ".join(said) or "ok"

    def _name(self, k: int) -> str:
        """Name of a part, with its place when several have the same."""
        name = self.of[k].method
        return name if [choice.method for choice in self.of].count(name) == 1 else f"{name} ({k + 1})"


def _left_out_of_all(answers: list[Weights]) -> tuple[str, ...]:
    """Symbols that no part could weigh."""
    rest = (set(answer.left_out) for answer in answers[1:])
    return tuple(symbol for symbol in answers[0].left_out if all(symbol in others for others in rest))
