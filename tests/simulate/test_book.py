"""Saving a book and going on from it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backtest.errors import DataError
from backtest.simulate.book import left_working, load_book, new_book, save_book
from backtest.simulate.engine import Engine, Terms
from backtest.types import BOOK_VERSION, EventKind
from tests.property.generate import Case, random_case
from tests.property.kernel import market_of, plan_of, terms_of


def second_terms(case: Case) -> Terms:
    terms = terms_of(case)
    terms.rule["wake_mask"] = 0
    return terms


@pytest.mark.parametrize("seed", range(40))
def test_a_book_from_disk_goes_on_to_the_bit(seed: int, tmp_path: Path) -> None:
    case = random_case(seed)
    market, rows = market_of(case), len(case.close)

    def engine() -> Engine:
        return Engine(market, new_book(len(case.symbols), case.capital), second_terms(case), plan_of(case))

    whole, first = engine(), engine()
    whole.advance(rows)
    first.advance(rows // 2)
    save_book(first.book, {"count": np.array(3)}, tmp_path / "book.npz")
    loaded, state = load_book(tmp_path / "book.npz")
    second = Engine(market, loaded, second_terms(case), plan_of(case))
    second.advance(rows)
    assert state["count"] == 3
    together = np.concatenate([first.fills, second.fills])
    assert together.tobytes() == whole.fills.tobytes()
    kept = max(rows // 2 - case.first, 0)
    assert second.rows[kept:].tobytes() == whole.rows[kept:].tobytes()
    for ours, theirs in zip(second.book, whole.book, strict=True):
        if ours.dtype.names is None:
            assert ours.tobytes() == theirs.tobytes()


def test_what_is_no_book_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.npz"
    with pytest.raises(DataError, match="not a saved book"):
        load_book(path)
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(DataError, match="not a saved book"):
        load_book(path)
    np.savez(path, mark=np.zeros(2))
    with pytest.raises(DataError, match=r"record, owners.* missing"):
        load_book(path)


def test_a_book_of_another_format_is_refused(tmp_path: Path) -> None:
    book = new_book(2, 100.0)
    book.record["version"] = BOOK_VERSION + 1
    save_book(book, {}, tmp_path / "book.npz")
    with pytest.raises(DataError, match=f"book format {BOOK_VERSION + 1}; this version reads {BOOK_VERSION}"):
        load_book(tmp_path / "book.npz")


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
