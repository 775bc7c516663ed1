"""`backtest compare --checkpoint-every N` and `--resume`: killed at random moments, and whole all the same."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import numba
import pytest
from made import Place

import backtest
from backtest.errors import InputError, WorkspaceError
from backtest.simulate.engine import Engine
from backtest.study.crew import Crew
from backtest.study.study import Study
from backtest.workspace.compare import differences
from tests.cli.ending import Ended, ended_after
from tests.cli.test_resume import BACKTEST, STRATEGY

LEANS = {"little": 0.3, "half": 0.5, "most": 0.9}


def slow(place: Place, **changes: Any) -> Path:
    place.strategy("slow", STRATEGY)
    variants = {name: {"strategy": {"name": "slow", "params": {"lean": lean}}} for name, lean in LEANS.items()}
    settings = {
        "variants": variants,
        "rebalance": {"calendar": "day"},
        "allocation": {"method": "inverse_volatility", "lookback": 10},
        "benchmark": {"rebalance": {"calendar": "week"}},
    }
    return place.yaml(**{**settings, **changes})


def hidden(place: Place) -> list[Path]:
    return sorted((place.root / "reports").glob(".unfinished-*"))


def heads(place: Place) -> dict[Path, int]:
    found = {}
    for file in (place.root / "reports").glob(".unfinished-*/*/*/head"):
        try:
            found[file] = file.stat().st_mtime_ns
        except FileNotFoundError:  # it has just been finished
            continue
    return found


def assert_same(killed: dict[str, Path], whole: Study) -> None:
    for name, folder in whole.runs.items():
        assert differences(folder, killed[name]) in ([], ["metrics.json"])  # trials are counted


@pytest.mark.skipif(numba.config.DISABLE_JIT or os.name == "nt", reason="a process is killed the same way")
@pytest.mark.parametrize("jobs", [1, 2])
def test_killed_at_random_moments_again_and_again(place: Place, jobs: int) -> None:
    slow(place)
    chance = random.Random(jobs)
    kills, arguments = 0, ["--checkpoint-every", "7"]
    while True:
        command = [*BACKTEST, "compare", "configs/small.yaml", "--jobs", str(jobs), *arguments]
        run = subprocess.Popen(command, cwd=place.root, stdout=subprocess.PIPE)
        before, until = heads(place), time.monotonic() + 120.0
        while run.poll() is None and time.monotonic() < until:
            if kills < 4 and heads(place) != before:
                time.sleep(chance.uniform(0.0, 1.0 if kills else 0.2))
                run.send_signal(signal.SIGKILL)
                break
            time.sleep(0.002)
        out = run.communicate()[0]
        if run.returncode == 0:
            break
        assert run.returncode == -signal.SIGKILL
        assert hidden(place)
        kills, arguments = kills + 1, ["--resume"]
    assert kills >= 2
    assert hidden(place) == []
    folder = Path(out.decode().splitlines()[-1])
    whole = backtest.compare(place.root / "configs" / "small.yaml", workspace=place.root, fresh=True, jobs=1)
    assert_same({name: folder / "runs" / name for name in LEANS}, whole)


def interrupted(place: Place, monkeypatch: pytest.MonkeyPatch, writes: int, **options: Any) -> None:
    """Begin a comparison, and end it after so many files of checkpoints."""
    with ended_after(monkeypatch, writes):
        compared(place, checkpoint_every=20, **options)


def played_on(place: Place, monkeypatch: pytest.MonkeyPatch) -> int:
    """Go on with a comparison until all is simulated; return how many rows that took."""
    rows, real = [0], Engine.advance

    def counted(engine: Engine, *arguments: Any, **options: Any) -> Any:
        before = engine.row
        status = real(engine, *arguments, **options)
        rows[0] += engine.row - before
        return status

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "advance", counted)
        patch.setattr(Crew, "leave", ends)
        with pytest.raises(Ended):
            compared(place, resume=True)
    return rows[0]


def compared(place: Place, **options: Any) -> Study:
    return backtest.compare(place.root / "configs" / "small.yaml", workspace=place.root, jobs=1, **options)


def test_what_was_finished_is_not_simulated_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    slow(place)
    interrupted(place, monkeypatch, writes=30)  # a run of 120 bars and its benchmark write 24
    (folder,) = hidden(place)
    assert sorted(each.name for each in folder.glob("*/")) == ["half", "little"]
    with pytest.raises(WorkspaceError, match="was begun before, and 2 of its runs are saved: --resume goes on with it"):
        compared(place, checkpoint_every=20)
    assert played_on(place, monkeypatch) == 60 + 120 + 240, "half of one portfolio, its benchmark, and all of the third"
    assert played_on(place, monkeypatch) == 0
    done = compared(place, resume=True)
    assert hidden(place) == []
    assert_same(dict(done.runs), compared(place, fresh=True))
    assert done.comparison["ranking"] == compared(place).comparison["ranking"]


def test_it_may_end_while_the_runs_are_put_side_by_side(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    slow(place)
    with monkeypatch.context() as patch:
        patch.setattr(Crew, "leave", ends)
        with pytest.raises(Ended):
            compared(place, checkpoint_every=50)
    (folder,) = hidden(place)
    assert len(list(folder.glob("*/benchmark/head"))) == 3
    done = compared(place, resume=True)
    assert hidden(place) == []
    assert_same(dict(done.runs), compared(place, fresh=True))


def ends(*_: Any) -> None:
    raise Ended


def test_what_is_not_the_same_any_more_cannot_be_gone_on_with(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    slow(place)
    interrupted(place, monkeypatch, writes=6)
    (folder,) = hidden(place)
    place.strategy("slow", STRATEGY.replace("0.5 + 0.4", "0.4 + 0.5"))
    with pytest.raises(WorkspaceError, match=rf"the strategy changed; delete .*{folder.name} to begin anew"):
        compared(place, resume=True)
    slow(place, capital=77.0)
    with pytest.raises(WorkspaceError, match=r"no unfinished comparison 'small' of these runs.*with other settings"):
        compared(place, resume=True)
    slow(place, variants={"a": {}, "b": {"capital": 5.0}})
    with pytest.raises(WorkspaceError, match="was begun with little, half, most"):
        compared(place, resume=True)


def test_nothing_is_left_of_what_had_not_begun(place: Place) -> None:
    slow(place)
    place.strategy("slow", STRATEGY.replace("sleep(0.01)", "1 / 0"))
    with pytest.raises(backtest.BacktestError):
        compared(place, checkpoint_every=50)
    assert hidden(place) == []
    with pytest.raises(InputError, match="checkpoint_every: received 0; allowed: a number of bars, at least 1"):
        compared(place, checkpoint_every=0)
    with pytest.raises(WorkspaceError, match="no unfinished comparison"):
        compared(place, resume=True)
