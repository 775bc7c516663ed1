"""What sections of a configuration say that does not go together, told where it was written.

The model refuses the same, for those who make a `Config` without a file; here each has its place, and is told beside
whatever else is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from backtest.allocate import AllocationChoice, Constraints
from backtest.allocate.constraints.linear_only import risk_uncapped
from backtest.allocate.constraints.model import UNBOUND
from backtest.config.describe import shown
from backtest.config.holds import beyond_rules, beyond_weights, unpaid
from backtest.config.model import Config, Execution, idle_money
from backtest.config.node import Keys, Node, find, plain, problem_at
from backtest.costs import CASH, FREE, Account, Costs, Financing
from backtest.errors import Problem

FOUND_APART = ("idle", "beyond", "uncapped")
"""What the model calls these errors."""


def clashes(tree: Node, values: Mapping[str, object], failed: Set[str]) -> Iterator[Problem]:
    """Yield what does not go together in the sections `values`, some of which have `failed` to be read."""
    if not failed & {"capital", "execution", "account"}:
        yield from _idle_money(tree, values)
    benchmark = values.get("benchmark")
    own = {key: getattr(benchmark, key, None) for key in ("constraints", "allocation")}
    theirs = {key: getattr(benchmark, key, None) or values.get(key) for key in ("account", "financing")}
    for keys, section in (((), values), (("benchmark",), own | theirs)):
        if not failed & {"account", "financing", "costs"}:
            yield from _beyond_account(tree, keys, section)
        yield from _uncapped_risk(tree, keys, section)


def _idle_money(tree: Node, values: Mapping[str, object]) -> Iterator[Problem]:
    capital = values.get("capital", Config.model_fields["capital"].default)
    execution, account = values.get("execution", Execution()), values.get("account", CASH)
    for key, message in idle_money(capital, execution, account).items():  # type: ignore[arg-type]
        yield _received(tree, ("execution", key), message)


def _beyond_account(tree: Node, keys: Keys, section: Mapping[str, object]) -> Iterator[Problem]:
    """Yield what the account of a section, or of its benchmark, cannot hold; what the account itself does not say."""
    account, financing = section.get("account") or CASH, section.get("financing") or FREE
    if not (isinstance(account, Account) and isinstance(financing, Financing)):
        return
    rules, choice = section.get("constraints", UNBOUND), section.get("allocation")  # None: told already
    told = [key for key in ("financing", "account") if find(tree, (*keys, key))]  # where to point at
    costs = section.get("costs")
    owed = unpaid(account, financing, costs if isinstance(costs, Costs) else None)
    found = [said for said in owed if told or said.keys == ("costs",)]
    found = [said if said.keys == ("costs",) else said._replace(keys=(told[0],)) for said in found]
    if isinstance(rules, Constraints):
        found.extend(beyond_rules(account, rules))
        found.extend(beyond_weights(account, rules, choice) if isinstance(choice, AllocationChoice) else ())
    for place, message, allowed in found:
        yield _received(tree, (*keys, *place), message, allowed)


def _uncapped_risk(tree: Node, keys: Keys, section: Mapping[str, object]) -> Iterator[Problem]:
    """Yield rules on risk that a method cannot obey."""
    rules, choice = section.get("constraints"), section.get("allocation")
    if isinstance(rules, Constraints) and isinstance(choice, AllocationChoice):
        message = risk_uncapped(rules, choice, choice.fallback)
        if message:
            yield problem_at(tree, (*keys, "constraints", rules.caps_risk[0]), message)


def _received(tree: Node, keys: Keys, message: str, allowed: str | None = None) -> Problem:
    """Tell a problem with what was written there; a section that is not there received nothing."""
    node = find(tree, keys)
    received = None if node is None or node.mapping is not None else shown(plain(node))
    return problem_at(tree, keys, message, received=received, allowed=allowed)
