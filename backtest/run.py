"""The pipeline on one screen: load → market → simulate → metrics → artefacts → report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from backtest.config import Config, check_against, history_rows, load_with_places, warn_against
from backtest.config.node import Node, problem_at
from backtest.errors import ConfigError, DataError, unknown
from backtest.market.manifest import names as store_names
from backtest.market.market import Market
from backtest.market.sample import SAMPLES
from backtest.market.store import load as load_market
from backtest.metrics import RunMetrics, run_metrics
from backtest.report import build as build_report
from backtest.simulate.portfolio import make_strategy, simulate_config
from backtest.simulate.result import Result
from backtest.stats import returns_from_equity
from backtest.strategy import Strategy
from backtest.workspace import Workspace, find_workspace, publish, run_name
from backtest.workspace.artefacts import write_artefacts
from backtest.workspace.counting import Repeat, evaluated, snapshot_of
from backtest.workspace.manifest import config_hash, make_manifest, remarkable
from backtest.workspace.trials import register_of

Progress = Callable[[str, float], None]
"""Called with what is being done and how far it is, 0 … 1."""


@dataclass(frozen=True)
class Run:
    """One simulated configuration and the folder it left. Numbers by key: `run["sharpe"]`."""

    folder: Path
    config: Config
    result: Result
    benchmark: Result | None
    metrics: RunMetrics
    manifest: Mapping[str, Any]
    warnings: tuple[str, ...]

    def __getitem__(self, key: str) -> float | int | str | None:
        """Return the value of the metric called `key`."""
        return self.metrics[key]


def run(
    config: Path | str | Mapping[str, Any] | Config,
    *,
    workspace: Path | str | None = None,
    overrides: Sequence[str] = (),
    progress: Progress | None = None,
    reports: Path | None = None,
) -> Run:
    """Run a configuration (a file, a dict or the model) and leave a run folder under `reports/`.

    `overrides` are ``key.path=value``. The folder appears whole or not at all; `reports` puts it elsewhere.
    """
    return _carry_out(config, workspace, overrides, progress, reports, Repeat())


def rerun(
    folder: Path,
    *,
    workspace: Path | str | None = None,
    overrides: Sequence[str] = (),
    reports: Path | None = None,
    check: bool = False,
) -> Run:
    """Run again what a run folder keeps, with the trials that it had counted. A `check` adds none to the register."""
    repeat = Repeat(snapshot_of(folder), register=not check)
    return _carry_out(folder / "config.yaml", workspace, overrides, None, reports, repeat)


def _carry_out(
    config: Path | str | Mapping[str, Any] | Config,
    workspace: Path | str | None,
    overrides: Sequence[str],
    progress: Progress | None,
    reports: Path | None,
    repeat: Repeat,
) -> Run:
    """Do what `run` and `rerun` say."""
    say = progress or (lambda _what, _share: None)
    clock = perf_counter()
    timings: dict[str, float] = {}

    def lap(name: str) -> None:
        nonlocal clock
        timings[name], clock = perf_counter() - clock, perf_counter()

    say("reading", 0.0)
    place = _workspace(config, workspace)
    settings, tree = load_with_places(config, place.root, overrides)
    strategy = make_strategy(settings, place.strategies)
    lap("config")
    market, warnings = load_for(settings, strategy, place, tree)
    lap("market")
    say("simulating", 0.1)
    simulated = simulate_config(
        settings, market, strategy, lambda row: say("simulating", 0.1 + 0.5 * row / market.n_rows)
    )
    lap("simulate")
    say("measuring", 0.6)
    result, benchmark = simulated.result, simulated.benchmark
    against = None if benchmark is None else returns_from_equity(benchmark.equity, benchmark.capital)
    created = datetime.now(UTC)
    register = register_of(place)
    trial = evaluated(settings, (market.name, market.content_hash), strategy, result, created)
    counted = repeat.count(register, trial)
    lap("trials")
    metrics = run_metrics(result, against, settings.risk_free, counted.snapshot.trials)
    lap("metrics")
    say("writing", 0.7)
    doubts = [*warnings, *counted.warnings]
    remarks, known = remarkable(settings, simulated), counted.snapshot.to_dict()
    manifest = make_manifest(settings, place, market, strategy, simulated, created, doubts, remarks, known, timings)
    with publish(reports or place.reports, run_name(created, settings.name, config_hash(settings))) as (folder, final):
        write_artefacts(folder, settings, simulated, metrics, manifest)
        if settings.report.html or settings.report.png:
            say("drawing", 0.8)
            build_report(folder, settings.report.html, settings.report.figures if settings.report.png else ())
    say("done", 1.0)
    said = (*warnings, *repeat.enter(register, trial, final[0].name, counted), *remarks)
    return Run(final[0], settings, result, benchmark, metrics, manifest, said)


def load_for(config: Config, strategy: Strategy, place: Workspace, tree: Node) -> tuple[Market, list[str]]:
    """Load the market that a configuration asks for, and raise when it cannot run on it; with warnings."""
    chosen = config.market
    stores = store_names(place.data)
    if chosen.source not in stores:
        said = unknown("store", chosen.source, stores)
        hint = "; `backtest data sample` writes it" if chosen.source in SAMPLES else ""
        raise ConfigError([problem_at(tree, ("market", "source"), f"{said} (looked in {place.data}){hint}")])
    needed = history_rows(config, strategy)
    try:
        market = load_market(place.data, chosen.source, chosen.symbols, chosen.start, chosen.end)
    except DataError:
        # Symbols or dates that are not there: against the whole store all problems are found, each with its line.
        problems = check_against(config, load_market(place.data, chosen.source), needed, tree)
        if problems:
            raise ConfigError(problems) from None
        raise
    problems = check_against(config, market, needed, tree)
    if problems:
        raise ConfigError(problems)
    return market, [str(warning) for warning in warn_against(config, market, needed, tree)]


def _workspace(config: Path | str | Mapping[str, Any] | Config, given: Path | str | None) -> Workspace:
    near = Path(config) if isinstance(config, Path | str) else Path.cwd()
    return find_workspace(near, None if given is None else Path(given))
