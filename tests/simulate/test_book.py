"""Books that go on elsewhere, and what the end of the data leaves in them."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.simulate.book import copy_book, left_working, new_book
from backtest.simulate.engine import Engine, Terms
from backtest.types import EventKind
from tests.property.generate import Case, random_case
from tests.property.kernel import market_of, plan_of, terms_of


def second_terms(case: Case) -> Terms:
    terms = terms_of(case)
    terms.rule["wake_mask"] = 0
    return terms


@pytest.mark.parametrize("seed", range(40))
def test_a_book_goes_on_to_the_bit_in_another_engine(seed: int) -> None:
    case = random_case(seed)
    market, rows = market_of(case), len(case.close)

    def engine() -> Engine:
        return Engine(market, new_book(len(case.symbols), case.capital), second_terms(case), plan_of(case))

    whole, first = engine(), engine()
    whole.advance(rows)
    first.advance(rows // 2)
    second = Engine(market, copy_book(first.book), second_terms(case), plan_of(case))
    second.advance(rows)
    together = np.concatenate([first.fills, second.fills])
    assert together.tobytes() == whole.fills.tobytes()
    kept = max(rows // 2 - case.first, 0)
    assert second.rows[kept:].tobytes() == whole.rows[kept:].tobytes()
    for ours, theirs in zip(second.book, whole.book, strict=True):
        if ours.dtype.names is None:
            assert ours.tobytes() == theirs.tobytes()


def test_orders_that_the_end_of_the_data_leaves_are_told_and_stay() -> None:
    case = next(
        case for case in map(random_case, range(200)) if len(case.close) - 1 in case.plan and case.fill != "same_close"
    )
    terms = terms_of(case)
    terms.rule["wake_mask"] = 0
    engine = Engine(market_of(case), new_book(len(case.symbols), case.capital), terms, plan_of(case))
    engine.advance(len(case.close))
    decisions, events = left_working(engine.book, np.argsort(np.array(case.symbols)))
    again, _ = left_working(engine.book, np.argsort(np.array(case.symbols)))
    assert decisions["done_row"].tolist() == [-1]
    assert again.tobytes() == decisions.tobytes(), "telling does not cancel"
    assert set(events["kind"]) <= {EventKind.UNFILLED_AT_END}
