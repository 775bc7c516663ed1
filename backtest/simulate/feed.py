"""What the loop reads of a market that is streamed: the rows of a window, counted as those of the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backtest.kernels.book import Bars, Fees
from backtest.market.stream.lazy import LazyRows
from backtest.market.stream.source import Stream, far_view
from backtest.types import Floats

INSIDE = ("high", "low", "volume", "member")
"""Fields that the loop may do without."""

TO_COME = (1, 0)
"""Shape of the place that a field has among the bars before its first rows came."""


class Feed:
    """The window of one engine. Rows below `high` can be played; `slide` makes it more.

    Only what the loop reads is in it: a field that no rule asks for costs no reading.
    """

    def __init__(
        self, stream: Stream, bars: Bars, needs_open: bool, row: int = 0, beside: Mapping[str, LazyRows] | None = None
    ) -> None:
        """Open it at `row`, on the fields for which `bars` has a place; `beside` them costs and rates of each bar."""
        names = [name for name in INSIDE if getattr(bars, name).shape == TO_COME]
        opens = ["open"] if needs_open and "open" in stream.types else []
        self._window = stream.open([*names, *opens], row)
        self._fields = {"close": "close", "open": opens[0] if opens else "close", **{name: name for name in names}}
        self._beside, self._known, self._before = dict(beside or {}), dict[str, Floats](), 0
        self._know()

    @property
    def high(self) -> int:
        """The row behind the last one in the window."""
        return self._window.high

    def slide(self) -> None:
        """Let the next rows in, and the oldest go."""
        self._window.slide()
        self._know()

    def _know(self) -> None:
        """Work out costs and rates of the rows of the window, and of the one before, by which its first one pays."""
        low, high = self._window.first, self._window.high
        self._before = max(low - 1, 0)
        for name, rows in self._beside.items():
            last = self._known.get(name)
            start = rows.block(self._before, low) if last is None else last[-1:]
            self._known[name] = np.concatenate((start, rows.block(low, high)))

    def close(self) -> None:
        """Give the memory back; what was found on the way stays."""
        self._window.close()

    def bars(self, bars: Bars) -> Bars:
        """Return bars whose prices are those of the window; as they are once it was closed."""
        if not self.high:
            return bars
        prices: dict[str, Any] = {name: self._window.far(field) for name, field in self._fields.items()}
        return bars._replace(**prices, **self._far(Bars._fields))

    def fees(self, fees: Fees) -> Fees:
        """Return fees whose tables are those of the window; as they are once it was closed."""
        return fees._replace(**self._far(Fees._fields)) if self.high else fees

    def _far(self, names: Sequence[str]) -> dict[str, Any]:
        """Return tables in which the rows of the window are memory, counted as those of the whole."""
        rows = self._window.n_rows
        return {name: far_view(known, -self._before, rows) for name, known in self._known.items() if name in names}
