"""The pipeline on one screen: load → market → simulate → metrics → artefacts → report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from backtest.allocate.moments.memory import MOST_BYTES, Memory
from backtest.allocate.threads import one_thread_of_loaded
from backtest.config import Config, check_against, history_rows, load_with_places, warn_against
from backtest.config.node import Node, problem_at
from backtest.errors import ConfigError, DataError, unknown
from backtest.market.manifest import names as store_names
from backtest.market.market import Market
from backtest.market.sample import SAMPLES
from backtest.market.stores import load_source as load_market
from backtest.market.stores import names_of
from backtest.market.stream.memory import said_too_large
from backtest.metrics import RunMetrics, run_metrics
from backtest.report import build as build_report
from backtest.simulate.callbacks import Callback, CallbackError, Callbacks
from backtest.simulate.portfolio import Simulated, make_strategy, simulate_config
from backtest.simulate.result import Result
from backtest.strategy import Strategy
from backtest.strategy.allocator import Decisions
from backtest.workspace import Workspace, find_workspace, publish, run_name
from backtest.workspace.artefacts import write_artefacts
from backtest.workspace.asked import asked_symbols
from backtest.workspace.counting import Counted, Evaluated, Repeat, evaluated, snapshot_of
from backtest.workspace.manifest import config_hash, make_manifest
from backtest.workspace.remarkable import remarkable
from backtest.workspace.trials import register_of
from backtest.workspace.unfinished import Unfinished, unfinished

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
    callback_errors: tuple[CallbackError, ...] = ()

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
    on: Mapping[str, Callback] | None = None,
    checkpoint_every: int | None = None,
    resume: bool = False,
) -> Run:
    """Run a configuration (a file, a dict or the model) and leave a run folder under `reports/`.

    `overrides` are ``key.path=value``. The folder appears whole or not at all; `reports` puts it elsewhere. `on` are
    functions of one event by the name of the event: they are told what happens and change nothing. What one raises is a
    warning of the run, and in `callback_errors`; the run goes on. With `checkpoint_every` what was done is saved after
    so many bars again and again; `resume` goes on with a run of the same configuration that was killed, bit for bit as
    if it had not been, and callbacks hear everything from the beginning.
    """
    callbacks = None if on is None else Callbacks(on)
    return _carry_out(config, workspace, overrides, progress, reports, Repeat(), callbacks, checkpoint_every, resume)


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
    callbacks: Callbacks | None = None,
    checkpoint_every: int | None = None,
    resume: bool = False,
) -> Run:
    """Do what `run` and `rerun` say."""
    say = progress or (lambda _what, _share: None)
    say("reading", 0.0)
    place = _workspace(config, workspace)
    clock = perf_counter()
    settings, tree = load_with_places(config, place.root, overrides)
    strategy = make_strategy(settings, place.strategies)
    read = perf_counter() - clock
    saved = unfinished(reports or place.reports, settings, checkpoint_every, resume)
    told = lambda share: say("simulating", 0.1 + 0.5 * share)  # noqa: E731
    with nullcontext() if saved is None else saved.held():
        outcome = simulate_one(settings, tree, strategy, place, told, callbacks=callbacks, saved=saved)
        outcome.timings["config"] = read
        return _publish(outcome, repeat, reports or place.reports, say, callbacks)


def _publish(outcome: Outcome, repeat: Repeat, reports: Path, say: Progress, callbacks: Callbacks | None) -> Run:
    """Measure what was simulated, count it as a trial, and leave its folder."""
    say("measuring", 0.6)
    settings, register = outcome.config, register_of(outcome.place)
    counted = repeat.count(register, outcome.trial)
    name = run_name(outcome.created, settings.name, config_hash(settings))
    with publish(reports, name) as (folder, final):
        say("writing", 0.7)
        metrics, manifest = outcome.leave(folder, counted)
        if settings.report.html or settings.report.png:
            say("drawing", 0.8)
            build_report(folder, settings.report.html, settings.report.figures if settings.report.png else ())
    say("done", 1.0)
    said = (*outcome.warnings, *repeat.enter(register, outcome.trial, final[0].name, counted), *manifest["remarks"])
    simulated = outcome.simulated
    failed = () if callbacks is None else tuple(callbacks.errors)
    return Run(final[0], settings, simulated.result, simulated.benchmark, metrics, manifest, said, failed)


@dataclass(frozen=True)
class Outcome:
    """A configuration that was simulated, and is not measured yet: that waits until its trials are counted."""

    config: Config
    place: Workspace
    market: Market
    strategy: Strategy
    simulated: Simulated
    warnings: tuple[str, ...]
    created: datetime
    trial: Evaluated
    timings: dict[str, float]

    def leave(self, folder: Path, counted: Counted) -> tuple[RunMetrics, dict[str, Any]]:
        """Measure, and write everything but the report into `folder`; return the metrics and the manifest."""
        clock = perf_counter()
        benchmark, settings = self.simulated.benchmark, self.config
        against = None if benchmark is None else benchmark.returns
        with one_thread_of_loaded():  # covariances: the same bits whatever else runs
            metrics = run_metrics(self.simulated.result, against, settings.risk_free, counted.snapshot.trials)
        manifest = make_manifest(
            settings,
            self.place,
            self.market,
            self.strategy,
            self.simulated,
            self.created,
            [*self.warnings, *counted.warnings],
            remarkable(settings, self.simulated),
            counted.snapshot.to_dict(),
            {**self.timings, "metrics": perf_counter() - clock},
        )
        write_artefacts(folder, settings, self.simulated, metrics, manifest)
        return metrics, manifest


def simulate_one(
    config: Config,
    tree: Node,
    strategy: Strategy,
    place: Workspace,
    progress: Callable[[float], None] | None = None,
    shared: Shared | None = None,
    callbacks: Callbacks | None = None,
    saved: Unfinished | None = None,
) -> Outcome:
    """Load the market of a configuration, simulate it, and describe it as a trial.

    `shared` are the markets and decisions of other runs in the same process; they change no bit of the result.
    `progress` hears of the share that is done. With `saved` it is gone on with what was done before.
    """
    clock = perf_counter()
    common = shared or Shared()
    market, warnings = load_for(config, strategy, place, tree, common.market)
    loaded = perf_counter()
    told = None if progress is None else lambda row: progress(row / market.n_rows)
    if saved is not None:
        saved.begin(market, strategy)
    leg = None if saved is None else saved.leg
    simulated = simulate_config(config, market, strategy, told, common.decisions(market), callbacks, leg)
    warnings = [*warnings, *([] if callbacks is None else callbacks.failures())]
    done, created = perf_counter(), datetime.now(UTC)
    trial = evaluated(config, (market.name, market.content_hash), strategy, simulated.result, created)
    timings = {"market": loaded - clock, "simulate": done - loaded, "trials": perf_counter() - done}
    return Outcome(config, place, market, strategy, simulated, tuple(warnings), created, trial, timings)


class Shared:
    """Markets that were loaded, and what allocators answered on each, for runs of one process."""

    def __init__(self) -> None:
        self._markets: dict[tuple[object, ...], Market] = {}
        self._decisions: dict[int, Decisions] = {}

    def market(self, *wanted: Any, **how: Any) -> Market:
        """Load a market as `market.store.load` does, or return the one that was loaded before."""
        key = (*wanted, *how.items())
        if key not in self._markets:
            self._markets[key] = load_market(*wanted, **how)
        return self._markets[key]

    def decisions(self, market: Market) -> Decisions:
        """Return what was decided on a market so far, to be added to."""
        return self._decisions.setdefault(id(market), Decisions(market, memory=Memory(MOST_BYTES)))


def load_for(
    config: Config, strategy: Strategy, place: Workspace, tree: Node, load: Callable[..., Market] = load_market
) -> tuple[Market, list[str]]:
    """Load the market that a configuration asks for, and raise when it cannot run on it; with warnings."""
    chosen = config.market
    refuse_absent(config, place, tree)
    needed = history_rows(config, strategy)
    try:
        symbols = asked_symbols(config, place)
    except DataError as error:
        raise ConfigError([problem_at(tree, ("market", "symbols", "file"), str(error))]) from error
    how, too_large = _how(config, place, symbols, needed, tree)
    try:
        market = load(place.data, chosen.source, symbols, chosen.start, chosen.end, **how)
    except DataError:
        # Symbols or dates that are not there: against the whole store all problems are found, each with its line.
        problems = check_against(config, load(place.data, chosen.source, **how), needed, tree)
        if problems:
            raise ConfigError(problems) from None
        raise
    problems = check_against(config, market, needed, tree)
    if market.stream is not None and strategy.prepares:
        message = (
            f"{config.strategy.name!r} prepares its weights from all bars at once, and a stream never has them all"
        )
        problems = [
            *problems,
            problem_at(tree, ("market", "stream"), message, allowed="false, or a strategy that decides"),
        ]
    if problems:
        raise ConfigError(problems)
    told = [] if too_large is None else [too_large]
    return market, [*told, *(str(warning) for warning in warn_against(config, market, needed, tree))]


def refuse_absent(config: Config, place: Workspace, tree: Node) -> None:
    """Raise for stores that are not there."""
    stores, problems = store_names(place.data), []
    for k, name in enumerate(names_of(config.market.source)):
        if name not in stores:
            hint = "; `backtest data sample` writes it" if name in SAMPLES else ""
            keys = ("market", "source") if isinstance(config.market.source, str) else ("market", "source", k)
            said = f"{unknown('store', name, stores)} (looked in {place.data}){hint}"
            problems.append(problem_at(tree, keys, said))
    if problems:
        raise ConfigError(problems)


def _how(config: Config, place: Workspace, symbols: Any, needed: int, tree: Node) -> tuple[dict[str, Any], str | None]:
    """Return how prices are read, and a warning where they are streamed because they are too many."""
    chosen = config.market
    made = {} if chosen.bars == "stored" else {"bars": chosen.bars}
    if made or not isinstance(chosen.source, str):
        if chosen.stream is True:
            what = "bars of a session are made" if made else "stores are joined"
            message = f"{what} in memory"
            raise ConfigError(
                [problem_at(tree, ("market", "stream"), message, received="true", allowed="auto or false")]
            )
        return made, None
    too_large = said_too_large(place.data, chosen.source, symbols) if chosen.stream == "auto" else None
    return ({"look_back": needed - 1} if chosen.stream is True or too_large else {}), too_large


def _workspace(config: Path | str | Mapping[str, Any] | Config, given: Path | str | None) -> Workspace:
    near = Path(config) if isinstance(config, Path | str) else Path.cwd()
    return find_workspace(near, None if given is None else Path(given))
