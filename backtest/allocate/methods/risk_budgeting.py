"""Risk budgeting: each asset, or each group of assets, brings the share of the risk that was written."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from backtest.allocate.base import DEFAULT, Weights
from backtest.allocate.constraints.region import Region
from backtest.allocate.estimated import WithCovariance
from backtest.allocate.methods.risk_parity import by_budget
from backtest.allocate.sample import Sample
from backtest.errors import AllocationError, InputError, unknown
from backtest.types import Floats, Strings


class RiskBudgeting(WithCovariance):
    """Long-only weights with wᵢ (Σw)ᵢ / wᵀΣw = bᵢ, fully invested; the budgets b are scaled to add up to 1.

    Budgets are of symbols, or of the groups of a property (`by: sector`): a group's budget is shared equally by its
    members. What has no data leaves its budget to the others, in proportion. A budget of 0 is the limit of one that
    vanishes: no weight, or no marginal risk (a hedge). Where bounds bind, what is not at a bound still contributes in
    proportion to its budget (Richard and Roncalli 2019); other constraints that the answer breaks move it to the
    nearest allowed weights. The objective is the volatility a year. Source: Bruder and Roncalli (2012), "Managing
    risk exposures using the risk budgeting approach".
    """

    budgets: dict[str, float] = Field(min_length=1)
    """Share of the risk of each symbol, or group; `default` is that of each one not named, and is 0 when not given."""

    by: str | None = None
    """Property of the symbols that the budgets are of, as in `sector`; null: budgets are of symbols."""

    @model_validator(mode="after")
    def _budgets_are_shares(self) -> Self:
        negative = [f"{name}: {budget:g}" for name, budget in self.budgets.items() if budget < 0.0]
        if negative:
            raise ValueError(f"a budget is at least 0; received {', '.join(negative)}")
        if not sum(self.budgets.values()) > 0.0:
            raise ValueError("the budgets are all 0, so there is no risk to share")
        return self

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:
        """Turn budgets into one share a symbol, and solve."""
        names = sample.symbols if self.by is None else self._labels(sample, self.by)
        shares = self._shares(names)
        total = float(shares.sum())
        if not total > 0.0:
            raise AllocationError(f"none of the {len(names)} symbols that can be held has a budget above 0")
        answer = by_budget(sample, shares / total, region)
        return replace(answer, warnings=(*answer.warnings, *self._remarks(names)))

    def _remarks(self, names: Strings) -> tuple[str, ...]:
        """Say which budgets are of nothing that can be held now, and what was given no budget."""
        there = {str(name) for name in names}
        absent = sorted(name for name, budget in self.budgets.items() if budget and name not in {*there, DEFAULT})
        missing = sorted(there - set(self.budgets)) if DEFAULT not in self.budgets else []
        said = (f"budgets of what cannot be held now, which the others share: {', '.join(absent)}",) if absent else ()
        return (*said, f"without a budget, so without risk: {', '.join(missing)}") if missing else said

    def _labels(self, sample: Sample, by: str) -> Strings:
        if by not in sample.groups:
            raise InputError(f"by: {unknown('property of symbols', by, sample.groups)}")
        return sample.groups[by]

    def _shares(self, names: Strings) -> Floats:
        """Return each symbol's budget `(K,)`: its own, or an equal part of its group's."""
        found, inverse, counts = np.unique(names, return_inverse=True, return_counts=True)
        default = self.budgets.get(DEFAULT, 0.0)
        own = np.array([self.budgets.get(str(name), default) for name in found])
        shares: Floats = (own / counts)[inverse]
        return shares
