"""What the loop reads of a market that is streamed: the rows of a window, counted as those of the whole."""

from __future__ import annotations

from backtest.kernels.book import Bars
from backtest.market.stream.source import Stream

INSIDE = ("high", "low", "volume", "member")
"""Fields that the loop may do without."""

TO_COME = (1, 0)
"""Shape of the place that a field has among the bars before its first rows came."""


class Feed:
    """The window of one engine. Rows below `high` can be played; `slide` makes it more.

    Only what the loop reads is in it: a field that no rule asks for costs no reading.
    """

    def __init__(self, stream: Stream, bars: Bars, needs_open: bool, row: int = 0) -> None:
        """Open it at `row`, on the fields for which `bars` has a place."""
        names = [name for name in INSIDE if getattr(bars, name).shape == TO_COME]
        opens = ["open"] if needs_open and "open" in stream.types else []
        self._window = stream.open([*names, *opens], row)
        self._fields = {"close": "close", "open": opens[0] if opens else "close", **{name: name for name in names}}

    @property
    def high(self) -> int:
        """The row behind the last one in the window."""
        return self._window.high

    def slide(self) -> None:
        """Let the next rows in, and the oldest go."""
        self._window.slide()

    def close(self) -> None:
        """Give the memory back; what was found on the way stays."""
        self._window.close()

    def bars(self, bars: Bars) -> Bars:
        """Return bars whose prices are those of the window; as they are once it was closed."""
        if not self.high:
            return bars
        return bars._replace(**{name: self._window.far(field) for name, field in self._fields.items()})
