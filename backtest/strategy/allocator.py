"""What stands behind `ctx.allocate`: the configured method, its constraints, and decisions that are shared."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from backtest.allocate import METHODS, AllocationChoice, Constraints, Method, Weights, wants_returns
from backtest.allocate.answer import name_of
from backtest.allocate.choice import Step
from backtest.allocate.methods.equal_weight import EqualWeight
from backtest.allocate.moments.memory import Memory
from backtest.costs import Costs
from backtest.market.market import Market


@dataclass(frozen=True)
class Allocator:
    """A method with all that goes with it: fallbacks, constraints, what trading costs, what cash earns a year."""

    method: Method = field(default_factory=EqualWeight)
    fallback: tuple[Step, ...] = ()
    strict: bool = False
    constraints: Constraints = field(default_factory=Constraints)
    costs: Costs = field(default_factory=Costs)
    risk_free: float = 0.0

    @classmethod
    def of(
        cls,
        choice: AllocationChoice,
        constraints: Constraints | None = None,
        costs: Costs | None = None,
        risk_free: float = 0.0,
    ) -> Allocator:
        """Return the allocator of a configuration's sections."""
        return cls(
            choice.parameters, choice.fallback, choice.strict, constraints or Constraints(), costs or Costs(), risk_free
        )

    @property
    def name(self) -> str:
        """Name of the method in YAML."""
        return name_of(self.method)

    @cached_property
    def wants_returns(self) -> int:
        """Returns that the method, its constraints and each of its fallbacks look at."""
        return wants_returns(self.method, self.constraints, self.fallback)

    @cached_property
    def reads_book(self) -> bool:
        """Whether an answer depends on the weights held now; only then is it told what they are."""
        methods = (self.method, *(step.parameters for step in self.fallback if not isinstance(step, str)))
        known = type(self.method) in METHODS.values()  # of any other, nobody here knows what it looks at
        return not known or self.constraints.looks_at_current or any(each.looks_at_current for each in methods)

    @cached_property
    def key(self) -> str:
        """Text that two allocators share when they answer the same wherever neither reads the book."""
        rules = self.constraints.model_dump(mode="json")
        return json.dumps([self._written, self.strict, rules, self.risk_free], sort_keys=True)

    @cached_property
    def _written(self) -> list[Any]:
        """The method and its fallbacks as a configuration says them."""
        own = {"method": self.name, **self.method.model_dump(mode="json")}
        return [own, *(step if isinstance(step, str) else step.model_dump(mode="json") for step in self.fallback)]


DecisionKey = tuple[int, str, bytes, bytes]
"""Row, allocator, columns, and what the caller forecasts."""


@dataclass
class Decisions:
    """Answers from one market, kept so that another book in the same market need not ask for them again.

    Only answers that depend on the market alone are kept. Whoever holds one decides how long it lives: a run shares it
    between its portfolio and its benchmark; the look-ahead probe, which asks again on purpose, has none.
    """

    market: Market
    found: dict[DecisionKey, Weights] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
