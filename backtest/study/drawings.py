"""Pages and pictures of a study: drawn by another process while this one goes on, and at the end by both."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Self

from backtest.beside import Beside, Gone
from backtest.report.painter import Order, draw

PAINTER = "backtest.report.painter"


class Drawings:
    """What is to be drawn of a study, asked for as soon as its numbers lie in their folder.

    Without `beside` all of it is drawn by this process, at the end. Use as a context: at its end the other process is
    gone. What is drawn does not depend on who draws it.
    """

    def __init__(self, beside: bool) -> None:
        self._waiting: SimpleQueue[Order | None] = SimpleQueue()
        self._failed: list[Exception] = []
        self._ready = False
        self._painter = Beside(PAINTER) if beside else None
        self._thread = Thread(target=self._paint, daemon=True)

    def __enter__(self) -> Self:
        if self._painter is not None:
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._painter is not None:
            self._painter.kill()
            self._waiting.put(None)
            self._thread.join()
            self._painter.end()

    def ask(self, order: Order) -> None:
        """Have something drawn."""
        self._waiting.put(order)

    def finish(self) -> None:
        """Draw what nobody has begun, and wait for the rest; raise what went wrong."""
        self._draw_waiting()
        if self._painter is not None:
            if not self._ready:
                self._painter.kill()  # everything is drawn, and it has not even begun
            self._waiting.put(None)
            self._thread.join()
            self._draw_waiting()  # what the other process had begun when it was lost
        if self._failed:
            raise self._failed[0]

    def _draw_waiting(self) -> None:
        while True:
            try:
                order = self._waiting.get_nowait()
            except Empty:
                return
            if order is not None:
                draw(order)

    def _paint(self) -> None:
        """Hand orders to the other process, once it is ready, until there are no more or it is gone."""
        assert self._painter is not None
        order = None
        try:
            self._painter.ask(None)
            self._ready = True
            while (order := self._waiting.get()) is not None:
                error = self._painter.ask(order)
                if error is not None:
                    self._failed.append(error)
        except Gone:
            if order is not None:
                self._waiting.put(order)
