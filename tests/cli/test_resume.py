"""`backtest run --checkpoint-every N` and `--resume`: killed at random moments, and whole all the same."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numba
import pytest
from made import Place

import backtest
from backtest.errors import WorkspaceError
from backtest.workspace.compare import differences
from tests.cli.conftest import Call
from tests.cli.ending import ended_after

STRATEGY = """
    from pathlib import Path
    from time import sleep
    from backtest import Strategy

    class Slow(Strategy):
        lean: float = 0.9

        def initial_state(self, symbols):
            return {"asked": 0, "heard": 0.0}

        def decide(self, ctx):
            sleep(0.01)
            ctx.state.asked += 1
            ctx.state.heard += sum(abs(event.value) + len(event.payload) for event in ctx.events)
            if ctx.state.asked % 4 == 0:
                ctx.order("BBB", ctx.rng.random(), tag="some")
                return None
            return ctx.allocate() * self.lean * (0.5 + 0.4 * ctx.rng.random() + ctx.state.heard % 0.1)
"""
BACKTEST = [sys.executable, "-c", "from backtest.cli import main; main()"]


def slow(place: Place, **changes: Any) -> Path:
    place.strategy("slow", STRATEGY)
    benchmark = {"allocation": {"method": "equal_weight"}, "rebalance": {"calendar": "week"}}
    allocation = {"method": "inverse_volatility", "lookback": 10}
    flows = [{"amount": 100, "every": "month"}]
    account = {"settlement_days": 1}
    settings = {
        "flows": flows,
        "account": account,
        "strategy": "slow",
        "rebalance": {"calendar": "day"},
        "benchmark": benchmark,
        "allocation": allocation,
    }
    return place.yaml(**{**settings, **changes})


def left(place: Place) -> list[str]:
    return [name for name in place.runs() if name.startswith(".unfinished-")]


@pytest.mark.skipif(numba.config.DISABLE_JIT or os.name == "nt", reason="a process is killed the same way")
def test_killed_at_random_moments_again_and_again(place: Place) -> None:
    whole = backtest.run(slow(place), workspace=place.root)
    chance = random.Random(0)
    kills, arguments = 0, ["--checkpoint-every", "7"]
    while True:
        run = subprocess.Popen(
            [*BACKTEST, "run", "configs/small.yaml", *arguments], cwd=place.root, stdout=subprocess.PIPE
        )
        watched = place.root / "reports"
        before = {file: file.stat().st_mtime_ns for file in watched.glob(".unfinished-*/*/head")}
        until = time.monotonic() + 120.0
        while run.poll() is None and time.monotonic() < until:
            now = {file: file.stat().st_mtime_ns for file in watched.glob(".unfinished-*/*/head")}
            if kills < 3 and now != before:
                time.sleep(chance.uniform(0.0, 0.12))
                run.send_signal(signal.SIGKILL)
                break
            time.sleep(0.002)
        out = run.communicate()[0]
        if run.returncode == 0:
            break
        assert run.returncode == -signal.SIGKILL
        assert left(place)
        kills, arguments = kills + 1, ["--resume"]
    assert kills == 3
    assert differences(whole.folder, Path(out.decode().splitlines()[-1])) in (
        [],
        ["metrics.json"],
    )  # trials are counted
    assert left(place) == []


def interrupted(place: Place, monkeypatch: pytest.MonkeyPatch, writes: int = 6, **options: Any) -> None:
    """Begin a run, and end it after so many files of a checkpoint."""
    with ended_after(monkeypatch, writes):
        backtest.run(place.root / "configs" / "small.yaml", workspace=place.root, checkpoint_every=20, **options)


def test_what_was_begun_is_gone_on_with_and_then_removed(
    place: Place, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = backtest.run(slow(place), workspace=place.root)
    interrupted(place, monkeypatch)
    again = call("run", "configs/small.yaml", "--checkpoint-every", "20")
    assert again.code == 2
    assert "this run was begun before, and saved at bar 60 of 120: --resume goes on with it" in again.error
    done = call("run", "configs/small.yaml", "--resume")
    assert done.code == 0
    assert differences(whole.folder, Path(done.lines[-1])) in ([], ["metrics.json"])
    assert left(place) == []
    none = call("run", "configs/small.yaml", "--resume")
    assert none.code == 2
    assert "no unfinished run of 'small' with this configuration; --checkpoint-every N keeps one" in none.error


def test_it_may_end_in_its_benchmark_too(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = backtest.run(slow(place), workspace=place.root)
    interrupted(place, monkeypatch, writes=16)  # six parts and heads of the portfolio, two of the benchmark
    (folder,) = left(place)
    assert sorted(path.name for path in (place.root / "reports" / folder).glob("*/")) == ["benchmark", "portfolio"]
    done = backtest.run(place.root / "configs" / "small.yaml", workspace=place.root, resume=True)
    assert differences(whole.folder, done.folder) in ([], ["metrics.json"])


@pytest.mark.parametrize("stream", [True, False])
def test_over_a_stream(place: Place, monkeypatch: pytest.MonkeyPatch, stream: bool) -> None:
    whole = backtest.run(slow(place), workspace=place.root)
    slow(place, market={"source": "tiny", "stream": stream})
    interrupted(place, monkeypatch)
    done = backtest.run(place.root / "configs" / "small.yaml", workspace=place.root, resume=True)
    found = [line for line in differences(done.folder, whole.folder) if line != "metrics.json"]
    assert found == []


def test_what_is_not_the_same_any_more_cannot_be_gone_on_with(
    place: Place, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow(place)
    interrupted(place, monkeypatch)
    place.strategy("slow", STRATEGY.replace("0.5 + 0.4", "0.4 + 0.5"))
    data = place.root / "data" / "tiny" / "manifest.json"
    text = data.read_text()
    data.write_text(
        text.replace('"content_hash":"', '"content_hash":"0').replace('"content_hash": "', '"content_hash": "0')
    )
    said = call("run", "configs/small.yaml", "--resume")
    assert said.code == 2
    assert (
        "saved at bar 60 of 120, and cannot be gone on with: the data changed; the strategy changed; run" in said.error
    )
    data.write_text(text)
    monkeypatch.setattr("backtest.workspace.unfinished._code", lambda: "other")
    assert (
        "the strategy changed; the code of this package changed" in call("run", "configs/small.yaml", "--resume").error
    )
    slow(place, capital=20_000.0)
    other = call("run", "configs/small.yaml", "--resume").error
    assert "small-" in other
    assert "was begun with another $.capital" in other
    slow(place)
    place.strategy("slow", STRATEGY.replace("0.5 + 0.4", "0.4 + 0.5"))
    assert call("run", "configs/small.yaml", "--checkpoint-every", "50").code == 0, "what is of no use is replaced"
    assert len(left(place)) == 0


def test_one_process_at_a_time(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from backtest.workspace.append import locked

    slow(place)
    interrupted(place, monkeypatch)
    (folder,) = left(place)
    with locked(place.root / "reports" / folder / "lock"), pytest.raises(WorkspaceError, match="another process is at"):
        backtest.run(place.root / "configs" / "small.yaml", workspace=place.root, resume=True)
    shutil.rmtree(place.root / "reports" / folder)


def test_a_run_that_fails_before_it_saved_leaves_nothing(place: Place, call: Call) -> None:
    place.strategy("slow", STRATEGY.replace("sleep(0.01)", "1 / 0"))
    slow_ = place.yaml(strategy="slow")
    assert call("run", slow_, "--checkpoint-every", "50").code == 1
    assert left(place) == []


@pytest.mark.parametrize("every", ["0", "-5", "many"])
def test_a_wrong_number_of_bars(place: Place, call: Call, every: str) -> None:
    said = call("run", slow(place), "--checkpoint-every", every)
    assert said.code == 2
    assert "at least 1" in said.error or "valid integer" in said.error
