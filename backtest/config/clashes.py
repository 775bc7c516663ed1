"""What sections of a configuration say that does not go together, told where it was written.

The model refuses the same, for those who make a `Config` without a file; here each has its place, and is told beside
whatever else is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from backtest.allocate import AllocationChoice, Constraints
from backtest.allocate.constraints.linear_only import risk_uncapped
from backtest.config.describe import shown
from backtest.config.model import Config, Execution, beyond_cash, idle_money
from backtest.config.node import Keys, Node, nearest_node, plain, problem_at
from backtest.errors import Problem

FOUND_APART = ("idle", "debt", "uncapped")
"""What the model calls these errors."""


def clashes(tree: Node, values: Mapping[str, object], failed: Set[str]) -> Iterator[Problem]:
    """Yield what does not go together in the sections `values`, some of which have `failed` to be read."""
    if not failed & {"capital", "execution"}:
        yield from _idle_money(tree, values)
    benchmark = values.get("benchmark")
    own = {key: getattr(benchmark, key, None) for key in ("constraints", "allocation")}
    for keys, section in (((), values), (("benchmark",), own)):
        yield from _debt(tree, (*keys, "constraints"), section.get("constraints"))
        yield from _uncapped_risk(tree, keys, section)


def _idle_money(tree: Node, values: Mapping[str, object]) -> Iterator[Problem]:
    capital = values.get("capital", Config.model_fields["capital"].default)
    for key, message in idle_money(capital, values.get("execution", Execution())).items():  # type: ignore[arg-type]
        yield _received(tree, ("execution", key), message)


def _debt(tree: Node, keys: Keys, rules: object) -> Iterator[Problem]:
    """Yield what a cash account cannot hold."""
    for key, message in beyond_cash(rules).items() if isinstance(rules, Constraints) else ():
        yield _received(tree, (*keys, key), message)


def _uncapped_risk(tree: Node, keys: Keys, section: Mapping[str, object]) -> Iterator[Problem]:
    """Yield rules on risk that a method cannot obey."""
    rules, choice = section.get("constraints"), section.get("allocation")
    if isinstance(rules, Constraints) and isinstance(choice, AllocationChoice):
        message = risk_uncapped(rules, choice, choice.fallback)
        if message:
            yield problem_at(tree, (*keys, "constraints", rules.caps_risk[0]), message)


def _received(tree: Node, keys: Keys, message: str) -> Problem:
    return problem_at(tree, keys, message, received=shown(plain(nearest_node(tree, keys))))
