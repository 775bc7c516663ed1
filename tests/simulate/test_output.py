"""Pages of output: how often one is turned changes nothing."""

from __future__ import annotations

import pytest

from backtest.simulate import engine
from backtest.simulate.book import new_book
from tests.property.generate import random_case
from tests.property.kernel import market_of, plan_of, run_kernel, terms_of

TABLES = ("fills", "decisions", "events")


@pytest.mark.parametrize("seed", range(40))
def test_turning_a_page_on_every_row_changes_no_bit(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    case = random_case(seed)
    whole = run_kernel(case)
    monkeypatch.setattr(engine, "FEW_DECISIONS", 0)
    monkeypatch.setattr(engine, "FEW_EVENTS", 0)
    monkeypatch.setattr(engine, "MOST_FILLS", 0)
    turned = run_kernel(case)
    assert turned.rows.tobytes() == whole.rows.tobytes()
    for table in TABLES:
        assert getattr(turned, table).tobytes() == getattr(whole, table).tobytes()


def test_a_first_page_holds_every_asset_on_every_bar() -> None:
    case = random_case(3)
    made = engine.Engine(market_of(case), new_book(len(case.symbols), case.capital), terms_of(case), plan_of(case))
    pages = made._pages["n_fills"]
    assert len(pages.page) - pages.room == (len(case.close) - case.first) * len(case.symbols)
