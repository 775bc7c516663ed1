"""From what is wanted to run folders inside the folder of the study: found, or made and counted together."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backtest import stats
from backtest.config import Config, Variant, load
from backtest.config.study import told_once
from backtest.errors import BacktestError, ConfigError, RunError
from backtest.market.manifest import names as store_names
from backtest.market.stores import names_of
from backtest.report.build import PAGE
from backtest.report.numbers import read_run
from backtest.report.painter import Order
from backtest.run import Shared
from backtest.simulate.callbacks import Callback, CallbackError
from backtest.simulate.portfolio import make_strategy
from backtest.study.bench import Told
from backtest.study.crew import Crew
from backtest.study.drawings import Drawings
from backtest.study.record import Record, read_record
from backtest.study.saving import Saving
from backtest.study.sources import Question, Wanted
from backtest.workspace import Workspace
from backtest.workspace.asked import asked_content
from backtest.workspace.cached import Cached, key_of
from backtest.workspace.counting import Evaluated, Snapshot, counted_together, described
from backtest.workspace.folder import RUNS
from backtest.workspace.manifest import strategy_hash
from backtest.workspace.trials import Register, Trial, trial_config_hash, trial_key

Say = Callable[[str, float], None]


@dataclass(frozen=True)
class Gathered:
    """One run of the study, in its folder."""

    wanted: Wanted
    folder: Path
    record: Record
    config: Config | None  # None when it is of a run whose strategy, say, is not there any more
    trial: Evaluated
    snapshot: Snapshot
    found: Path | None  # where it was made before, None when it was made now
    enters: bool  # whether its trial is to be added to the register
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Site:
    """Where a study is made: its workspace, the folder that is being filled, and how."""

    place: Workspace
    folder: Path
    register: Register
    shared: Shared
    fresh: bool  # run everything, whatever was run before
    jobs: int | None
    drawings: Drawings
    say: Say
    saving: Saving | None = None  # where what was simulated is kept until all of it is written
    on: Mapping[str, Callback] | None = None  # who hears of events: then this process simulates everything
    callback_errors: list[CallbackError] = field(default_factory=list)


def gather(question: Question, site: Site) -> list[Gathered]:
    """Bring every run of the question into the folder; RunError or ConfigError tells all that failed."""
    there = _found(question.wanted, site.place, site.fresh)
    found = [each for each in question.wanted if each.slug in there]
    records = {each.slug: read_record(there[each.slug], each.label, each.slug) for each in found}
    places = {each.slug: site.folder / RUNS / each.slug for each in question.wanted}
    made = [each.variant for each in question.wanted if each.slug not in there and each.variant is not None]
    draw = lambda folder: site.drawings.ask(Order(folder, html=True))  # noqa: E731
    with Crew(site.place, site.shared, site.jobs, draw, site.saving, site.on) as crew:
        told = crew.simulate(made, lambda share: site.say("simulating", 0.05 + 0.4 * share))
        site.callback_errors.extend(crew.callback_errors)
        _raise_failures([(variant.label, told[variant.slug]) for variant in made])
        for slug, source in there.items():
            _copy(source, places[slug])
        configs = {each.slug: _config(each, places[each.slug], site.place) for each in question.wanted}
        for slug in there:
            if _has_no_page(places[slug], configs[slug]):
                site.drawings.ask(Order(places[slug], html=True))
        trials = _trials(question.wanted, told, records, configs, site.register)
        counted = counted_together(site.register, trials)
        site.say("writing", 0.5)
        by_slug = {each.slug: one for each, one in zip(question.wanted, counted, strict=True)}
        orders = {each.slug: (each, by_slug[each.slug], places[each.slug]) for each in made}
        said = crew.leave(orders)
    return [
        Gathered(
            wanted=each,
            folder=places[each.slug],
            record=records.get(each.slug) or read_record(places[each.slug], each.label, each.slug),
            config=configs[each.slug],
            trial=trial,
            snapshot=one.snapshot,
            found=there.get(each.slug),
            enters=each.slug in told and one.readable,
            warnings=(*one.warnings, *said.get(each.slug, ())),
        )
        for each, trial, one in zip(question.wanted, trials, counted, strict=True)
    ]


def _found(wanted: Sequence[Wanted], place: Workspace, fresh: bool) -> dict[str, Path]:
    """Return the folders of runs that were made before, by slug."""
    cached = Cached(place)
    there = {}
    for each in wanted:
        if each.folder is not None:
            read_run(each.folder)  # what is damaged is refused where it lies, not met later in a copy
            there[each.slug] = each.folder
        elif each.variant is not None and not fresh:
            found = _made_before(each.variant, place, cached)
            if found is not None and _is_sound(found):
                there[each.slug] = found
    return there


def _made_before(variant: Variant, place: Workspace, cached: Cached) -> Path | None:
    config = variant.config
    if not set(names_of(config.market.source)) <= set(store_names(place.data)):
        return None  # simulating it says what is wrong
    try:
        strategy = make_strategy(config, place.strategies)
        content = asked_content(config, place)
    except BacktestError:
        return None
    return cached.find(config, trial_key(content, trial_config_hash(config), strategy_hash(strategy)))


def _is_sound(folder: Path) -> bool:
    """Whether a run that was made before can still be read; one that nobody asked for by name is made anew if not."""
    try:
        read_run(folder)
    except BacktestError:
        return False
    return True


def _copy(source: Path, target: Path) -> None:
    """Take a run into the study, so that its folder holds everything wherever it is moved to."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, target)


