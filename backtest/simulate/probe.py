"""The look-ahead probe: decisions taken again without their future, and with another one, must not change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from backtest.errors import BacktestError, LookAheadError
from backtest.market.cut import Scrambled, ended
from backtest.market.market import FIELDS, Market
from backtest.simulate.book import copy_book
from backtest.simulate.drive import Asked, Driven, Snapshot, prepare
from backtest.types import Floats, Ints

MOST = 16
SHARE = 0.1  # of the decisions; each is taken twice more, so that the probe costs a fifth of them
PREPARE_CUTS = 2


@dataclass(frozen=True)
class Probed:
    """How much was checked, and how long it took."""

    mode: str
    checked: int = 0
    seconds: float = 0.0
    prepare_checked: int = 0
    prepare_seconds: float = 0.0


def rows_to_keep(rows: Ints, mode: str) -> set[int]:
    """Choose, among the rows on which the strategy is asked, those to take again; the first and the last always."""
    if mode == "off" or not len(rows):
        return set()
    if mode == "full":
        return set(rows.tolist())
    n = min(MOST, max(2, math.ceil(SHARE * len(rows))))
    return {int(rows[k]) for k in np.linspace(0, len(rows) - 1, n).round().astype(int)}


def probe(asked: Asked, market: Market, driven: Driven, mode: str) -> Probed:
    """Take kept decisions again; raise LookAheadError, with strategy, time and field, when one changes."""
    if mode == "off":
        return Probed(mode)
    start = perf_counter()
    if driven.prepared is not None:
        cuts = _check_prepared(asked, market, driven.prepared, 8 * PREPARE_CUTS if mode == "full" else PREPARE_CUTS)
        return Probed(mode, prepare_checked=cuts, prepare_seconds=perf_counter() - start)
    scrambled = Scrambled(market, asked.seed)
    for kept in sorted(driven.snapshots, key=lambda snapshot: snapshot.row):
        if not _same(asked, ended(market, kept.row), kept):
            raise _caught(asked, market, kept, "when the data ended there")
        if not _same(asked, scrambled.after(kept.row), kept):
            raise _caught(asked, market, kept, f"when later {_guilty(asked, market, kept)} changed")
    return Probed(mode, checked=len(driven.snapshots), seconds=perf_counter() - start)


def _same(asked: Asked, market: Market, kept: Snapshot) -> bool:
    """Whether the decision comes out the same on another market; one that fails there is not the same."""
    ctx = asked.context(market)
    ctx.state.restore(kept.state)
    ctx.move_to(kept.row, kept.reasons, copy_book(kept.book))
    answer = np.empty_like(kept.answer)
    try:
        asked.answer(ctx, answer)
    except BacktestError:
        return False
    return np.array_equal(answer, kept.answer, equal_nan=True)


def _guilty(asked: Asked, market: Market, kept: Snapshot) -> str:
    """Name the fields whose future alone changes the decision."""
    names = [name for name in FIELDS if market.get(name) is not None] + list(market.series)
    guilty = [name for name in names if not _same(asked, Scrambled(market, asked.seed, name).after(kept.row), kept)]
    return ", ".join(f"`{name}`" for name in guilty) or "data"


def _caught(asked: Asked, market: Market, kept: Snapshot, how: str) -> LookAheadError:
    """Say what was caught; a decision that changes on the very same market is another fault than looking ahead."""
    when = f"{market.times[kept.row]:%Y-%m-%d %H:%M}"
    if not _same(asked, market, kept):
        return LookAheadError(
            f"strategy {asked.name!r}: the decision of {when} differs when it is taken again from the same data. "
            "Random numbers come from ctx.rng, and what is remembered belongs in ctx.state"
        )
    return LookAheadError(
        f"strategy {asked.name!r} looks ahead: its decision of {when} changed {how}. "
        "A decision may depend on ctx.history and ctx.series only, which end at ctx.time"
    )


def _check_prepared(asked: Asked, market: Market, prepared: Floats, cuts: int) -> int:
    """Compare what `prepare` says up to random rows on markets that end, and that change, there."""
    rng = np.random.default_rng([asked.seed, market.n_rows])
    rows = np.unique(rng.integers(market.n_rows // 4, max(market.n_rows - 1, 1), cuts))
    scrambled = Scrambled(market, asked.seed)
    for k, row in enumerate(rows.tolist()):
        other = ended(market, row) if k % 2 == 0 else scrambled.after(row)
        try:
            again = prepare(asked, other)
        except BacktestError as error:
            raise LookAheadError(
                f"strategy {asked.name!r}, prepare(): fails when later data are different: {error}"
            ) from error
        before, now = prepared[: row + 1], again[: row + 1]
        changed = ~((before == now) | (np.isnan(before) & np.isnan(now)))
        if changed.any():
            t, i = (int(index[0]) for index in np.nonzero(changed))
            raise LookAheadError(
                f"strategy {asked.name!r} looks ahead: prepare() gave {market.symbols[i]} {before[t, i]:g} on "
                f"{market.times[t]:%Y-%m-%d %H:%M}, and {now[t, i]:g} {'without' if k % 2 == 0 else 'with other'} data "
                f"after {market.times[row]:%Y-%m-%d %H:%M}. Row t of the answer may depend on rows up to t only"
            )
    return len(rows)
