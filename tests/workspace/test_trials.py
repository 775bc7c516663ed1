"""The trial register: what counts once, what counts together, and that no line is ever lost."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made import Place, made_market

import backtest
from backtest.market.market import Market
from backtest.market.prepare import prepared
from backtest.market.save import save
from backtest.metrics.luck import ALONE
from backtest.run import rerun
from backtest.workspace import Workspace
from backtest.workspace.append import append_line, locked
from backtest.workspace.counting import MOST_CORRELATED, Snapshot, count, family, snapshot_of, standings
from backtest.workspace.trial_returns import DailyReturns, by_day, keep, kept, side_by_side
from backtest.workspace.trials import Register, Trial, parsed, register_of, trial_key, written

WRITERS, LINES = 4, 40


def made(number: int, **changes: Any) -> Trial:
    """One line; the number tells configurations apart."""
    about: dict[str, Any] = {
        "data": "d" * 32,
        "config": f"{number:032x}",
        "strategy": "s" * 32,
        "store": "tiny",
        "name": "small",
        "run": "20200101T000000Z-small-01234567",
        "time": "2020-06-01T00:00:00+00:00",
        "start": "2020-01-02T00:00:00Z",
        "end": "2020-04-30T00:00:00Z",
        "bars_per_year": 365.25,
        "sharpe": 0.05,
        "observations": 120,
        "skewness": -0.5,
        "kurtosis": 4.0,
        **changes,
    }
    return Trial(key=trial_key(about["data"], about["config"], about["strategy"]), **about)


def run(place: Place, **changes: Any) -> backtest.Run:
    return backtest.run(place.config(**changes), workspace=place.root)


def lines(place: Place) -> list[Trial]:
    return list(register_of(Workspace(place.root)).read().trials)


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path)


def test_a_line_comes_back_as_it_went(register: Register) -> None:
    undefined = made(2, sharpe=None, skewness=None, kurtosis=None, bars_per_year=None, name="näme\u2028")
    assert register.add(made(1))
    assert register.add(undefined)
    assert register.read() == type(register.read())((made(1), undefined), ())
    assert len(register.file.read_bytes().split(b"\n")) == 3


def test_the_same_key_adds_no_line(register: Register) -> None:
    assert [register.add(made(k)) for k in (1, 2, 1)] == [True, True, False]
    assert len(register.read().trials) == 2


def test_of_lines_with_one_key_the_first_holds(register: Register) -> None:
    """Two come about where there are no locks."""
    register.add(made(1))
    append_line(register.file, written(made(1, name="later")))
    assert register.read().trials == (made(1),)


def test_no_register_yet_is_an_empty_one(register: Register) -> None:
    assert register.read().trials == ()
    assert not register.file.parent.exists()


def test_it_stays_out_of_git(register: Register) -> None:
    register.add(made(1))
    assert (register.file.parent / ".gitignore").read_text() == "*\n"


DAMAGE = {
    "torn": (lambda line: line[: len(line) // 2], "cut short"),
    "digit": (lambda line: line.replace(b"0.05", b"0.06"), "altered"),
    "zeros": (lambda line: bytes(len(line)), "cut short"),
    "bytes": (lambda line: b"\xff\xfe" + line[2:], "altered"),
    "nonsense": (lambda _: b"[]", "cut short"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_line_is_named_and_left_out(register: Register, kind: str) -> None:
    damage, said = DAMAGE[kind]
    for number in range(4):
        register.add(made(number))
    content = register.file.read_bytes().split(b"\n")
    content[1] = damage(content[1])
    register.file.write_bytes(b"\n".join(content))
    reading = register.read()
    assert reading.trials == (made(0), made(2), made(3))
    assert len(reading.problems) == 1
    assert reading.problems[0].startswith(f"{register.file}:2: {said}")
    assert register.add(made(1)), "what was lost can be entered again"
    assert len(register.read().trials) == 4


def test_a_line_behind_one_that_was_cut_short_is_whole(register: Register) -> None:
    register.add(made(1))
    with register.file.open("ab") as file:
        file.write(written(made(2))[:50])
    register.add(made(3))
    reading = register.read()
    assert reading.trials == (made(1), made(3))
    assert [problem.split(":")[1] for problem in reading.problems] == ["2"]


def test_a_line_of_another_version_is_named(register: Register) -> None:
    line = written(made(1))
    body = line[: line.rindex(b',"check"')].replace(b'"observations":120', b'"observations":"many"')
    register.add(made(2))
    append_line(register.file, body + b',"check":"%08x"}' % zlib.crc32(body))
    reading = register.read()
    assert reading.trials == (made(2),)
    assert "written by another version ($.observations" in reading.problems[0]


def test_lines_are_json_on_their_own() -> None:
    line = json.loads(written(made(1)))
    assert line["key"] == made(1).key
    assert line["sharpe"] == 0.05
    assert parsed(written(made(1))) == made(1)


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


# What a family is.


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"store": "copy"}, True),  # the same content under another name
        ({"data": "e" * 32}, True),  # the same store, brought up to date
        ({"data": "e" * 32, "store": "other"}, False),
        ({"start": "2020-04-29T00:00:00Z", "end": "2021-01-01T00:00:00Z"}, True),
        ({"start": "2020-04-30T00:00:00Z", "end": "2021-01-01T00:00:00Z"}, False),  # begins where the other ends
        ({"start": "2019-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"}, False),
        ({"bars_per_year": 252.0}, True),
        ({"bars_per_year": 52.0}, False),
        ({"bars_per_year": None}, True),
        ({"sharpe": None}, False),
    ],
)
def test_what_counts_together(changes: dict[str, Any], counts: bool) -> None:
    assert family([made(1), made(2, **changes)], made(1)) == ([made(2, **changes)] if counts else [])


def test_a_configuration_on_newer_data_counts_once_and_as_it_came_out_last() -> None:
    older, newer = made(2), made(2, data="e" * 32, sharpe=0.07)
    assert older.key != newer.key
    assert family([older, newer], made(1)) == [newer]
    assert family([older, newer], newer) == []


def test_counted_by_hand(register: Register) -> None:
    """Ratios 0.05, 0.01, 0.03: variance 0.0004. Two series are one and the same, the third is unknown: ρ̄ = 1/3."""
    days = np.arange(100)
    returns = np.random.default_rng(0).normal(0.0, 0.01, 100)
    trials = [made(2, sharpe=0.01), made(3, sharpe=0.03), made(4, sharpe=None)]
    for trial in trials:
        register.add(trial)
    keep(register.returns, trials[0].key, DailyReturns(days, returns))
    found = count(register, trials, made(1), DailyReturns(days, returns))
    assert found.trials.count == 3
    assert found.trials.variance_per_bar == pytest.approx(0.0004, rel=1e-12)
    assert found.trials.effective == pytest.approx(1 / 3 + 2 / 3 * 3, rel=1e-6)
    assert found.correlated == 2


def test_many_trials_are_correlated_by_a_sample(register: Register) -> None:
    size = 2 * MOST_CORRELATED
    days = np.arange(30)
    rng = np.random.default_rng(1)
    alike = rng.normal(size=30)
    trials = [made(number) for number in range(size)]
    register.add(trials[0])
    for trial in trials:
        keep(register.returns, trial.key, DailyReturns(days, alike * 0.01))
    found = count(register, trials, trials[0], kept(register.returns, trials[0].key))
    assert (found.trials.count, found.correlated) == (size, MOST_CORRELATED)
    assert found.trials.effective == pytest.approx(2.0, rel=1e-6)  # one of each 250, taken for all 500


def test_standings_are_what_each_family_has() -> None:
    trials = [made(1), made(2, sharpe=0.01), made(3, start="2021-01-01T00:00:00Z", end="2021-06-01T00:00:00Z")]
    assert [found.count for _, found in standings(trials)] == [2, 2, 1]
    assert standings(trials)[0][1].variance_per_bar == pytest.approx(0.0008, rel=1e-12)
    idle = made(4, sharpe=None, skewness=None, kurtosis=None)
    assert [found.count for _, found in standings([idle, *trials])] == [3, 2, 2, 1]


# Returns by day.


def test_hours_compound_to_days_and_midnight_ends_the_day_before() -> None:
    times = pd.date_range("2021-03-01 12:00", periods=4, freq="12h").as_unit("ns").asi8
    daily = by_day(np.array([0.1, 0.2, np.nan, -0.5]), times)
    first = pd.Timestamp("2021-03-01").value // (86_400 * 10**9)
    assert daily.days.tolist() == [first, first + 1]
    np.testing.assert_allclose(daily.returns, [1.1 * 1.2 - 1.0, -0.5], rtol=1e-15)


def test_returns_come_back_to_seven_digits(tmp_path: Path) -> None:
    daily = DailyReturns(np.arange(10_000, 10_500), np.random.default_rng(0).normal(0.0, 0.01, 500))
    keep(tmp_path, "key", daily)
    again = kept(tmp_path, "key")
    assert again is not None
    assert again.days.tolist() == daily.days.tolist()
    np.testing.assert_allclose(again.returns, daily.returns, rtol=1e-7)
    assert os.listdir(tmp_path) == ["key.parquet"]
    assert (tmp_path / "key.parquet").stat().st_size < 4_000


@pytest.mark.parametrize("content", [None, b"", b"nonsense"])
def test_returns_that_are_not_there(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "key.parquet").write_bytes(content)
    assert kept(tmp_path, "key") is None


@pytest.mark.parametrize("columns", [{"day": [1]}, {"day": [1], "return": ["much"]}])
def test_returns_of_another_kind_are_not_there_either(tmp_path: Path, columns: dict[str, Any]) -> None:
    pq.write_table(pa.table(columns), tmp_path / "key.parquet")
    assert kept(tmp_path, "key") is None


def test_side_by_side_on_every_day() -> None:
    one = DailyReturns(np.array([1, 2]), np.array([0.1, 0.2]))
    other = DailyReturns(np.array([2, 4]), np.array([0.3, 0.4]))
    nan = np.nan
    np.testing.assert_array_equal(side_by_side([one, None, other]), [[0.1, nan, nan], [0.2, nan, 0.3], [nan, nan, 0.4]])


# Runs.


def test_a_first_run_counts_itself_and_is_deflated_by_nothing(place: Place) -> None:
    done = run(place)
    assert done.manifest["trial"] == {
        "key": lines(place)[0].key, "count": 1, "effective": 1.0, "sharpe_variance": 0.0, "correlated": 1
    }  # fmt: skip
    assert done["trials"] == 1
    assert done["deflated_sharpe"] == done["probabilistic_sharpe"] == done["deflated_sharpe_effective"]
    (line,) = lines(place)
    assert (line.name, line.store, line.run) == ("small", "tiny", done.folder.name)
    assert (line.start, line.end) == ("2020-01-02T00:00:00Z", "2020-04-30T00:00:00Z")
    assert line.data == done.manifest["data"]["hash"]
    assert line.strategy == done.manifest["strategy_hash"]
    assert line.observations == 120


def test_the_line_has_the_moments_of_the_run(place: Place) -> None:
    done = run(place, risk_free=0.03)
    (line,) = lines(place)
    equity = np.concatenate(([done.result.capital], done.result.equity))
    per_year = float(done["periods_per_year"] or 0)
    excess = equity[1:] / equity[:-1] - 1.0 - (1.03 ** (1.0 / per_year) - 1.0)
    z = (excess - excess.mean()) / excess.std()
    assert line.sharpe == pytest.approx(excess.mean() / excess.std(ddof=1), rel=1e-9)
    assert line.sharpe * np.sqrt(per_year) == pytest.approx(done["sharpe"], rel=1e-12)
    assert line.skewness == pytest.approx((z**3).mean(), rel=1e-9)
    assert line.kurtosis == pytest.approx((z**4).mean(), rel=1e-9)


def test_what_changes_no_return_is_no_trial(place: Place) -> None:
    run(place)
    shutil.copytree(place.root / "data" / "tiny", place.root / "data" / "twin")
    manifest = place.root / "data" / "twin" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"tiny"', '"twin"'))
    for changes in (
        {},
        {"name": "other"},
        {"benchmark": {"symbol": "AAA"}},
        {"probe": "off"},
        {"artefacts": {"weights": "sessions"}},
        {"market": {"source": "twin"}},
        {"execution": {"fill": "next_close", "warn_below": 0.5}},
        {"report": {"html": False, "png": False, "figures": ["equity"]}},
    ):
        assert run(place, **changes)["trials"] == 1, changes
    assert len(lines(place)) == 1


def test_what_changes_returns_is_one_more(place: Place) -> None:
    run(place)
    for number, changes in enumerate(
        [
            {"capital": 5_000.0},
            {"costs": {"commission_bps": 10.0}},
            {"market": {"source": "tiny", "symbols": ["AAA", "BBB"]}},
            {"market": {"source": "tiny", "end": "2020-03-31"}},
            {"seed": 1},
            {"risk_free": 0.01},
        ],
        2,
    ):
        assert run(place, **changes)["trials"] == number, changes
    assert len(lines(place)) == 7


def test_another_source_of_the_strategy_is_another_trial(place: Place) -> None:
    text = "from backtest import Strategy\nclass Mine(Strategy):\n    def decide(self, ctx): return {{'AAA': {}}}\n"
    place.strategy("mine", text.format(0.5))
    run(place, strategy="mine")
    place.strategy("mine", text.format(0.9))
    done = run(place, strategy="mine")
    assert done["trials"] == 2
    assert [line.config for line in lines(place)] == [lines(place)[0].config] * 2


def test_dates_that_nothing_was_tried_on_are_new(place: Place) -> None:
    for bps in (0.0, 5.0, 10.0):
        run(place, market={"source": "tiny", "end": "2020-02-29"}, costs={"commission_bps": bps})
    assert run(place, market={"source": "tiny", "start": "2020-02-29"})["trials"] == 1
    assert run(place)["trials"] == 5


def test_more_trials_deflate(place: Place) -> None:
    for symbol in ("AAA", "BBB", "CCC"):
        run(place, market={"source": "tiny", "symbols": [symbol]})
    done = run(place, market={"source": "tiny", "symbols": ["DDD"]})
    assert done["trials"] == 4
    assert 1.0 < float(done["effective_trials"] or 0) <= 4.0
    assert done.manifest["trial"]["correlated"] == 4
    plain, effective, whole = (
        float(done[key] or 0) for key in ("probabilistic_sharpe", "deflated_sharpe_effective", "deflated_sharpe")
    )
    assert whole < effective < plain
    ratios = [line.sharpe for line in lines(place)]
    assert done.manifest["trial"]["sharpe_variance"] == pytest.approx(np.var(ratios, ddof=1), rel=1e-12)


def test_a_run_without_a_sharpe_ratio_is_listed_and_counts_against_nobody(place: Place) -> None:
    place.strategy(
        "idle", "from backtest import Strategy\nclass Idle(Strategy):\n    def decide(self, ctx): return {}\n"
    )
    done = run(place, strategy="idle")
    assert (done["trials"], done["deflated_sharpe"]) == (1, None)
    assert [line.sharpe for line in lines(place)] == [None]
    assert run(place)["trials"] == 1


def test_deleted_runs_were_tried_all_the_same(place: Place) -> None:
    shutil.rmtree(run(place).folder)
    done = run(place, capital=5_000.0)
    assert (done["trials"], done.manifest["trial"]["correlated"]) == (2, 2)
    shutil.rmtree(place.root / "reports")
    shutil.rmtree(place.root / ".backtest" / "returns")
    again = run(place, capital=7_000.0)
    assert (again["trials"], again.manifest["trial"]["correlated"]) == (3, 1)
    assert again["effective_trials"] == 3.0, "what cannot be correlated is taken for independent"


def test_a_run_that_fails_adds_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["backtest.run"]
    monkeypatch.setattr(module, "write_artefacts", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        run(place)
    assert lines(place) == []
    assert not (place.root / ".backtest").exists()


def test_a_rerun_takes_the_snapshot_of_the_run_it_repeats(place: Place) -> None:
    first = run(place)
    for capital in (5_000.0, 7_000.0):
        run(place, capital=capital)
    now = run(place)
    assert (first["trials"], now["trials"]) == (1, 3)
    again = rerun(first.folder, workspace=place.root)
    assert again.manifest["trial"] == first.manifest["trial"]
    assert again.metrics.to_dict() == first.metrics.to_dict()
    assert len(lines(place)) == 3


def test_a_rerun_of_something_edited_is_a_trial_of_its_own_and_a_check_never_is(place: Place) -> None:
    folder = run(place).folder
    file = folder / "config.yaml"
    file.write_text(file.read_text().replace("capital: 10000.0", "capital: 20000.0"))
    checked = rerun(folder, workspace=place.root, reports=place.root / "elsewhere", check=True)
    assert (checked["trials"], len(lines(place))) == (1, 1)
    assert rerun(folder, workspace=place.root)["trials"] == 2
    assert len(lines(place)) == 2


def test_a_run_of_an_earlier_version_has_no_snapshot(place: Place) -> None:
    folder = run(place).folder
    file = folder / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "trial": None}))
    assert snapshot_of(folder) is None
    assert snapshot_of(place.root) is None
    assert rerun(folder, workspace=place.root)["trials"] == 1


def test_a_snapshot_comes_back_from_a_manifest(place: Place) -> None:
    done = run(place)
    assert snapshot_of(done.folder) == Snapshot(lines(place)[0].key, ALONE, 1)


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


def test_data_brought_up_to_date_are_still_searched(place: Place) -> None:
    def store(rows: int) -> None:
        shutil.rmtree(place.root / "data" / "tiny", ignore_errors=True)
        market: Market = prepared(made_market(rows))
        save(replace(market, name="tiny"), place.root / "data")

    run(place)
    run(place, capital=5_000.0)
    store(130)
    assert run(place)["trials"] == 2
    assert len(lines(place)) == 3