def _has_no_page(folder: Path, config: Config | None) -> bool:
    """Whether a run that was made before has none, and now one is wanted."""
    return config is not None and config.report.html and not (folder / PAGE).is_file()


def _lines(register: Register) -> tuple[Trial, ...]:
    try:
        return register.read().trials
    except OSError:
        return ()  # counting says so


def _config(wanted: Wanted, folder: Path, place: Workspace) -> Config | None:
    if wanted.variant is not None:
        return wanted.variant.config
    try:
        return load(folder / "config.yaml", place.root)
    except BacktestError:
        return None


def _trials(
    wanted: Sequence[Wanted],
    told: Mapping[str, Told],
    records: Mapping[str, Record],
    configs: Mapping[str, Config | None],
    register: Register,
) -> list[Evaluated]:
    """Return the trial of each run: as it came out now, else as the register or its own folder has it."""
    lines = {trial.key: trial for trial in _lines(register)}
    found = []
    for each in wanted:
        now = told.get(each.slug)
        if isinstance(now, Evaluated):
            found.append(now)
        else:
            found.append(_before(records[each.slug], configs[each.slug], lines))
    return found


def _before(record: Record, config: Config | None, lines: Mapping[str, Trial]) -> Evaluated:
    """Return the trial of a run that was made before."""
    manifest, data = record.manifest, record.manifest.get("data", {})
    known = lines.get(key_of(manifest))
    settings = str(manifest.get("config_hash")) if config is None else trial_config_hash(config)
    source = str(manifest.get("strategy_hash"))
    about = {
        "key": trial_key(str(data.get("hash")), settings, source),
        "data": str(data.get("hash")),
        "config": settings,
        "strategy": source,
        "store": str(data.get("name")),
        "name": str(manifest.get("name")),
        "run": "",
        "time": str(manifest.get("created")),
    }
    if known is not None:
        about = {name: str(getattr(known, name)) for name in about}
    returns = stats.returns_from_equity(record.grown, record.capital)
    return described(about, returns, record.times, float(record.config.get("risk_free", 0.0)))


def _raise_failures(told: Sequence[tuple[str, Told]]) -> None:
    """Raise one error for everything that failed, naming the variants."""
    failed = [(label, error) for label, error in told if isinstance(error, BacktestError)]
    if not failed:
        return
    if all(isinstance(error, ConfigError) for _, error in failed):
        problems = [(label, error.problems) for label, error in failed if isinstance(error, ConfigError)]
        raise ConfigError(told_once(problems, len(told))) from failed[0][1]
    kinds = {type(error) for _, error in failed}
    kind = kinds.pop() if len(kinds) == 1 else RunError
    raise kind("\n".join(f"variant {label!r}: {error}" for label, error in failed)) from failed[0][1]
