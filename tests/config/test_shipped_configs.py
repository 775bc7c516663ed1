"""Each configuration of the repository loads, begins with the schema hint, and reads back from what is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from backtest.config import dump, is_study, load

ROOT = Path(__file__).parents[2]
WRITTEN = sorted(path for path in (ROOT / "configs").glob("*.yaml") if not path.name.startswith("_"))
SHIPPED = [path for path in WRITTEN if not is_study(path, ROOT)]


def test_there_are_some() -> None:
    assert {"quickstart", "momentum", "moving_average", "buy_and_hold"} <= {path.stem for path in SHIPPED}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_loads_and_reads_back(path: Path, tmp_path: Path) -> None:
    config = load(path, ROOT)
    assert config.name == path.stem.replace("_", "-")
    (tmp_path / "again.yaml").write_text(dump(config), encoding="utf-8")
    assert load(tmp_path / "again.yaml", ROOT) == config


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_begins_with_the_hint_for_editors(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=schema.json\n# ")


def test_the_quickstart_says_what_the_readme_says() -> None:
    config = load(ROOT / "configs" / "quickstart.yaml", ROOT)
    assert (config.capital, config.execution.fill, config.costs.commission_bps) == (1_000_000, "next_close", 5.0)
    assert [trigger.label for trigger in config.rebalance.any] == ["calendar month first", "drift 1 %"]
