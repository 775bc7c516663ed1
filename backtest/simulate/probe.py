"""The look-ahead probe: decisions taken again without their future, and with another one, must not change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from backtest.allocate.threads import one_thread_of_loaded
from backtest.errors import BacktestError, LookAheadError
from backtest.market.cut import Scrambled, ended, scrambled
from backtest.market.market import FIELDS, Market
from backtest.simulate.book import copy_book
from backtest.simulate.drive import Asked, Driven, Snapshot, prepare
from backtest.types import Floats, Ints

MOST = 16
SHARE = 0.1  # of the decisions; each is taken twice more, so that the probe costs a fifth of them
PREPARE_CUTS = 2
SAME = 1e-9  # of prepared weights: a product of matrices may round differently when it has fewer rows


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
    with one_thread_of_loaded():  # as when the decisions were taken first
        return _probe(asked, market, driven, mode)


def _probe(asked: Asked, market: Market, driven: Driven, mode: str) -> Probed:
    start = perf_counter()
    if driven.prepared is not None:
        cuts = _check_prepared(asked, market, driven.prepared, 8 * PREPARE_CUTS if mode == "full" else PREPARE_CUTS)
        return Probed(mode, prepare_checked=cuts, prepare_seconds=perf_counter() - start)
    changed = scrambled(market, asked.seed)
    for kept in sorted(driven.snapshots, key=lambda snapshot: snapshot.row):
        if not _same(asked, changed.after(kept.row), kept):
            raise _caught(asked, market, kept, f"when only later {_guilty(asked, market, kept)} did")
        if not _same(asked, ended(market, kept.row), kept):
            raise _caught(asked, market, kept, "when the data ended there")
    return Probed(mode, checked=len(driven.snapshots), seconds=perf_counter() - start)


def _same(asked: Asked, market: Market, kept: Snapshot) -> bool:
    """Whether the decision, and what is remembered of it, come out the same on another market.

    One that fails there is not the same.
    """
    ctx = asked.context(market)
    ctx.state.restore(kept.state)
    ctx.move_to(kept.row, kept.reasons, copy_book(kept.book))
    ctx.heard = kept.events
    answer = np.empty_like(kept.answer)
    try:
        asked.answer(ctx, answer)
    except BacktestError:
        return False
    if (tuple(ctx.placed), tuple(ctx.cancelled)) != (kept.placed, kept.cancelled):
        return False
    after = ctx.state.snapshot()
    pairs = [(answer, kept.answer), *((after[name], value) for name, value in kept.state_after.items())]
    return all(np.array_equal(now, before, equal_nan=True) for now, before in pairs)


def _guilty(asked: Asked, market: Market, kept: Snapshot) -> str:
    """Name the fields whose future alone changes the decision."""
    changed = ((name, scrambled(market, asked.seed, name).after(kept.row)) for name in _names(market))
    return _listed([name for name, other in changed if not _same(asked, other, kept)])


def _names(market: Market) -> list[str]:
    """What can be scrambled."""
    return [*(name for name in FIELDS if market.get(name) is not None), *market.series]


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "data"


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
    """Compare what `prepare` says up to random rows on markets that end, and that change, there.

    The rows lie in the middle half, and a changed market goes on for half of what is left: answering for all rows again
    and again would take longer than the two `prepare` that a probe may cost.
    """
    rng = np.random.default_rng([asked.seed, market.n_rows])
    last = market.n_rows - 1
    low = min(market.n_rows // 4, last - 1)
    some = np.arange(low, max(low + 1, last - last // 4)) if last else np.arange(0)
    rows = np.sort(rng.choice(some, min(cuts, len(some)), replace=False)) if len(some) else some
    for k, row in enumerate(rows.tolist()):
        is_end = k % 2 == 0
        stop = row + (last - row + 1) // 2
        other = ended(market, row) if is_end else Scrambled(ended(market, stop), asked.seed, first=row).after(row)
        index = _changed(asked, other, prepared, row)
        if index is not None:
            raise _caught_preparing(asked, market, prepared, row, index, is_end)
    return len(rows)


def _changed(asked: Asked, market: Market, prepared: Floats, row: int) -> tuple[int, int] | None:
    """The first row and column up to `row` in which `prepare` says something else on another market."""
    try:
        again = prepare(asked, market)
    except BacktestError as error:
        raise LookAheadError(f"{error} (only when later data are different, or missing)") from error
    before, now = prepared[: row + 1], again[: row + 1]
    if np.array_equal(before.view(np.int64), now.view(np.int64)):  # as a rule, and a fifth of the time of isclose
        return None
    same = np.isclose(before, now, rtol=SAME, atol=SAME, equal_nan=True)
    return None if same.all() else divmod(int(same.argmin()), market.n_assets)


def _caught_preparing(
    asked: Asked, market: Market, prepared: Floats, row: int, index: tuple[int, int], is_end: bool
) -> LookAheadError:
    when, cut = (f"{market.times[at]:%Y-%m-%d %H:%M}" for at in (index[0], row))
    if _changed(asked, market, prepared, row) is not None:
        return LookAheadError(
            f"strategy {asked.name!r}: prepare() answers differently for {when} when it is asked again on the same "
            "data. It may depend on its parameters and the panel only"
        )
    others = ((name, Scrambled(market, asked.seed, name).after(row)) for name in _names(market))
    guilty = _listed([name for name, other in others if _changed(asked, other, prepared, row) is not None])
    how = "the data ended there" if is_end else "only later data did"
    return LookAheadError(
        f"strategy {asked.name!r} looks ahead: the weight of {market.symbols[index[1]]} that prepare() gives for "
        f"{when} depends on {guilty} after {cut}: it changed when {how}. Row t of the answer may depend on rows up to "
        "t only"
    )
