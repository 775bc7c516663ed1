"""The register where everybody writes at once, comes from another version, lies behind links, or holds cash."""

from __future__ import annotations

import multiprocessing
import os
import threading
import zlib
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

from backtest.workspace.append import append_line
from backtest.workspace.counting import count
from backtest.workspace.families import family, is_risky, standings, variance
from backtest.workspace.trial_returns import DailyReturns, keep, kept
from backtest.workspace.trials import Register, parsed, written

from .trials_made import made

PROCESSES, THREADS, LINES = 4, 50, 3


def write_from_threads(root: str, process: int, together: Any) -> None:
    register = Register(Path(root))
    together.wait(60)

    def write(thread: int) -> None:
        for line in range(LINES):
            register.add(made(1_000_000 + process * 10_000 + thread * 100 + line))
        register.add(made(1))  # every writer has this one too

    threads = [threading.Thread(target=write, args=(number,)) for number in range(THREADS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="writing compiles nothing")
def test_two_hundred_writers_lose_no_line(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(PROCESSES)
    writers = [
        context.Process(target=write_from_threads, args=(str(tmp_path), process, together))
        for process in range(PROCESSES)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * PROCESSES
    register = Register(tmp_path)
    reading = register.read()
    assert reading.problems == ()
    assert len(reading.trials) == PROCESSES * THREADS * LINES + 1
    assert register.file.read_bytes().count(b"\n") == len(reading.trials)


def test_threads_keep_the_same_returns_without_hindering_each_other(tmp_path: Path) -> None:
    daily = DailyReturns(np.arange(500), np.random.default_rng(0).normal(0.0, 0.01, 500))
    failures: list[OSError] = []

    def write() -> None:
        try:
            for _ in range(20):
                keep(tmp_path, "key", daily)
        except OSError as error:
            failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []
    assert kept(tmp_path, "key") is not None
    assert os.listdir(tmp_path) == ["key.parquet"]


def test_a_line_of_a_later_version_is_left_out_even_where_its_fields_are_the_same(tmp_path: Path) -> None:
    """What a number means may have changed."""
    line = written(made(1))
    body = line[: line.rindex(b',"check"')].replace(b'"schema_version":1', b'"schema_version":2')
    later = body + b',"check":"%08x"}' % zlib.crc32(body)
    found = parsed(later)
    assert isinstance(found, str)
    assert found.startswith("written by another version ($.schema_version")
    register = Register(tmp_path)
    register.add(made(2))
    append_line(register.file, later)
    assert register.read().trials == (made(2),)
    assert register.add(made(1)), "it can be entered as this version has it"


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_are_followed_and_those_that_lead_nowhere_lose_nothing(tmp_path: Path) -> None:
    shared, linked = tmp_path / "shared", tmp_path / "linked"
    shared.mkdir()
    linked.mkdir()
    (linked / ".backtest").symlink_to(shared)
    assert Register(linked).add(made(1))
    assert Register(linked).read().trials == (made(1),)
    assert (shared / "trials.jsonl").exists()
    lost = tmp_path / "lost"
    lost.mkdir()
    (lost / ".backtest").symlink_to(tmp_path / "nowhere")
    assert Register(lost).read().trials == ()
    with pytest.raises(OSError, match=r"\.backtest"):
        Register(lost).add(made(1))


CASH = {"sharpe": 1.75}  # interest for three days on Mondays: 28 a year


def test_cash_is_no_strategy_and_makes_none_look_worthless() -> None:
    cash, calm = made(9, **CASH), made(8, sharpe=1.0)
    trials = [made(1, sharpe=0.03), made(2, sharpe=0.05), calm, cash]
    assert [is_risky(each) for each in trials] == [True, True, True, False]
    assert cash not in family(trials, trials[0])
    assert variance(trials[:2]) == variance([*trials[:2], cash]) == pytest.approx(0.0002)
    found = {each.config: counted.count for each, counted in standings(trials)}
    assert [found[each.config] for each in trials] == [3, 3, 3, 4]


@pytest.mark.parametrize(("per_year", "most"), [(252.0, 1.26), (12.0, 5.77), (8_766.0, 0.2136), (None, 20.0)])
def test_how_much_is_no_risk_goes_by_the_year(per_year: float | None, most: float) -> None:
    for sign in (1.0, -1.0):
        assert is_risky(made(1, bars_per_year=per_year, sharpe=sign * most * 0.99))
        assert not is_risky(made(1, bars_per_year=per_year, sharpe=sign * most * 1.01))


def test_cash_counts_itself(tmp_path: Path) -> None:
    found = count(Register(tmp_path), [made(1)], made(9, **CASH), None).trials
    assert (found.count, found.variance_per_bar) == (2, 0.0)
