"""Whether a study can be run: every variant checked against its data, nothing simulated."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from backtest.config import load_study
from backtest.config.study import of_whom, owners, told_once
from backtest.errors import BacktestError, ConfigError, Problem
from backtest.run import Shared, load_for
from backtest.simulate.portfolio import make_strategy
from backtest.workspace import Workspace


def check(source: Path, place: Workspace, overrides: Sequence[str] = ()) -> tuple[list[Problem], list[str]]:
    """Return the problems of all variants, each once, and what may surprise, with the variants it is of."""
    try:
        study, shared = load_study(source, place.root, overrides), Shared()
    except ConfigError as error:
        return list(error.problems), []
    wrong: list[tuple[str, list[Problem]]] = []
    said: list[tuple[str, list[str]]] = []
    for variant in study.variants:
        try:
            strategy = make_strategy(variant.config, place.strategies)
            _, warnings = load_for(variant.config, strategy, place, variant.tree, shared.market)
        except ConfigError as error:
            wrong.append((variant.label, list(error.problems)))
        except BacktestError as error:
            wrong.append((variant.label, [Problem("$", str(error), file=source)]))
        else:
            said.append((variant.label, warnings))
    total = len(study.variants)
    return told_once(wrong, total), [f"{text}{of_whom(labels, total)}" for text, labels in owners(said).items()]
