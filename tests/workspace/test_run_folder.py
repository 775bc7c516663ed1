"""`backtest.run` from a dict to a folder: what is in it, that it can be made again, and what a failed one leaves."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from made import Place

import backtest
from backtest import metrics
from backtest.errors import (
    AllocationError,
    ArtefactError,
    BacktestError,
    ConfigError,
    DataError,
    LookAheadError,
    StrategyError,
)
from backtest.workspace.artefacts import NUMERIC
from backtest.workspace.compare import causes, differences

FILES = ["config.yaml", "manifest.json", "metrics.json", *(f"{name}.parquet" for name in NUMERIC)]


def run(place: Place, **changes: Any) -> backtest.Run:
    return backtest.run(place.config(**changes), workspace=place.root)


def test_a_run_leaves_a_whole_folder(place: Place) -> None:
    done = run(place, benchmark={"symbol": "AAA"})
    assert done.folder.parent == place.root / "reports"
    assert sorted(os.listdir(done.folder)) == sorted(FILES)
    assert place.runs() == [done.folder.name]
    assert done["final_equity"] == done.result.equity[-1]
    assert yaml.safe_load((done.folder / "config.yaml").read_text())["capital"] == 10_000.0
    metrics = json.loads((done.folder / "metrics.json").read_text())
    assert metrics["schema"] == 1
    assert {"key", "label", "value", "unit", "convention"} == set(metrics["metrics"][0])
    assert metrics["benchmark"]


def test_attribution_adds_up(place: Place) -> None:
    done = run(place, costs={"commission_bps": 20})
    table = pq.read_table(done.folder / "attribution.parquet").to_pandas()
    assert list(table.columns) == ["level", "name", "profit", "contribution", "linked", "cost", "net"]
    by_level = table.groupby("level")["profit"].sum()
    assert by_level["asset"] + by_level["cost"] == pytest.approx(by_level["total"], rel=1e-9)
    assert by_level["total"] == pytest.approx(done.result.equity[-1] - 10_000.0, rel=1e-12)
    assert by_level["cost"] < 0.0


def test_the_manifest_keeps_what_the_terminal_says(place: Place) -> None:
    done = run(place, constraints={"max_weight": 0.1}, allocation={"method": "equal_weight", "fallback": ["hold"]})
    kept = json.loads((done.folder / "manifest.json").read_text())
    assert [*kept["warnings"], *kept["remarks"]] == list(done.warnings)
    assert any("nothing was traded" in remark for remark in kept["remarks"])


def test_the_manifest_says_what_it_was_made_from(place: Place) -> None:
    done = run(place, seed=5)
    manifest = json.loads((done.folder / "manifest.json").read_text())
    assert manifest == json.loads(json.dumps(done.manifest))
    assert (manifest["schema"], manifest["name"], manifest["seed"]) == (1, "small", 5)
    assert set(manifest["trial"]) == {"key", "count", "effective", "sharpe_variance", "correlated", "apart"}
    assert (manifest["capital"], manifest["currency"]) == (10_000.0, "USD")
    assert {"python", "barwake", "numpy", "numba", "pandas", "pyarrow"} <= set(manifest["versions"])
    about = manifest["data"]
    assert (about["name"], about["rows"], about["symbols"], about["history_rows"]) == ("tiny", 120, 4, 0)
    assert (about["first"], about["last"]) == ("2020-01-01", "2020-04-29")
    assert about["hash"]
    assert manifest["probe"]["checked"] == 2
    assert manifest["probe"]["decisions"] == 4
    assert set(manifest["timings"]) >= {"config", "market", "simulate", "metrics"}
    assert manifest["assumptions"]
    assert done.folder.name.endswith(f"-small-{manifest['config_hash'][:8]}")


def test_the_strategys_hash_counts_its_helpers_and_its_bases(place: Place) -> None:
    place.strategy("_shared", "WEIGHT = 0.5\n")
    place.strategy(
        "base", "from backtest import Strategy\nclass Base(Strategy):\n    def decide(self, ctx): return None\n"
    )
    place.strategy("mine", "from .base import Base\nclass Mine(Base):\n    share: float = 0.1\n")

    def now() -> str:
        return str(run(place, strategy="mine").manifest["strategy_hash"])

    first = now()
    assert now() == first
    place.strategy("_shared", "WEIGHT = 0.25\n")
    second = now()
    place.strategy(
        "base", "from backtest import Strategy\nclass Base(Strategy):\n    def decide(self, ctx): return {}\n"
    )
    assert len({first, second, now()}) == 3


def test_the_probe_that_was_off_is_stated(place: Place) -> None:
    said = run(place, probe="off").manifest
    assert said["probe"]["mode"] == "off"
    assert any("probe was switched off" in text for text in said["assumptions"])


def test_the_same_run_twice_has_the_same_bits(place: Place) -> None:
    one, other = run(place), run(place)
    assert differences(one.folder, other.folder) == []
    assert causes(one.folder, other.folder) == []
    for name in NUMERIC:
        file = f"{name}.parquet"
        assert (one.folder / file).read_bytes() == (other.folder / file).read_bytes()


def test_lots_are_chosen_as_the_configuration_says(place: Place) -> None:
    kept = {}
    for method in ("fifo", "lifo", "highest_cost", "average"):
        done = run(place, accounting={"lots": method})
        kept[method] = pq.read_table(done.folder / "lots.parquet").to_pandas()
        assert kept[method]["realised"].tolist() == metrics.lots(done.result, method)["realised"].tolist()
    assert len({round(table["realised"].sum(), 6) for table in kept.values()}) >= 3
    earned = [table["realised"].sum() + table["unrealised"].sum() for table in kept.values()]
    assert earned == pytest.approx([run(place).result.equity[-1] - done.result.capital] * 4)


def test_a_changed_bit_is_found(place: Place) -> None:
    one = run(place).folder
    other = one.with_name("other")
    shutil.copytree(one, other)
    table = pq.read_table(other / "equity.parquet")
    values = table.column("equity").to_numpy().copy()
    values[7] = np.nextafter(values[7], np.inf)
    pq.write_table(table.set_column(1, "equity", pa.array(values)), other / "equity.parquet")
    assert differences(one, other) == ["equity.parquet: column 'equity'"]
    metrics = json.loads((other / "metrics.json").read_text())
    metrics["metrics"][0]["value"] = 1.5
    (other / "metrics.json").write_text(json.dumps(metrics))
    assert differences(one, other) == ["equity.parquet: column 'equity'", "metrics.json"]
    pq.write_table(table.slice(0, 50), other / "equity.parquet")
    assert differences(one, other)[0] == "equity.parquet: 120 × 16 against 50 × 16"


@pytest.mark.parametrize("name", ["equity.parquet", "metrics.json"])
def test_an_artefact_that_cannot_be_read(place: Place, name: str) -> None:
    one = run(place).folder
    other = one.with_name("other")
    shutil.copytree(one, other)
    (other / name).write_text("nonsense")
    with pytest.raises(DataError, match=rf"{name}: cannot be read as an artefact"):
        differences(one, other)


def test_reports_can_go_elsewhere(place: Place, tmp_path: Path) -> None:
    done = backtest.run(place.config(), workspace=place.root, reports=tmp_path / "else")
    assert done.folder.parent == tmp_path / "else"
    assert place.runs() == []


def test_progress_rises_to_one(place: Place) -> None:
    heard: list[tuple[str, float]] = []
    backtest.run(place.config(), workspace=place.root, progress=lambda what, share: heard.append((what, share)))
    assert heard[0] == ("reading", 0.0)
    assert heard[-1] == ("done", 1.0)
    assert [share for _, share in heard] == sorted(share for _, share in heard)


def test_a_file_a_dict_and_the_model_are_the_same(place: Place) -> None:
    folders = [run(place).folder, backtest.run(place.yaml()).folder, backtest.run(str(place.yaml())).folder]
    model = backtest.run(place.config(), workspace=place.root).config
    folders.append(backtest.run(model, workspace=place.root).folder)
    for other in folders[1:]:
        assert differences(folders[0], other) == []


BODIES = {
    "raises": ("raise ValueError('no')", StrategyError, "ValueError: no"),
    "nan": ("return {'AAA': float('nan')}", StrategyError, "weight of AAA is NaN"),
    "short": ("import numpy as np; return np.zeros(3)", StrategyError, "array of shape (3,)"),
    "three": ("import numpy as np; return np.full(4, 0.75)", StrategyError, "add up to 3"),
    "unknown": ("return {'AAAA': 1.0}", StrategyError, "did you mean 'AAA'"),
    "exits": ("raise SystemExit(0)", StrategyError, "SystemExit"),
    "peeks": ("return {'AAA': float(ctx._market.close[-1, 0] % 1.0)}", LookAheadError, "`close`"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_strategy_at_fault_leaves_nothing(place: Place, name: str) -> None:
    body, error, said = BODIES[name]
    text = f"from backtest import Strategy\nclass Mine(Strategy):\n    def decide(self, ctx):\n        {body}\n"
    file = place.strategy("mine", text)
    with pytest.raises(error) as caught:
        run(place, strategy="mine")
    assert str(caught.value).startswith("strategy 'mine'")
    assert said in str(caught.value)
    assert name not in ("raises", "exits") or f"{file}:4: " in str(caught.value)
    assert "\n" not in str(caught.value)
    assert place.runs() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"market": {"source": "tiy"}}, "unknown store 'tiy'; known: tiny; did you mean 'tiny'"),
        ({"market": {"source": "tiny", "symbols": ["AAA", "AAB"]}}, "did you mean 'AAA'"),
        ({"market": {"source": "tiny", "start": "1990-01-01"}}, "$.market.start: outside the data"),
        ({"market": {"source": "tiny", "end": "2030-01-01"}}, "allowed: 2020-01-01 to 2020-04-29"),
        ({"market": {"source": "tiny", "symbols": []}}, "$.market.symbols"),
        ({"allocation": {"method": "inverse_volatility", "lookback": 500}}, "needs 501 bars of history"),
        ({"execution": {"fill": "next_open"}}, "next_close"),
        ({"strategy": "momentun"}, "did you mean 'momentum'"),
        ({"strategy": {"name": "momentum", "params": {"lookbak": 5}}}, "did you mean 'lookback'"),
    ],
)
def test_what_cannot_run_is_told_where_it_was_written(place: Place, changes: dict[str, Any], said: str) -> None:
    file = place.yaml(**changes)
    with pytest.raises(ConfigError) as caught:
        backtest.run(file)
    assert said in str(caught.value)
    assert all(str(problem).startswith(f"{file}:") for problem in caught.value.problems)
    assert place.runs() == []


def test_everything_that_only_data_show_is_told_at_once(place: Place) -> None:
    market = {"source": "tiny", "symbols": ["AAB", "BBA"], "end": "2030-01-01"}
    with pytest.raises(ConfigError) as caught:
        run(place, market=market, execution={"fill": "next_open"}, benchmark={"symbol": "XXX"})
    paths = {problem.path for problem in caught.value.problems}
    assert paths == {
        "$.market.end", "$.market.symbols[0]", "$.market.symbols[1]", "$.execution.fill", "$.benchmark.symbol"
    }  # fmt: skip


def test_a_corrupted_store(place: Place) -> None:
    file = place.root / "data" / "tiny" / "bars" / "close.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"close\.parquet"):
        run(place)
    assert place.runs() == []


def test_an_allocation_that_gives_up(place: Place) -> None:
    """Four symbols of constant price: there is no volatility to weigh by."""
    place.strategy(
        "flat",
        """
        from backtest import Strategy
        from backtest.allocate import allocate
        import numpy as np

        class Flat(Strategy):
            def decide(self, ctx):
                return allocate("inverse_volatility", returns=np.zeros((9, 4)), lookback=5).weights
        """,
    )
    with pytest.raises(AllocationError, match=r"strategy 'flat' on 2020-01-02 00:00: .*nothing to hold"):
        run(place, strategy="flat")
    assert place.runs() == []


def test_a_full_disk(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    real, written = pq.write_table, []

    def full(table: Any, where: Any, **options: Any) -> None:
        if len(written) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(where))
        written.append(where)
        real(table, where, **options)

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(ArtefactError, match="cannot be written: No space left on device; nothing was kept"):
        run(place)
    assert place.runs() == []


def test_a_report_that_fails_leaves_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "report.html")

    monkeypatch.setitem(vars(__import__("sys").modules["backtest.run"]), "build_report", full)
    with pytest.raises(ArtefactError, match=r"report\.html: cannot be written"):
        run(place, report={"html": True, "png": False})
    assert place.runs() == []


def test_an_unwritable_reports_folder(place: Place) -> None:
    (place.root / "reports").rmdir()
    (place.root / "reports").write_text("a file in place of the folder")
    with pytest.raises(ArtefactError, match="reports: cannot write there"):
        run(place)


def test_an_interrupt_while_writing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pq, "write_table", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(place)
    assert place.runs() == []


def test_every_error_is_one_of_ours(place: Place) -> None:
    with pytest.raises(BacktestError):
        backtest.run(place.root / "configs" / "none.yaml")
