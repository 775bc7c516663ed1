"""`backtest list KIND`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backtest.cli.options import JsonOption, WorkspaceOption, answer_json

if TYPE_CHECKING:
    from backtest.parameters import Parameters


class Kind(StrEnum):
    """What can be listed."""

    strategies = "strategies"
    allocations = "allocations"
    covariances = "covariances"
    means = "means"
    constraints = "constraints"
    triggers = "triggers"
    costs = "costs"


def command(
    kind: Annotated[str, typer.Argument(help=f"What to list: {', '.join(Kind)}.")],
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """List what a configuration can name, with parameters and defaults, made from the code."""
    # Imported here: `backtest --help` needs none of it.
    from backtest.errors import InputError, unknown

    if kind not in list(Kind):
        raise InputError(unknown("kind", kind, map(str, Kind)))
    entries = [_entry(name, model) for name, model in _models(Kind(kind), workspace)]
    if kind == Kind.costs:
        entries.extend(_presets())
    if json:
        answer_json(entries)
        return
    for entry in entries:
        print(f"{entry['name']}: {entry['about']}")
        for parameter in entry["parameters"]:
            print(f"    {parameter['name']} = {parameter['default']}  {parameter['about']}")


def _models(kind: Kind, workspace: Path | None) -> Iterable[tuple[str, type[Parameters]]]:
    # Imported here: each kind needs its own part of the package.
    if kind is Kind.strategies:
        from backtest.strategy import list_strategies, load_strategy
        from backtest.workspace import find_workspace

        folder = find_workspace(Path.cwd(), workspace).strategies
        return [(name, load_strategy(name, folder)) for name in list_strategies(folder)]
    if kind is Kind.allocations:
        from backtest.allocate import METHODS

        return METHODS.items()
    if kind is Kind.covariances or kind is Kind.means:
        from backtest.allocate.moments import COVARIANCES, MEANS

        return (COVARIANCES if kind is Kind.covariances else MEANS).items()
    if kind is Kind.constraints:
        from backtest.allocate import Constraints

        return [("constraints", Constraints)]
    if kind is Kind.triggers:
        from backtest.schedule import TRIGGERS

        return TRIGGERS.items()
    from backtest.costs import Account, Costs, Financing

    return [("costs", Costs), ("account", Account), ("financing", Financing)]


def _presets() -> Iterator[dict[str, Any]]:
    """Describe the presets of costs: the numbers that each stands for, and why."""
    from backtest.costs import PRESETS

    for name, preset in PRESETS.items():
        assumed = [
            {"name": key, "default": value, "about": meaning} for key, (value, meaning) in preset.assumed.items()
        ]
        yield {"name": name, "about": f"preset. {preset.about}", "parameters": assumed}


def _entry(name: str, model: type[Parameters]) -> dict[str, Any]:
    """Describe a parameter class in one line, and each of its fields but the one that says its name."""
    from backtest.parameters import documented

    parameters = [
        {
            "name": field,
            "default": "required" if about.is_required() else _written(about.get_default(call_default_factory=True)),
            "about": _first_line(about.description),
        }
        for field, about in documented(model).items()
        if field != "estimator"
    ]
    return {"name": name, "about": _first_line(model.__doc__), "parameters": parameters}


def _written(default: Any) -> Any:
    """Return a default as a configuration writes it: an estimator or a method with its parameters is a mapping."""
    return default.model_dump(mode="json") if hasattr(default, "model_dump") else default


def _first_line(text: str | None) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((text or "").strip().split("\n\n")[0].split())
