"""Whole cases for the simulator: a market, a schedule, rules and costs, from a seed.

`random_case(seed)` is plain and fast, for runs over thousands of seeds. `cases()` is the hypothesis strategy: it draws
the traits and a seed, so that a failure shrinks to few assets, few rows and only the features that it needs.

Generated data keep what a store guarantees: a bar is whole or absent, an asset has no bar after its delisting, and
session numbers rise by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.property.generate_costs import random_costs
from tests.reference import Account, Finance, Impact

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

START, CALENDAR, NARROW, WIDE = 1, 2, 4, 8  # the bits that a case uses
SYMBOLS = ("MSFT", "BTC", "a", "ZZZ", "AAPL", "B")
FILLS = ("next_open", "next_close", "same_close")
SIZES = ("at_decision", "at_fill")


@dataclass(frozen=True)
class Answers:
    """A strategy that knows by heart what it answers on each row; None, or a row it does not know, is no answer."""

    table: Mapping[int, Floats | None] = field(default_factory=dict)

    def __call__(self, row: int, reasons: int, view: object) -> Floats | None:  # noqa: ARG002
        """Answer as `decide` does."""
        return self.table.get(row)


@dataclass(frozen=True)
class Case:
    """The keyword arguments of the reference, by its names. Arrays are read-only; prices are `(T, N)`, C-order."""

    open: Floats
    close: Floats
    symbols: tuple[str, ...]
    capital: float
    plan: Mapping[int, Floats]
    decide: Answers | None
    fires: Ints
    wake_mask: int
    reapply_mask: int
    bands: tuple[float, ...]
    band_bits: tuple[int, ...]
    fill: str
    size: str
    commission: float
    per_share: float
    minimum: float
    per_trade: float
    half_spread: float | Floats
    slippage: float
    lots: Floats | None
    min_trade: float
    cash_reserve: float
    max_gross: float
    max_stale: int
    session: Ints | None
    actions: tuple[tuple[int, int, str, float], ...]
    first: int
    account: Account = field(default_factory=Account)
    finance: Finance | None = None
    ends: Floats | None = None  # days
    tiers: tuple[tuple[float, float], ...] = ()
    month: Ints | None = None
    impact: Impact | None = None
    flows: Mapping[int, float] | None = None
    flow_parts: Mapping[int, float] | None = None

    def arguments(self) -> dict[str, Any]:
        """Return everything as keyword arguments."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}


@dataclass(frozen=True)
class Traits:
    """What a case has. All False with one asset and one row is the simplest case there is."""

    assets: int
    rows: int
    fill: str
    size: str
    wild: bool  # price scales from 1e-6 to 1e7, large moves and gaps
    halts: bool
    listings: bool
    splits: bool
    dividends: bool
    delistings: bool
    planned: bool
    asked: bool
    drift: bool
    rates: bool
    minimum: bool
    per_trade: bool
    per_share: bool
    lots: bool
    min_trade: bool
    reserve: bool
    shorts: bool  # negative targets
    levered: bool  # gross targets above 1
    sessions: bool  # several rows a session
    history: bool  # rows before the first
    margin: bool
    financed: bool  # interest on cash and loans, rebate and fee of shorts
    tiers: bool  # commission by the money traded in the month
    spreads: bool  # a half spread for each bar
    impact: bool  # by the square root of the part of the volume
    quadratic: bool  # impact by the square of the units
    flows: bool  # deposits and withdrawals, in money and in parts of the equity


SWITCHES = tuple(entry.name for entry in fields(Traits) if entry.type == "bool")


