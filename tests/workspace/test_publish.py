"""A run folder appears whole, or not at all."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backtest.errors import ArtefactError
from backtest.workspace import publish, run_name


def names(parent: Path) -> list[str]:
    return sorted(os.listdir(parent))


def test_the_name_says_when_what_and_from_which_configuration() -> None:
    created = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert run_name(created, "momentum", "0123456789abcdef") == "20240506T070809Z-momentum-01234567"


def test_nothing_is_visible_before_the_end(tmp_path: Path) -> None:
    with publish(tmp_path / "reports", "run") as (folder, final):
        (folder / "numbers").write_text("1")
        assert not final
        assert [name for name in names(tmp_path / "reports") if not name.startswith(".")] == []
    assert final == [tmp_path / "reports" / "run"]
    assert names(tmp_path / "reports") == ["run"]
    assert names(final[0]) == ["numbers"]


def fail_inside(parent: Path, error: BaseException) -> None:
    with publish(parent, "run") as (folder, _):
        (folder / "numbers").write_text("1")
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_whatever_is_raised_inside_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error):
        fail_inside(tmp_path, error())
    assert names(tmp_path) == []


def test_a_full_disk_is_one_error_and_leaves_nothing(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "equity.parquet")
    with pytest.raises(
        ArtefactError, match=r"equity\.parquet: cannot be written: No space left on device; nothing was"
    ):
        fail_inside(tmp_path, full)
    assert names(tmp_path) == []


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    finals = []
    for _ in range(3):
        with publish(tmp_path, "run") as (folder, final):
            (folder / "numbers").write_text("1")
        finals += final
    assert [final.name for final in finals] == ["run", "run-2", "run-3"]
    assert names(tmp_path) == ["run", "run-2", "run-3"]


def test_two_at_once_do_not_meet(tmp_path: Path) -> None:
    both = threading.Barrier(2)

    def write(text: str) -> None:
        with publish(tmp_path, "run") as (folder, _):
            both.wait(10)
            (folder / text).write_text(text)

    threads = [threading.Thread(target=write, args=(text,)) for text in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names(tmp_path) == ["run", "run-2"]
    assert sorted(names(tmp_path / name) for name in ("run", "run-2")) == [["a"], ["b"]]


@pytest.mark.parametrize("where", ["reports", "reports/deeper"])
def test_a_parent_that_cannot_be_written(tmp_path: Path, where: str) -> None:
    (tmp_path / "reports").write_text("a file in place of the folder")
    with pytest.raises(ArtefactError, match=r"reports.*: cannot write there: "), publish(tmp_path / where, "run"):
        pytest.fail("never reached")


KILLED = """
import sys
from pathlib import Path
from backtest.workspace.folder import publish
with publish(Path(sys.argv[1]), "killed") as (folder, final):
    (folder / "manifest.json").write_text("{}")
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_a_killed_process_leaves_no_run_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "ready\n"
    with publish(tmp_path, "beside") as (folder, _):  # a living process keeps what it is writing
        (folder / "numbers").write_text("1")
        assert len(names(tmp_path)) == 2
    process.send_signal(signal.SIGKILL)
    process.communicate()
    left = [name for name in names(tmp_path) if name != "beside"]
    assert len(left) == 1
    assert left[0].startswith(".partial-")
    with publish(tmp_path, "next"):
        pass
    assert names(tmp_path) == ["beside", "next"]
