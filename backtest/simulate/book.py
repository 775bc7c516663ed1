"""Making, copying, saving and loading a book: everything of the engine's that the future depends on."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from backtest.errors import DataError
from backtest.kernels.book import OWNER, Book, Listed, Own
from backtest.types import BOOK, BOOK_VERSION, DECISION, EVENT, EventKind, Ints, Records


def new_book(n_assets: int, capital: float, owners: int = 1) -> Book:
    """Open an account with `capital` in cash, shared equally between owners, that has seen nothing yet."""
    record: Records = np.zeros(1, BOOK)
    record["version"] = BOOK_VERSION
    record["equity"] = capital
    record["drift"] = np.nan
    record["drift_asset"] = -1
    each: Records = np.zeros(owners, OWNER)
    each["cash"] = each["equity"] = capital / owners
    return Book(
        record,
        each,
        np.zeros(n_assets),
        np.zeros((owners, len(Own), n_assets)),
        np.full((owners, n_assets), -1, np.int64),
        np.zeros((owners, len(Listed), n_assets + 1), np.int64),
        np.repeat(np.array([[-1], [0], [0]], np.int64), n_assets, axis=1),
    )


def copy_book(book: Book) -> Book:
    """Copy every block."""
    record, owners, mark, owned, order_id, listed, seen = book
    return Book(record.copy(), owners.copy(), mark.copy(), owned.copy(), order_id.copy(), listed.copy(), seen.copy())


def save_book(book: Book, state: dict[str, Any], path: Path) -> None:
    """Write a book and a strategy's state, uncompressed, so that loading gives the same bits."""
    kept: dict[str, Any] = {f"state.{name}": value for name, value in state.items()}
    np.savez(path, **kept, **book._asdict())


def load_book(path: Path) -> tuple[Book, dict[str, Any]]:
    """Read what `save_book` wrote."""
    try:
        with np.load(path, allow_pickle=False) as file:
            blocks = {name: file[name] for name in file.files}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DataError(f"{path}: not a saved book: {error}") from error
    missing = [name for name in Book._fields if name not in blocks]
    if missing:
        raise DataError(f"{path}: not a saved book: {', '.join(missing)} missing")
    book = Book(*(blocks[name] for name in Book._fields))
    version = int(book.record["version"][0])
    if version != BOOK_VERSION:
        raise DataError(f"{path}: book format {version}; this version reads {BOOK_VERSION}")
    state = {name.removeprefix("state."): value for name, value in blocks.items() if name.startswith("state.")}
    return book, state


def left_working(book: Book, by_name: Ints) -> tuple[Records, Records]:
    """Decisions and events of baskets that still wait when the data ends. The book keeps them working."""
    last = int(book.record["row"][0]) - 1
    waiting = np.flatnonzero(book.owners["working"] == 1)
    decisions = np.zeros(len(waiting), DECISION)
    events: list[tuple[int, int, int, int, int, float]] = []
    for line, s in zip(decisions, waiting, strict=True):
        owner = book.owners[s]
        for name in ("row", "source", "reasons", "drift", "drift_asset", "n_orders", "n_fills"):
            line[name] = owner[name]
        for name, kept in (("equity", "before"), ("equity_after", "after"), ("scale", "scale")):
            line[name] = owner[kept]
        line["owner"], line["done_row"], line["net_before"], line["net_after"] = s, -1, np.nan, np.nan
        quantity = book.owned[s, Own.REDUCE] + book.owned[s, Own.OPEN]
        for i in by_name[quantity[by_name] != 0.0]:
            number = int(book.order_id[s, i])
            events.append((last, int(i), int(s), EventKind.UNFILLED_AT_END, number, float(quantity[i])))
    return decisions, np.array(events, EVENT)
