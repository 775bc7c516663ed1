"""Who draws: another process while it lives, this one otherwise; nothing is drawn twice, and nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numba
import pytest

from backtest.beside import Beside, Gone
from backtest.errors import ArtefactError
from backtest.report.painter import Order
from backtest.study import drawings
from backtest.study.drawings import Drawings

several_processes = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="processes end the same way")
PAINTER = """
import os, time
from backtest.beside import serve
from backtest.errors import ArtefactError

def begin(read):
    def answer(order):
        if order is not None:
            {line}
        else:
            {ready}
    return answer

serve(begin)
"""
Painter = Callable[..., None]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What this process drew."""
    names: list[str] = []
    monkeypatch.setattr(drawings, "draw", lambda order: names.append(order.folder.name))
    return names


@pytest.fixture
def painter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Painter:
    """Put another painter in place: what it does with an order."""

    def put(line: str, ready: str = "pass") -> None:
        (tmp_path / "odd_painter.py").write_text(PAINTER.format(line=line, ready=ready), encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setattr(drawings, "PAINTER", "odd_painter")

    return put


def wait_for(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + 60.0
    while not ready() and time.monotonic() < until:
        time.sleep(0.01)
    assert ready()


def test_alone_everything_is_drawn_at_the_end(drawn: list[str]) -> None:
    with Drawings(beside=False) as asked:
        for name in "abc":
            asked.ask(Order(Path(name), html=True))
        assert drawn == []
        asked.finish()
    assert drawn == ["a", "b", "c"]


@several_processes
def test_each_is_drawn_once_by_whoever_is_free(drawn: list[str], painter: Painter, tmp_path: Path) -> None:
    painter("order.folder.mkdir()")
    names = [f"page {k}" for k in range(20)]
    with Drawings(beside=True) as asked:
        asked.ask(Order(tmp_path / "first", html=True))
        wait_for((tmp_path / "first").is_dir)
        for name in names:
            asked.ask(Order(tmp_path / name, html=True))
        asked.finish()
    theirs = [each.name for each in tmp_path.glob("page *")]
    assert sorted([*drawn, *theirs]) == sorted(names)


@several_processes
def test_what_a_lost_process_had_begun_is_drawn_here(drawn: list[str], painter: Painter, tmp_path: Path) -> None:
    painter("order.folder.mkdir(); os._exit(3)")
    with Drawings(beside=True) as asked:
        asked.ask(Order(tmp_path / "a", html=True))
        wait_for((tmp_path / "a").is_dir)
        asked.ask(Order(tmp_path / "b", html=True))
        asked.finish()
    assert sorted(drawn) == ["a", "b"]


@several_processes
def test_a_process_that_is_not_ready_is_not_waited_for(drawn: list[str], painter: Painter, tmp_path: Path) -> None:
    painter("pass", ready=f"open({str(tmp_path / 'up')!r}, 'w'); time.sleep(600)")
    with Drawings(beside=True) as asked:
        asked.ask(Order(Path("a"), html=True))
        wait_for((tmp_path / "up").is_file)
        asked.finish()
    assert drawn == ["a"]


@several_processes
def test_what_cannot_be_drawn_there_is_told_here(drawn: list[str], painter: Painter, tmp_path: Path) -> None:
    painter("order.folder.mkdir(); return ArtefactError(f'{order.folder.name}: cannot be written')")
    with Drawings(beside=True) as asked:
        asked.ask(Order(tmp_path / "a", html=True))
        wait_for((tmp_path / "a").is_dir)
        with pytest.raises(ArtefactError, match="a: cannot be written"):
            asked.finish()
    assert drawn == []


@several_processes
def test_who_asks_a_process_that_is_gone_hears_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "quits.py").write_text("import sys; sys.exit(5)", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    process = Beside("quits")
    with pytest.raises(Gone, match="code 5"):
        process.ask(None)
    process.end()
