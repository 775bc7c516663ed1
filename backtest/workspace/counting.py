"""What stood behind a run: the trials of its family, as they were counted when it ran."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from backtest import stats
from backtest.config import Config
from backtest.metrics.inference.selection import Trials
from backtest.metrics.luck import moments
from backtest.simulate.result import Result
from backtest.stats.inference import effective_trials
from backtest.strategy import Strategy
from backtest.types import Floats, Ints
from backtest.workspace.apart import apart
from backtest.workspace.families import family, place_of, risky, variance
from backtest.workspace.manifest import strategy_hash
from backtest.workspace.trial_returns import DailyReturns, by_day, keep, kept, side_by_side
from backtest.workspace.trials import Reading, Register, Trial, trial_config_hash, trial_key

MOST_CORRELATED = 250
"""Of more trials, so many are correlated, evenly spread over the register, and their share of independent ones is taken
for all: reading 250 series takes a tenth of a second."""


@dataclass(frozen=True)
class Snapshot:
    """What a run counted: its own key, the trials of its family with it, and how many of them could be correlated.

    `apart` is how many of them make up most of the spread alone, 0 as a rule.
    """

    key: str
    trials: Trials
    correlated: int = 1
    apart: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return what the manifest of the run keeps."""
        return {
            "key": self.key,
            "count": self.trials.count,
            "effective": self.trials.effective,
            "sharpe_variance": self.trials.variance_per_bar,
            "correlated": self.correlated,
            "apart": self.apart,
        }


@dataclass(frozen=True)
class Evaluated:
    """One evaluated configuration: its line, and its returns by day."""

    trial: Trial
    daily: DailyReturns


@dataclass(frozen=True)
class Counted:
    """A snapshot, what has to be said about it, and whether the register could be read at all."""

    snapshot: Snapshot
    warnings: tuple[str, ...] = ()
    readable: bool = True


@dataclass(frozen=True)
class Repeat:
    """How a run counts when it repeats another one, whose snapshot it then takes; as it stands, it repeats none.

    Without `register` it leaves nothing behind, and takes the snapshot even when it turns out to be another trial.
    """

    snapshot: Snapshot | None = None
    register: bool = True

    def count(self, register: Register, own: Evaluated) -> Counted:
        """Return the snapshot of the repeated run when this is the same trial, else count anew."""
        if self.snapshot is not None and (self.snapshot.key == own.trial.key or not self.register):
            return Counted(self.snapshot)
        return counted(register, own)

    def enter(self, register: Register, own: Evaluated, run: str, before: Counted) -> tuple[str, ...]:
        """Add the trial to the register, and return every warning there is."""
        if not (self.register and before.readable):
            return before.warnings
        return (*before.warnings, *enter(register, own, run))


def evaluated(
    config: Config, data: tuple[str, str], strategy: Strategy, result: Result, created: datetime, run: str = ""
) -> Evaluated:
    """Describe a simulated configuration as a trial; `data` is the name of the store and its content hash."""
    (store, content), source, settings = data, strategy_hash(strategy), trial_config_hash(config)
    about = {
        "key": trial_key(content, settings, source),
        "data": content,
        "config": settings,
        "strategy": source,
        "store": store,
        "name": config.name,
        "run": run,
        "time": created.isoformat(timespec="seconds"),
    }
    return described(about, result.returns, result.times.as_unit("ns").asi8, config.risk_free)


def described(about: Mapping[str, str], returns: Floats, times: Ints, risk_free: float) -> Evaluated:
    """Return the trial that `about` names, with what came out: returns of the bars that end at `times`."""
    per_year = stats.periods_per_year(times).per_year
    cash = stats.per_period(risk_free, per_year) if risk_free else 0.0
    found = moments(returns - cash)
    first, last = (str(np.datetime64(int(stamp), "ns").astype("datetime64[s]")) for stamp in (times[0], times[-1]))
    trial = Trial(
        **about,
        start=f"{first}Z",
        end=f"{last}Z",
        bars_per_year=_or_none(per_year),
        sharpe=_or_none(found.sharpe),
        observations=found.observations,
        skewness=_or_none(found.skewness),
        kurtosis=_or_none(found.kurtosis),
    )
    return Evaluated(trial, by_day(returns, times))