def random_case(seed: int, traits: Traits | None = None) -> Case:
    """Build the case of a seed; the same seed (and traits) gives the same case."""
    rng = np.random.default_rng(seed)
    if traits is None:
        traits = random_traits(rng)
    first = int(rng.integers(0, traits.rows)) if traits.history else 0
    opens, closes = random_prices(rng, traits)
    actions = random_actions(rng, traits, opens, closes)
    capital = float(10.0 ** rng.uniform(2.0, 9.0))
    answers: dict[int, Floats | None] = {**random_targets(rng, traits, first), first: None}
    return Case(
        open=frozen(opens),
        close=frozen(closes),
        symbols=tuple(rng.permutation(SYMBOLS)[: traits.assets].tolist()),
        capital=capital,
        plan=random_targets(rng, traits, first) if traits.planned else {},
        decide=Answers(answers if rng.random() < 0.3 else random_targets(rng, traits, first)) if traits.asked else None,
        fires=random_fires(rng, traits, first),
        wake_mask=int(rng.choice([START | CALENDAR, CALENDAR | WIDE, 15])) if traits.asked else 0,
        reapply_mask=int(rng.choice([NARROW, NARROW | WIDE, CALENDAR | WIDE])) if traits.drift else 0,
        bands=(float(rng.uniform(0.002, 0.05)), float(rng.uniform(0.05, 0.3))) if traits.drift else (),
        band_bits=(NARROW, WIDE) if traits.drift else (),
        **random_rules(rng, traits, capital, closes) | random_costs(rng, traits, capital, closes),
        max_gross=3.0 if traits.levered else 1.0,
        max_stale=int(rng.integers(0, 6)),
        session=frozen(np.cumsum(rng.random(traits.rows) < 0.5).astype(np.int64)) if traits.sessions else None,
        actions=actions,
        first=first,
        **random_account(rng, traits),
        **random_flows(rng.spawn(1)[0], traits, capital),
    )


