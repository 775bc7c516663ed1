"""A comparison on one screen: what → runs → side by side → facts → folder → page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backtest.config import Config
from backtest.errors import InputError
from backtest.report import comparison as page
from backtest.report.painter import Order
from backtest.run import Shared
from backtest.simulate.callbacks import Callback, CallbackError, Callbacks
from backtest.study.crew import processors
from backtest.study.drawings import Drawings
from backtest.study.facts import facts
from backtest.study.gather import Gathered, Site, gather
from backtest.study.saving import saving_of
from backtest.study.side import SideBySide, side_by_side
from backtest.study.sources import Question, Source, question_of
from backtest.study.study import Study
from backtest.workspace import Workspace, find_workspace, publish, run_name
from backtest.workspace.counting import enter
from backtest.workspace.trials import Register, register_of

FEWEST_BESIDE = 3
"""Pages of runs for which another process is started; one page takes a fifth of what that process does."""

Progress = Callable[[str, float], None]
"""Called with what is being done and how far it is, 0 … 1."""


def compare(
    what: Source | Sequence[Source],
    *,
    workspace: Path | str | None = None,
    overrides: Sequence[str] = (),
    progress: Progress | None = None,
    reports: Path | None = None,
    name: str | None = None,
    jobs: int | None = None,
    fresh: bool = False,
    on: Mapping[str, Callback] | None = None,
    checkpoint_every: int | None = None,
    resume: bool = False,
) -> Study:
    """Put runs side by side, say which differences are real, and leave a study folder under `reports/`.

    `what` is a study (a file or a dict with `compare` or `variants`), or several configurations, run folders and names
    of runs. `overrides` (``key.path=value``) change what all configurations have in common. What was run before from
    the same content is not run again unless `fresh`. `jobs` is the number of processes, by default as many as pay off;
    no number depends on it. The folder appears whole or not at all, with the runs inside. With `checkpoint_every` what
    each run has done is saved after so many bars, and at its end; `resume` goes on with a comparison that was killed.
    `on` are functions of one event by the name of the event, as `run` takes them; `event.run` is the name of the run.
    They are called in this process, for one run after another in their order: all of them are simulated here and now.
    """
    if jobs is not None and jobs < 1:
        raise InputError(f"jobs: received {jobs}; allowed: at least 1")
    say = progress or (lambda _what, _share: None)
    say("reading", 0.0)
    place = _workspace(what, workspace)
    question = question_of(what, place, overrides, name)
    if on is not None:
        _refuse_deaf(question, on, jobs)
        jobs, fresh = 1, True
    created, shared, register = datetime.now(UTC), Shared(), register_of(place)
    named = run_name(created, question.name, _hash(question))
    target, failed = reports or place.reports, list[CallbackError]()
    saving = saving_of(target, question, _hash(question), checkpoint_every, resume)
    with (
        nullcontext() if saving is None else saving.held([each.label for each in question.wanted]),
        publish(target, named) as (folder, final),
        Drawings(_pays_off(question, jobs)) as drawings,
    ):
        gathered = gather(
            question, Site(place, folder, register, shared, fresh, jobs, drawings, say, saving, on, failed)
        )
        say("comparing", 0.65)
        side = side_by_side([each.record for each in gathered])
        found = facts(question.name, created, gathered, side, place, shared)
        _write(folder, found, side)
        say("drawing", 0.85)
        for order in _own(folder, gathered):
            drawings.ask(order)
        drawings.finish()
    say("done", 1.0)
    told = _enter(register, gathered, final[0])
    verdict = page.verdict(found)
    return Study(final[0], found, verdict, (*found["warnings"], *told), tuple(failed))


def _own(folder: Path, gathered: Sequence[Gathered]) -> Iterator[Order]:
    """The page and the pictures of the study itself: what any of its runs wants of its own."""
    drawn = [each.config.report for each in gathered if each.config is not None]
    if not drawn or any(each.png for each in drawn):
        yield from (Order(folder, html=False, figures=(name,), study=True) for name in page.FIGURES)
    if not drawn or any(each.html for each in drawn):
        yield Order(folder, html=True, study=True)


def _refuse_deaf(question: Question, on: Mapping[str, Callback], jobs: int | None) -> None:
    """Raise InputError where callbacks could not hear of every run."""
    Callbacks(on)
    if jobs not in (None, 1):
        raise InputError(
            f"jobs: received {jobs} beside `on`; allowed: 1, as callbacks hear of what this process simulates"
        )
    before = [each.label for each in question.wanted if each.variant is None]
    if before:
        raise InputError(f"on: {', '.join(before)}: made before, and tells nothing; allowed: configurations")


def _pays_off(question: Question, jobs: int | None) -> bool:
    """Whether to draw beside: with a processor to spare, and more to draw than another process takes to get ready."""
    drawn = [each.variant for each in question.wanted if each.variant is not None and each.variant.config.report.html]
    return jobs != 1 and processors() > 1 and len(drawn) >= FEWEST_BESIDE


def _enter(register: Register, gathered: Sequence[Gathered], folder: Path) -> tuple[str, ...]:
    """Add the trials that were made now to the register; return warnings."""
    said: list[str] = []
    for each in gathered:
        if each.enters:
            said.extend(enter(register, each.trial, f"{folder.name}/{each.folder.parent.name}/{each.folder.name}"))
    return tuple(dict.fromkeys(said))


def _write(folder: Path, found: Mapping[str, Any], side: SideBySide) -> None:
    """Write the numbers: everything in JSON, and the growth of each run in Parquet."""
    text = json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / page.NUMBERS).write_text(text + "\n", encoding="utf-8")
    stamps = pa.array(side.times).cast(pa.timestamp("ns", "UTC"))
    columns = [pa.array(np.ascontiguousarray(column)) for column in side.growth.T]
    names = list(side.names)
    if side.benchmark is not None:
        columns.append(pa.array(side.benchmark))
        names.append(page.BENCHMARK)
    table = pa.Table.from_arrays([stamps, *columns], [page.TIME, *names])
    pq.write_table(table, folder / page.SERIES, compression="zstd")


def _workspace(what: Source | Sequence[Source], given: Path | str | None) -> Workspace:
    first = what if isinstance(what, Path | str | Mapping | Config) or not what else what[0]
    near = Path(first) if isinstance(first, Path | str) and Path(first).exists() else Path.cwd()
    return find_workspace(near, None if given is None else Path(given))


def _hash(question: Question) -> str:
    """Name what is compared by its content."""
    digest = hashlib.blake2b(digest_size=16)
    for each in question.wanted:
        content = str(each.folder) if each.variant is None else each.variant.config.model_dump_json()
        digest.update(f"{each.label}\n{content}\n".encode())
    return digest.hexdigest()