def count(
    register: Register,
    trials: Sequence[Trial],
    own: Trial,
    daily: DailyReturns | None,
    beside: Mapping[str, DailyReturns] | None = None,
) -> Snapshot:
    """Count the family of a trial, and itself, whether or not it is among `trials`.

    `beside` are the returns, by key, of trials that are not in the register yet.
    """
    others = family(trials, own)
    chosen = [others[k] for k in _spread(len(others), MOST_CORRELATED - 1)]
    known = beside or {}
    columns = [daily, *(known.get(each.key) or kept(register.returns, each.key) for each in chosen)]
    effective = effective_trials(side_by_side(columns)) * (len(others) + 1) / len(columns)
    correlated = sum(column is not None for column in columns)
    counting = Trials(len(others) + 1, variance([*others, own]), effective)
    return Snapshot(own.key, counting, correlated, len(apart(risky([*others, own]))))


def counted(register: Register, own: Evaluated) -> Counted:
    """Count, whatever the register is like."""
    return counted_together(register, [own])[0]


def counted_together(register: Register, own: Sequence[Evaluated]) -> list[Counted]:
    """Count trials that were evaluated side by side, whatever the register is like: each counts against the others."""
    try:
        reading, said = register.read(), tuple[str, ...]()
    except OSError as error:
        alone = "this trial was" if len(own) == 1 else f"these {len(own)} trials were"
        said = (f"{register.file}: the trial register cannot be read: {why(error)}; only {alone} counted",)
        reading = Reading((), ())
    beside = {each.trial.key: each.daily for each in own}
    trials = (*reading.trials, *(each.trial for each in own))
    told = (*said, *doubts(reading))
    found: dict[tuple[object, ...], Snapshot] = {}
    for each in own:  # those of one place have one family, which is read and correlated once
        if place_of(each.trial) not in found:
            found[place_of(each.trial)] = count(register, trials, each.trial, each.daily, beside)
    snapshots = [replace(found[place_of(each.trial)], key=each.trial.key) for each in own]
    return [Counted(snapshot, told, readable=not said) for snapshot in snapshots]


def enter(register: Register, own: Evaluated, run: str) -> tuple[str, ...]:
    """Add a trial and its returns to the register; what goes wrong is one warning."""
    trial = own.trial.model_copy(update={"run": run})
    try:
        register.add(trial)
        if kept(register.returns, trial.key) is None:
            keep(register.returns, trial.key, own.daily)
    except OSError as error:
        return (f"{register.file}: the trial register cannot be written: {why(error)}; this trial will not count",)
    return ()


def snapshot_of(folder: Path) -> Snapshot | None:
    """Return what the run in a folder counted; None for a run of a version that counted nothing."""
    try:
        said: Any = json.loads((folder / "manifest.json").read_text("utf-8"))["trial"]
        trials = Trials(int(said["count"]), float(said["sharpe_variance"]), float(said["effective"]))
        return Snapshot(str(said["key"]), trials, int(said["correlated"]), int(said.get("apart", 0)))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _spread(size: int, most: int) -> Sequence[int]:
    """Return the places of at most `most` of `size` lines, evenly spread."""
    return range(size) if size <= most else [k * size // most for k in range(most)]


def doubts(reading: Reading) -> tuple[str, ...]:
    """Say in one warning which lines were left out."""
    if not reading.problems:
        return ()
    more = f" (and {len(reading.problems) - 1:,} more)" if len(reading.problems) > 1 else ""
    return (f"trial register: {reading.problems[0]}{more}; `backtest trials` tells all",)


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def why(error: OSError) -> str:
    """Return what the system said, without the path."""
    return error.strerror or str(error)
