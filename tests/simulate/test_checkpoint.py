"""A simulation that is ended anywhere, and gone on from what was saved, is one that was never ended."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backtest import Strategy
from backtest.allocate.methods.min_variance import MinVariance
from backtest.errors import ArtefactError, WorkspaceError
from backtest.kernels.book import Book
from backtest.market.market import Market
from backtest.schedule import Calendar, Rebalance
from backtest.schedule.drift import Drift
from backtest.simulate import checkpoint
from backtest.simulate.checkpoint import HEAD, Checkpoint, read_head
from backtest.simulate.drive import Driven, drive
from backtest.types import Floats
from tests.made import made_market
from tests.market.stream.streaming import streamed
from tests.simulate.driving import asked_for

WEEKLY = Rebalance(any=(Calendar(calendar="week"), Drift(drift=0.02)))


class Remembers(Strategy):
    """Depends on everything that a future may depend on: state, random numbers, the book, the allocator, orders."""

    @property
    def history_rows(self) -> int:
        return 12

    def initial_state(self, symbols: Any) -> dict[str, Any]:
        return {"asked": 0, "seen": np.zeros(len(symbols))}

    def decide(self, ctx: Any) -> Any:
        ctx.state.asked = ctx.state.asked + 1
        ctx.state.seen = ctx.state.seen + ctx.history("close", 2)[-1]
        if ctx.state.asked % 3 == 0:
            ctx.order(
                "AAA",
                1.0 + ctx.rng.random(),
                kind="limit",
                limit=float(ctx.history("close", 1)[0, 0]) * 0.99,
                tag="dip",
            )
            return None
        lean = 0.5 + 0.5 * ctx.rng.random() * (ctx.cash > 0.0) + 1e-9 * ctx.state.seen.sum() % 0.1
        weights: Floats = ctx.allocate() * min(lean, 1.0)
        return weights


def market(kind: str) -> Market:
    close = np.array(made_market().close)
    close[50:53, 2] = np.nan
    fields = {"open": close * 1.001, "high": close * 1.02, "low": close * 0.98}
    whole = made_market(close=close, price_kind="raw", actions=[(40, "AAA", "split", 2.0)], **fields)
    return whole if kind == "whole" else streamed(whole, (30, 31, 64, 90), look_back=12)


def driven(kind: str, saved: Checkpoint | None = None, strategy: Strategy | None = None) -> Driven:
    bars = market(kind)
    method = MinVariance.model_validate({"lookback": 10})
    asked, watch, terms = asked_for(strategy or Remembers(), bars, WEEKLY, method, first=5)
    return drive(bars, asked, watch, terms, 10_000.0, {12, 40, 80}, checkpoint=saved)


def told(found: Driven) -> list[Any]:
    """Everything that a run leaves, as bytes and text."""
    result = found.result
    tables = ("equity", "cash", "carry", "fills", "decisions", "events", "targets", "drift", "drift_asset", "reasons")
    return [
        *(getattr(result, name).tobytes() for name in tables),
        dict(result.tags),
        {
            row: [(said.weights.tobytes(), said.status, said.method) for said in each]
            for row, each in found.notes.items()
        },
        [
            (each.row, each.reasons, each.answer.tobytes(), each.placed, each.state["asked"].tobytes())
            for each in found.snapshots
        ],
        [block.tobytes() for each in found.snapshots for block in blocks(each.book)],
        found.n_wakes,
    ]


def blocks(book: Book) -> list[Any]:
    """A book without the counts of its pages, which begin anew wherever it was saved."""
    record = book.record.copy()
    record["fills_before"] += record["n_fills"]
    for name in ("n_fills", "n_decisions", "n_events"):
        record[name] = 0
    return [record, *book[1:]]


class Killed(BaseException):
    """The end of a process, as far as one process can play it."""


@pytest.mark.parametrize("kind", ["whole", "stream"])
@pytest.mark.parametrize("every", [1, 7, 50, 500])
def test_saving_changes_nothing_and_what_is_finished_is_not_done_again(tmp_path: Path, kind: str, every: int) -> None:
    plain = told(driven("whole"))
    assert told(driven(kind, Checkpoint(tmp_path / "leg", every))) == plain
    assert len(list((tmp_path / "leg").glob("part-*"))) == -(-120 // every)

    class Never(Remembers):
        def decide(self, ctx: Any) -> Any:
            raise AssertionError(f"asked again on {ctx.time}")

    assert told(driven(kind, Checkpoint(tmp_path / "leg", every), Never())) == plain


@pytest.mark.parametrize("kind", ["whole", "stream"])
@pytest.mark.parametrize("write", ["before", "halfway", "renamed"])
def test_an_end_at_any_write_loses_nothing_that_was_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, write: str
) -> None:
    """Each time up to four files are written, and then the process ends, before or in the middle of the next."""
    plain = told(driven("whole"))
    real = checkpoint._write_whole
    writes = {"left": 0}

    def dies(file: Path, content: bytes) -> None:
        if writes["left"] > 0:
            writes["left"] -= 1
            real(file, content)
            return
        if write == "halfway":
            file.with_name(f"{file.name}.new").write_bytes(content[: len(content) // 2])
        if write == "renamed":
            real(file, content)
        raise Killed

    monkeypatch.setattr(checkpoint, "_write_whole", dies)
    for turn in range(60):
        writes["left"] = turn % 5
        try:
            found = driven(kind, Checkpoint(tmp_path / "leg", 9))
        except Killed:
            continue
        break
    assert turn > 3
    assert told(found) == plain


def test_a_part_that_was_changed_is_damage(tmp_path: Path) -> None:
    driven("whole", Checkpoint(tmp_path, 50))
    file = tmp_path / "part-000001"
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)
    with pytest.raises(WorkspaceError, match=r"part-000001: the checkpoint is damaged: it is not what was written"):
        driven("whole", Checkpoint(tmp_path, 50))
    file.unlink()
    with pytest.raises(WorkspaceError, match=r"part-000001: the checkpoint is damaged: No such file"):
        driven("whole", Checkpoint(tmp_path, 50))
    (tmp_path / HEAD).write_bytes(b"no")
    with pytest.raises(WorkspaceError, match=r"head: the checkpoint is damaged"):
        read_head(tmp_path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ArtefactError, match="the checkpoint cannot be written: Permission denied"):
        driven("whole", Checkpoint(tmp_path / "leg", 50))


def test_a_file_in_the_way_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "leg").write_text("")
    with pytest.raises(ArtefactError, match=r"leg: the checkpoint cannot be written: "):
        driven("whole", Checkpoint(tmp_path / "leg", 50))
