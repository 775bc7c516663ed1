"""What runs add to the register, and what they read of it."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace

import numpy as np
import pytest
from made import Place, made_market

from backtest.market.market import Market
from backtest.market.prepare import prepared
from backtest.market.save import save
from backtest.metrics.luck import ALONE
from backtest.run import rerun
from backtest.workspace.counting import Snapshot, snapshot_of

from .trials_made import lines, run


def test_a_first_run_counts_itself_and_is_deflated_by_nothing(place: Place) -> None:
    done = run(place)
    assert done.manifest["trial"] == {
        "key": lines(place)[0].key, "count": 1, "effective": 1.0, "sharpe_variance": 0.0, "correlated": 1, "apart": 0
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
        {"accounting": {"lots": "average"}},
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
