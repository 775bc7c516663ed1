"""Writing to the trial register: many at once lose nothing, and what cannot be written is one warning."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import pytest
from made import Place

from backtest.workspace.append import locked
from backtest.workspace.trials import Register

from .trials_made import lines, made, run

WRITERS, LINES = 4, 40


def _write_many(root: str, writer: int, has_lock: bool, together: Any) -> None:
    if not has_lock:
        from backtest.workspace import append

        append._take = _no_lock
    register = Register(Path(root))
    together.wait(60)
    for number in range(LINES):
        register.add(made(1000 * writer + number))
        register.add(made(number))  # every writer has these too


def _no_lock(_: int) -> None:
    raise OSError("no locks on this drive")


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="writing compiles nothing")
@pytest.mark.parametrize("has_lock", [True, False])
def test_writers_at_once_lose_nothing(register: Register, has_lock: bool) -> None:
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(WRITERS)
    jobs = [(str(register.root), writer, has_lock, together) for writer in range(1, WRITERS + 1)]
    writers = [context.Process(target=_write_many, args=job) for job in jobs]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    reading = register.read()
    assert reading.problems == ()
    wanted = {made(number).key for number in range(LINES)}
    wanted |= {made(1000 * writer + number).key for writer in range(1, WRITERS + 1) for number in range(LINES)}
    assert {trial.key for trial in reading.trials} == wanted
    if has_lock:
        assert register.file.read_bytes().count(b"\n") == len(wanted), "a lock also keeps lines from coming twice"


def test_a_lock_is_waited_for_and_then_done_without(tmp_path: Path) -> None:
    with locked(tmp_path / "lock") as first, locked(tmp_path / "lock", 0.05) as second:
        assert (first, second) == (True, False)
    with locked(tmp_path / "lock", 0.05) as third:
        assert third


def test_a_lock_of_a_dead_process_is_free(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from backtest.workspace.append import locked\n"
        "with locked(Path(sys.argv[1])) as held: os._exit(0 if held else 1)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "lock")], check=True)
    with locked(tmp_path / "lock", 0.0) as held:
        assert held


def block(place: Place, how: str) -> None:
    home = place.root / ".backtest"
    if how == "a file in place of the folder":
        home.write_text("")
    elif how == "a folder in place of the file":
        (home / "trials.jsonl").mkdir(parents=True)
    elif how == "a folder in place of the lock":
        (home / "trials.lock").mkdir(parents=True)
    else:
        home.mkdir()
        (home / "returns").write_text("")


@pytest.mark.parametrize(
    "how",
    [
        "a file in place of the folder", "a folder in place of the file", "a folder in place of the lock",
        "a file in place of the returns",
    ],
)  # fmt: skip
def test_a_register_that_cannot_be_used_is_one_warning(place: Place, how: str) -> None:
    block(place, how)
    done = run(place, execution={"fill": "same_close"})
    assert len(done.warnings) == 1
    assert "trial register cannot be " in done.warnings[0]
    assert done["trials"] == 1
    assert place.runs() == [done.folder.name]


def test_a_full_disk_is_one_warning(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr("backtest.workspace.append.os.write", lambda handle, content: real(handle, content[:30]))
    done = run(place, execution={"fill": "same_close"})
    assert len(done.warnings) == 1
    assert "bytes written; this trial will not count" in done.warnings[0]
    monkeypatch.undo()
    again = run(place, execution={"fill": "same_close"})
    assert any("trials.jsonl:1: cut short" in said for said in again.warnings)
    assert len(lines(place)) == 1


def test_damaged_lines_are_one_warning_in_the_manifest(place: Place) -> None:
    run(place)
    file = place.root / ".backtest" / "trials.jsonl"
    file.write_bytes(b"{\n[\n" + file.read_bytes())
    done = run(place, capital=5_000.0, execution={"fill": "same_close"})
    assert len(done.warnings) == 1
    assert "trials.jsonl:1: cut short" in done.warnings[0]
    assert "and 1 more" in done.warnings[0]
    assert done.manifest["warnings"] == list(done.warnings)
    assert done["trials"] == 2
