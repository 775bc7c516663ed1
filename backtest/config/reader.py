"""From a tree to a `Config`: each section by the class that knows it, every problem on the way collected.

YAML has shorter forms than the model: `strategy: momentum`, `rebalance: never`, a single trigger, a method's
parameters beside its name. They are understood here, so that a problem is told where the person wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar, get_args

from pydantic import BaseModel, ValidationError

from backtest.allocate import METHODS, AllocationChoice, Constraints, Method, MethodChoice
from backtest.allocate.choice import HOLD
from backtest.allocate.methods.equal_weight import EqualWeight
from backtest.config.clashes import FOUND_APART, clashes
from backtest.config.describe import shown
from backtest.config.flows import flows_at
from backtest.config.inherit import BASE, STUDY_KEYS
from backtest.config.model import (
    Accounting,
    Artefacts,
    Config,
    Execution,
    Exits,
    MarketSection,
    PortfolioBenchmark,
    Report,
    StrategyChoice,
    SymbolBenchmark,
)
from backtest.config.node import Keys, Node, find, nearest_node, plain, problem_at
from backtest.config.problems import problems_of, unknown_key
from backtest.costs import PRESETS, Account, Costs, Financing
from backtest.costs.account import AccountKind
from backtest.errors import BacktestError, Problem, nearest
from backtest.schedule import NEVER, TRIGGERS, Rebalance, Trigger
from backtest.strategy import load_strategy

Model = TypeVar("Model", bound=BaseModel)

STRATEGIES = "strategies"
"""Folder of a workspace in which strategies are looked for."""

KINDS = get_args(AccountKind)

_ANY_RULE = "never, {calendar: month}, {drift: 0.05} or {any: [{calendar: month}, {drift: 0.05}]}"
_ANY_BENCHMARK = "null, {symbol: NAME} or {allocation: {method: equal_weight}}"


@dataclass
class Reader:
    """Reads one tree. A method returns None, and has noted why, when its section cannot be made."""

    tree: Node
    root: Path
    problems: list[Problem] = field(default_factory=list)

    def config(self) -> Config | None:
        """Read the whole configuration; `problems` says why when there is none."""
        given = self.tree.mapping or {}
        known = Config.model_fields
        strangers = [key for key in given if key not in known]
        self.problems.extend(unknown_key(self.tree, (key,), [*known, BASE, *STUDY_KEYS]) for key in strangers)
        sections = self._sections()
        values = {key: plain(node) for key, node in given.items() if key in known and key not in sections}
        # A key that is there misspelt is not missing as well.
        failed = {close for key in strangers if (close := nearest(key, known)) and close not in given}
        for key, read in sections.items():
            if key in given or key == "strategy":
                before = len(self.problems)
                values[key] = read((key,))
                failed.update([key] if len(self.problems) > before else [])
        return self._composed(values, failed)

    def _sections(self) -> dict[str, Callable[[Keys], object]]:
        """Return what reads each section; every other key is a single value."""
        plain_sections: dict[str, type[BaseModel]] = {
            "market": MarketSection,
            "constraints": Constraints,
            "execution": Execution,
            "exits": Exits,
            "financing": Financing,
            "accounting": Accounting,
            "report": Report,
            "artefacts": Artefacts,
        }
        return {
            **{key: partial(self.model, model) for key, model in plain_sections.items()},
            "strategy": self._strategy,
            "costs": self._costs,
            "account": self._account,
            "flows": partial(flows_at, self),
            "allocation": self._allocation,
            "rebalance": self._rebalance,
            "benchmark": self._benchmark,
        }

    def _composed(self, values: dict[str, object], failed: set[str]) -> Config | None:
        """Put the sections together; those that failed are named already."""
        config = None
        try:
            config = Config.model_validate({key: values[key] for key in values if key not in failed}, strict=True)
        except ValidationError as error:
            details = [
                detail
                for detail in error.errors()
                if detail["type"] not in FOUND_APART and not failed & {*detail["loc"]}
            ]
            self.problems.extend(problems_of(details, Config, self.tree, ()))
            failed.update(str(detail["loc"][0]) for detail in details)
        self.problems.extend(clashes(self.tree, values, failed))
        return None if self.problems else config

    def model(self, model: type[Model], keys: Keys, beside: tuple[str, ...] = ()) -> Model | None:
        """Make `model` from the mapping at `keys`, with keys `beside` that are not its; nothing is an empty one."""
        node = find(self.tree, keys)
        if node is not None and node.mapping is None:
            self.note(keys, "not a mapping", shown(node.value), f"a mapping with {', '.join(model.model_fields)}")
            return None
        data = {} if node is None else {key: value for key, value in plain(node).items() if key not in beside}
        try:
            # JSON in strict mode is what YAML means: dates are text, tuples are lists, and 5 is neither text nor true.
            return model.model_validate_json(json.dumps(data), strict=True)
        except ValidationError as error:
            self.problems.extend(problems_of(error.errors(), model, self.tree, keys, beside))
            return None

    def note(self, keys: Keys, message: str, received: str | None, allowed: str, close: str | None = None) -> None:
        """Note a problem with what stands at `keys`."""
        self.problems.append(problem_at(self.tree, keys, message, received=received, allowed=allowed, nearest=close))

    def _members(self, keys: Keys, allowed: str) -> dict[str, Node] | None:
        node = nearest_node(self.tree, keys)
        if node.mapping is None:
            self.note(keys, "not a mapping", shown(plain(node)), allowed)
        return node.mapping

    def _strategy(self, keys: Keys) -> StrategyChoice | None:
        node = find(self.tree, keys)
        if node is None or (isinstance(node.value, str) and node.value):
            choice: StrategyChoice | None = StrategyChoice() if node is None else StrategyChoice(name=str(node.value))
        elif node.mapping is None:
            self.note(
                keys, "not a strategy", shown(plain(node)), "the name of a file in strategies/, or {name, params}"
            )
            return None
        else:
            choice = self.model(StrategyChoice, keys)
        if choice is None:
            return None
        try:
            strategy = load_strategy(choice.name, self.root / STRATEGIES)
        except BacktestError as error:
            place = (*keys, "name") if find(self.tree, (*keys, "name")) else keys
            self.problems.append(problem_at(self.tree, place, str(error)))
            return None
        params = self.model(strategy, (*keys, "params"))
        return None if params is None else StrategyChoice(name=choice.name, params=params.model_dump())

    def _allocation(self, keys: Keys) -> AllocationChoice | None:
        members = self._members(keys, "{method: NAME}, and the parameters of the method beside it")
        if members is None:
            return None
        if "method" not in members:
            self._missing(keys, members, ("method",), f"one of {', '.join(METHODS)}")
            return None
        method = self._method(keys, members["method"].value, ("method", *AllocationChoice.beside))
        chain = self._chain((*keys, "fallback")) if "fallback" in members else ()
        given = {"strict": plain(members["strict"])} if "strict" in members else {}
        try:
            choice = AllocationChoice.model_validate(
                {"parameters": method or EqualWeight(), "fallback": chain, **given}, strict=True
            )
        except ValidationError as error:
            self.problems.extend(problems_of(error.errors(), AllocationChoice, self.tree, keys))
            return None
        return None if method is None else choice

    def _method(self, keys: Keys, name: object, beside: tuple[str, ...]) -> Method | None:
        """Make the method called `name` from the mapping at `keys`; it may be told by its name alone."""
        named = isinstance(nearest_node(self.tree, keys).value, str)
        if not isinstance(name, str) or name not in METHODS:
            allowed, close = [*METHODS, *([HOLD] if "fallback" in keys else [])], nearest(name, METHODS)
            place = keys if named else (*keys, "method")
            self.note(place, "unknown allocation method", shown(name), ", ".join(allowed), close)
            return None
        return self._default(METHODS[name], keys) if named else self.model(METHODS[name], keys, beside=beside)

    def _default(self, model: type[Model], keys: Keys) -> Model | None:
        """Make `model` with nothing written, for what stands at `keys` in short."""
        try:
            return model()
        except ValidationError as error:
            self.problems.extend(problems_of(error.errors(), model, self.tree, keys))
            return None

    def _chain(self, keys: Keys) -> tuple[MethodChoice | str, ...]:
        """Read what to try when a method gives up; what cannot be read is left out, and noted."""
        items = nearest_node(self.tree, keys).items
        if items is None:
            allowed = f"a list, such as [inverse_volatility, {HOLD}]"
            self.note(keys, "not a list", shown(plain(nearest_node(self.tree, keys))), allowed)
        return tuple(filter(None, [self._step((*keys, k)) for k in range(len(items or ()))]))

    def _step(self, keys: Keys) -> MethodChoice | str | None:
        written = nearest_node(self.tree, keys).value
        if written == HOLD:
            return HOLD
        if isinstance(written, str):
            method = self._method(keys, written, ())
        else:
            members = self._members(keys, f"{HOLD}, the name of a method, or {{method: NAME}} with its parameters")
            if members is None:
                return None
            if "method" not in members:
                self._missing(keys, members, ("method",), f"one of {', '.join(METHODS)}")
                return None
            method = self._method(keys, members["method"].value, ("method",))
        return None if method is None else MethodChoice(parameters=method)

    def _rebalance(self, keys: Keys) -> Rebalance | None:
        node = nearest_node(self.tree, keys)
        if node.value == NEVER:
            return Rebalance()
        if node.mapping is None:
            close = nearest(node.value, [NEVER]) if isinstance(node.value, str) else None
            self.note(keys, "not a rebalance rule", shown(plain(node)), _ANY_RULE, close)
            return None
        before = len(self.problems)
        triggers = self._triggers(keys, node.mapping)
        failed = len(self.problems) > before
        given = {"initial": plain(node.mapping["initial"])} if "initial" in node.mapping else {}
        try:
            return Rebalance.model_validate({"any": triggers, **given})
        except ValidationError as error:
            details = [detail for detail in error.errors() if not failed or detail["loc"] == ("initial",)]
            self.problems.extend(problems_of(details, Rebalance, self.tree, keys))
            return None

    def _triggers(self, keys: Keys, members: dict[str, Node]) -> tuple[Trigger, ...]:
        """Read the triggers of a rule; what cannot be read is left out, and noted."""
        if "any" not in members:
            return tuple(filter(None, [self._trigger(keys)]))
        for key in members:
            if key in TRIGGERS:
                self.note((*keys, key), "a trigger beside 'any'", None, f"one more item of 'any': - {{{key}: ...}}")
            elif key not in Rebalance.model_fields:
                known = [*Rebalance.model_fields, *TRIGGERS]  # a trigger that is misspelt may stand in for `any`
                self.problems.append(unknown_key(self.tree, (*keys, key), known))
        items = members["any"].items
        if not items:
            self.note(
                (*keys, "any"),
                "no triggers",
                shown(plain(members["any"])),
                "a list of at least one trigger, or 'rebalance: never'",
            )
        return tuple(filter(None, [self._trigger((*keys, "any", k)) for k in range(len(items or ()))]))

    def _trigger(self, keys: Keys) -> Trigger | None:
        members = self._members(keys, " or ".join(f"{{{name}: ...}}" for name in TRIGGERS))
        if members is None:
            return None
        kinds = [name for name in TRIGGERS if name in members]
        if not kinds:
            self._missing(keys, members, tuple(TRIGGERS), _ANY_RULE)
            return None
        if len(kinds) > 1:
            several = ", ".join(f"{{{kind}: ...}}" for kind in kinds)
            self.note(keys, "several triggers in one", shown(dict.fromkeys(members)), f"{{any: [{several}]}}")
            return None
        return self.model(TRIGGERS[kinds[0]], keys, beside=("initial",) if keys[-1] == "rebalance" else ())

    def _costs(self, keys: Keys) -> Costs | None:
        """Read costs, which the name of a preset alone may stand for."""
        name = nearest_node(self.tree, keys).value
        if not isinstance(name, str):
            return self.model(Costs, keys)
        if name not in PRESETS:
            allowed = f"{', '.join(PRESETS)}, or a mapping such as {{commission_bps: 5}}"
            self.note(keys, "unknown preset", shown(name), allowed, nearest(name, PRESETS))
            return None
        return Costs.model_validate({"preset": name})

    def _account(self, keys: Keys) -> Account | None:
        """Read an account, which its kind alone may stand for."""
        kind = nearest_node(self.tree, keys).value
        if isinstance(kind, dict):
            return self.model(Account, keys)
        if not isinstance(kind, str) or kind not in KINDS:
            allowed = f"{', '.join(KINDS)}, or a mapping such as {{kind: margin, initial: 0.5, maintenance: 0.25}}"
            received = shown(plain(nearest_node(self.tree, keys)))
            self.note(keys, "unknown kind of account", received, allowed, nearest(kind, KINDS))
            return None
        return Account.model_validate({"kind": kind})

    def _missing(self, keys: Keys, members: Mapping[str, Node], wanted: tuple[str, ...], allowed: str) -> None:
        """Note that a mapping does not say what it is, at the key that was probably meant to."""
        close = next(((key, name) for key in members if (name := nearest(key, wanted))), None)
        if close:
            self.note((*keys, close[0]), "unknown key", None, ", ".join(wanted), close[1])
        else:
            self.note(keys, f"no {' or '.join(wanted)}", shown(dict.fromkeys(members)), allowed)

    def _benchmark(self, keys: Keys) -> SymbolBenchmark | PortfolioBenchmark | None:
        if nearest_node(self.tree, keys).value is None:
            return None
        members = self._members(keys, _ANY_BENCHMARK)
        if members is None:
            return None
        if "symbol" in members:
            return self.model(SymbolBenchmark, keys)
        known = PortfolioBenchmark.model_fields
        self.problems.extend(
            unknown_key(self.tree, (*keys, key), ["symbol", *known]) for key in members if key not in known
        )
        readers: dict[str, Callable[[Keys], object]] = {
            "allocation": self._allocation,
            "rebalance": self._rebalance,
            "constraints": partial(self.model, Constraints),
            "account": self._account,
            "financing": partial(self.model, Financing),
        }
        shared = {key for key in ("account", "financing") if key in members and members[key].value is None}
        parts = {key: read((*keys, key)) for key, read in readers.items() if key in members and key not in shared}
        return None if None in parts.values() else PortfolioBenchmark.model_validate(parts)