def random_traits(rng: np.random.Generator) -> Traits:
    """Draw traits; how many of them a case has differs from case to case."""
    share = rng.uniform(0.1, 0.9)
    switches = {name: bool(rng.random() < share) for name in SWITCHES}
    switches["planned"] |= not switches["asked"]  # somebody has to want something
    return Traits(
        assets=int(rng.integers(1, 7)),
        rows=int(rng.integers(1, 61)),
        fill=str(rng.choice(FILLS)),
        size=str(rng.choice(SIZES)),
        **switches,
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Whole cases, as a hypothesis strategy."""
    traits = Traits(
        assets=draw(st.integers(1, 6)),
        rows=draw(st.integers(1, 60)),
        fill=draw(st.sampled_from(FILLS)),
        size=draw(st.sampled_from(SIZES)),
        **{name: draw(st.booleans()) for name in SWITCHES},
    )
    return random_case(draw(st.integers(0, 2**32 - 1)), traits)


def on_cash(case: Case) -> Case:
    """The same case on a cash account, where money costs and earns nothing."""
    return replace(case, account=Account(), finance=None, ends=None)


def frozen(values: NDArray[Any]) -> NDArray[Any]:
    """Return the array, read-only."""
    values.flags.writeable = False
    return values


def random_prices(rng: np.random.Generator, traits: Traits) -> tuple[Floats, Floats]:
    """Return opens and closes, NaN before a late listing and during halts. Some markets never move."""
    shape = (traits.rows, traits.assets)
    scale = 10.0 ** rng.uniform(-6.0, 7.0, traits.assets) if traits.wild else rng.uniform(5.0, 200.0, traits.assets)
    volatility = float(rng.choice([0.05, 0.3, 0.8] if traits.wild else [0.0, 0.01, 0.03]))
    moves = rng.normal(0.0, volatility, (2, *shape)).clip(-1.5, 1.5)
    steps = np.cumsum(moves.sum(axis=0), axis=0)
    closes = scale * np.exp(steps.clip(-6.0, 6.0))
    opens = scale * np.exp((steps - moves[1]).clip(-6.0, 6.0))
    absent = np.zeros(shape, np.bool_)
    if traits.listings:
        absent |= np.arange(traits.rows)[:, None] < rng.integers(0, 1 + traits.rows // 2, traits.assets)
    if traits.halts:
        absent |= rng.random(shape) < rng.choice([0.02, 0.2])
        for _ in range(traits.assets // 2):
            start = rng.integers(0, traits.rows)
            absent[start : start + rng.integers(1, 12), rng.integers(0, traits.assets)] = True
    opens[absent] = closes[absent] = np.nan
    return np.ascontiguousarray(opens), np.ascontiguousarray(closes)


def random_actions(
    rng: np.random.Generator, traits: Traits, opens: Floats, closes: Floats
) -> tuple[tuple[int, int, str, float], ...]:
    """Draw actions and let the prices follow them: quoted in new units, ex dividend, gone after a delisting."""
    actions: list[tuple[int, int, str, float]] = []
    for asset in range(traits.assets):
        if traits.splits and rng.random() < 0.6:
            row, ratio = int(rng.integers(0, traits.rows)), float(rng.choice([2.0, 3.0, 0.1, 1.5, 20.0, 7.0 / 3.0]))
            opens[row:, asset] /= ratio
            closes[row:, asset] /= ratio
            actions.append((row, asset, "split", ratio))
        for row in rng.choice(traits.rows, min(traits.rows, 3), replace=False) if traits.dividends else ():
            before = closes[:row, asset][np.isfinite(closes[:row, asset])]
            part = rng.uniform(0.0, 0.1) * (before.min() if before.size else 1.0)
            actions.append((int(row), asset, "dividend", float(part)))
        if traits.delistings and rng.random() < 0.6:
            row = int(rng.integers(0, traits.rows))
            gone = row + int(rng.integers(0, 2))  # with or without a bar on the row itself
            opens[gone:, asset] = closes[gone:, asset] = np.nan
            actions.append((row, asset, "delisting", float(rng.choice([-1.0, -0.55, 0.0, 0.2]))))
    return tuple(actions[i] for i in rng.permutation(len(actions)))


def random_targets(rng: np.random.Generator, traits: Traits, first: int) -> dict[int, Floats]:
    """Draw targets for some rows: equal, random, partly zero, all in one, empty, the last ones again, or all NaN."""
    often = rng.choice([0.05, 0.3, 1.0])
    targets: dict[int, Floats] = {}
    weights = np.full(traits.assets, 1.0 / traits.assets)
    for row in range(first, traits.rows):
        if row > first and rng.random() > often:
            continue
        kind = rng.random()
        if kind < 0.6:
            weights = rng.dirichlet(np.full(traits.assets, 0.7)) * rng.choice([1.0, rng.uniform(0.0, 1.0)])
            weights[rng.random(traits.assets) < 0.2] = 0.0
        elif kind < 0.7:
            weights = np.full(traits.assets, 1.0 / traits.assets)
        elif kind < 0.8:
            weights = np.zeros(traits.assets)
            weights[rng.integers(0, traits.assets)] = rng.choice([0.0, 1.0])
        if kind < 0.7 and traits.shorts:
            weights = weights * rng.choice([1.0, -1.0], traits.assets, p=[0.8, 0.2])
        if kind < 0.7 and traits.levered:
            weights = weights * rng.uniform(1.0, 3.0 if traits.margin else 1.5)
        targets[row] = frozen(np.full(traits.assets, np.nan) if kind > 0.97 else weights.copy())
    return targets


def random_fires(rng: np.random.Generator, traits: Traits, first: int) -> Ints:
    """Return the bits known ahead: the start on the first row, the calendar on some."""
    fires = np.where(rng.random(traits.rows) < rng.choice([0.05, 0.4]), CALENDAR, 0).astype(np.int64)
    fires[first] |= START
    return frozen(fires)


def random_account(rng: np.random.Generator, traits: Traits) -> dict[str, Any]:
    """Draw margins that are called now and then, rates a year, and when the rows end."""
    found: dict[str, Any] = {}
    if traits.margin:
        initial = float(rng.uniform(0.2, 1.0))
        found["account"] = Account("margin", initial, initial * float(rng.uniform(0.5, 1.0)))
    if traits.financed:
        rates = (rng.uniform(0.0, 0.3, 4) * (rng.random(4) < 0.7)).tolist()
        found["finance"] = moving(rng.spawn(1)[0], rates, traits) if rng.spawn(1)[0].random() < 0.5 else Finance(*rates)
        if traits.margin:
            found["finance"] = funded(rng.spawn(1)[0], found["finance"], traits)
        found["ends"] = frozen(np.cumsum(rng.choice([0.25, 1.0, 3.0, 40.0], traits.rows)))
    return found


def random_flows(rng: np.random.Generator, traits: Traits, capital: float) -> dict[str, Any]:
    """Draw what comes and goes; now and then more than there is."""
    if not traits.flows:
        return {}
    rows = rng.integers(0, traits.rows, (2, int(rng.integers(1, 6))))
    money = capital * rng.uniform(-0.4, 0.4, rows.shape[1])
    parts = rng.choice([-1.2, -0.3, -0.05, 0.1], rows.shape[1])
    return {
        "flows": dict(zip(rows[0].tolist(), money.tolist(), strict=True)),
        "flow_parts": dict(zip(rows[1].tolist(), parts.tolist(), strict=True)) if rng.random() < 0.5 else None,
    }


def moving(rng: np.random.Generator, rates: list[float], traits: Traits) -> Finance:
    """Return rates that move from row to row; the fee is the same for all assets, so that columns may be exchanged."""
    series = [(rate * rng.uniform(0.0, 2.0, traits.rows)).tolist() for rate in rates]
    return Finance(*series[:3], [[fee] * traits.assets for fee in series[3]])


def funded(rng: np.random.Generator, finance: Finance, traits: Traits) -> Finance:
    """Return rates beside which, in some cases, all assets are perpetual futures, of one funding or one that moves."""
    if rng.random() < 0.5:
        return finance
    rates = rng.uniform(-0.5, 0.5, traits.rows)
    moves = [[rate] * traits.assets for rate in rates.tolist()]
    return replace(finance, funding=moves if rng.random() < 0.5 else float(rates[0]))


def random_rules(rng: np.random.Generator, traits: Traits, capital: float, closes: Floats) -> dict[str, Any]:
    """Draw costs and sizes that matter for this capital and these prices, now and then absurdly high ones."""
    rates = 10.0 ** rng.uniform(-5.0, -1.5, 3) if traits.rates else np.zeros(3)
    price = np.nanmean(closes) if np.isfinite(closes).any() else 1.0
    cheapest = np.nanmin(closes) if np.isfinite(closes).any() else 1.0
    lots = capital * 10.0 ** rng.uniform(-6.0, -1.0, traits.assets) / price
    lots = np.where(rng.random(traits.assets) < 0.5, rng.choice([0.0, 1.0, 100.0], traits.assets), lots)
    return {
        "fill": traits.fill,
        "size": traits.size,
        "commission": float(rates[0]),
        "half_spread": float(rates[1]),
        "slippage": float(rates[2]) * float(rng.integers(0, 2)),
        "per_share": float(cheapest * 10.0 ** rng.uniform(-5.0, 0.5)) if traits.per_share else 0.0,
        "minimum": float(capital * 10.0 ** rng.uniform(-6.0, -0.5)) if traits.minimum else 0.0,
        "per_trade": float(capital * 10.0 ** rng.uniform(-7.0, -1.0)) if traits.per_trade else 0.0,
        "lots": frozen(lots) if traits.lots else None,
        "min_trade": float(capital * 10.0 ** rng.uniform(-5.0, -1.0)) if traits.min_trade else 0.0,
        "cash_reserve": float(capital * rng.uniform(0.0, 0.3)) if traits.reserve else 0.0,
    }
