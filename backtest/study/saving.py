"""Comparisons that may be killed: where their runs keep what they have done, until all of them are side by side."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backtest.config import Variant
from backtest.errors import WorkspaceError
from backtest.simulate.checkpoint import HEAD
from backtest.study.sources import Question
from backtest.workspace.unfinished import FIRST, PREFIX, Unfinished, alone, refuse_no_bars

ABOUT = "comparison.json"
"""What a comparison that is not finished says of itself: the labels of its runs, and how often they are saved."""

PATIENCE_SECONDS = 10.0
"""For a process of a comparison that was killed to see that it is alone, and end."""


@dataclass(frozen=True)
class Saving:
    """The hidden folder of a comparison, with a folder of checkpoints for each run that was begun."""

    folder: Path
    every: int

    @contextmanager
    def held(self, labels: list[str]) -> Iterator[None]:
        """Keep other processes from the folder while the block runs; remove it when all went well."""
        with alone(self.folder):
            (self.folder / ABOUT).write_text(json.dumps({"every": self.every, "runs": labels}), encoding="utf-8")
            try:
                yield
            except BaseException:
                if not _saved(self.folder):
                    shutil.rmtree(self.folder, ignore_errors=True)
                raise
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def run(self, variant: Variant) -> Iterator[Unfinished]:
        """Hold the checkpoints of one run, which stay: it is gone on with where there are any."""
        folder = self.folder / variant.slug
        with alone(folder, PATIENCE_SECONDS):
            begun = (folder / FIRST / HEAD).is_file()
            yield Unfinished(folder, variant.config, self.every, begun, f"delete {self.folder}")


def saving_of(reports: Path, question: Question, named: str, every: int | None, resume: bool) -> Saving | None:
    """Return where a comparison, `named` by its content, keeps what it has done; None where it keeps nothing.

    WorkspaceError when there is nothing to go on with, or something that it was not told to go on with.
    """
    refuse_no_bars(every)
    if every is None and not resume:
        return None
    folder = reports / f"{PREFIX}{question.name}-{named[:8]}"
    begun = _saved(folder)
    if resume and not begun:
        raise WorkspaceError(_nothing(reports, question))
    if begun and not resume:
        raise WorkspaceError(
            f"{folder}: this comparison was begun before, and {_runs(len(begun))} saved: --resume goes on with it; "
            "delete the folder to begin anew"
        )
    if every is None:
        every = int(json.loads((folder / ABOUT).read_text("utf-8"))["every"])
    return Saving(folder, every)


def _saved(folder: Path) -> list[str]:
    """Return the runs of a comparison of which anything is saved."""
    return sorted(head.parents[1].name for head in folder.glob(f"*/{FIRST}/{HEAD}"))


def _runs(number: int) -> str:
    return "one of its runs is" if number == 1 else f"{number} of its runs are"


def _nothing(reports: Path, question: Question) -> str:
    """Say that there is nothing to resume, and what of another comparison of that name there is."""
    said = f"{reports}: no unfinished comparison {question.name!r} of these runs; --checkpoint-every N keeps one"
    for folder in sorted(reports.glob(f"{PREFIX}{question.name}-*")):
        if (folder / ABOUT).is_file() and _saved(folder):
            runs = json.loads((folder / ABOUT).read_text("utf-8"))["runs"]
            own = [each.label for each in question.wanted]
            apart = f"with {', '.join(runs)}" if runs != own else "with other settings of the same runs"
            return f"{said}. {folder.name} was begun {apart}"
    return said
