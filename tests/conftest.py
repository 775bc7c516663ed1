"""Fixtures that several folders of tests share: a small made market, and a workspace with a small store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from made import Place, few_resamples, made_market, make_place

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
def place(tmp_path: Path, tiny_store: Path) -> Iterator[Place]:
    """A workspace as `backtest init` makes it, with the strategies of the repository and the store `tiny`."""
    with few_resamples():
        yield make_place(tmp_path / "place", tiny_store)


@pytest.fixture
def make() -> Callable[..., Market]:
    """Make a small market: `make(rows, seed, open=…, actions=…)`."""
    return made_market
