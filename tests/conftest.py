"""Fixtures that several folders of tests share: a small made market, and a workspace with a small store."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from made import REPOSITORY, Place, made_market

from backtest.market.market import Market
from backtest.market.prepare import prepared
from backtest.market.save import save


@pytest.fixture
def market() -> Market:
    """Four symbols over 120 days."""
    return made_market()


@pytest.fixture(scope="session")
def tiny_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store that each workspace gets a copy of."""
    data = tmp_path_factory.mktemp("stores")
    whole = prepared(made_market())
    save(replace(whole, name="tiny"), data)
    return data / "tiny"


@pytest.fixture
def place(tmp_path: Path, tiny_store: Path) -> Place:
    """A workspace as `backtest init` makes it, with the strategies of the repository and the store `tiny`."""
    root = tmp_path / "place"
    for folder in ("strategies", "configs", "data", "reports"):
        (root / folder).mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.backtest]\n", encoding="utf-8")
    for file in (REPOSITORY / "strategies").glob("*.py"):
        shutil.copyfile(file, root / "strategies" / file.name)
    shutil.copytree(tiny_store, root / "data" / "tiny")
    return Place(root)


@pytest.fixture
def make() -> Callable[..., Market]:
    """Make a small market: `make(rows, seed, open=…, actions=…)`."""
    return made_market
