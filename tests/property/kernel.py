"""Run a case on the compiled engine, and say where it and the reference differ."""

from __future__ import annotations

import math
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import numpy as np

from backtest.kernels.book import Fees, Own, Plan, Rates
from backtest.market.actions import action_table
from backtest.market.market import Market
from backtest.simulate.book import copy_book, left_working, new_book
from backtest.simulate.engine import Engine, Terms, fixed
from backtest.simulate.events import Story, reason_of
from backtest.types import (
    RULES,
    ActionKind,
    CostShape,
    EventKind,
    Fill,
    FillReason,
    Moment,
    Phase,
    Size,
    Source,
    Status,
)
from tests.reference import Finance, Impact

from .generate import Case, Floats

DAY_NS = 86_400 * 10**9
MONEY = ("equity", "equity_after", "value", "commission", "spread", "slippage", "impact")
TOLERANCES = {**dict.fromkeys(MONEY, 1e-9), "scale": 1e-9, "net_before": 1e-7, "net_after": 1e-7}


def market_of(case: Case) -> Market:
    """The case's prices as a market."""
    rows, _ = case.close.shape
    kinds = {kind.name.lower(): kind for kind in ActionKind}
    actions = action_table((row, asset, kinds[kind], value) for row, asset, kind, value in case.actions)
    stamps = np.arange(rows, dtype=np.int64)[:, None]
    ends = stamps if case.ends is None else (case.ends * DAY_NS).astype(np.int64)[:, None]
    return Market(
        symbols=np.array(case.symbols),
        start=stamps,
        end=ends,
        open=case.open,
        close=case.close,
        complete=np.isfinite(case.close).all(axis=1),
        session=stamps[:, 0] if case.session is None else case.session,
        actions=actions,
        price_kind="raw",
    )


def terms_of(case: Case) -> Terms:
    """The case's rules as one record and the triggers."""
    rule = np.zeros(1, RULES)
    rule["fill"] = Fill[case.fill.upper()]
    rule["size"] = Size[case.size.upper()]
    rule["lots"] = case.lots is not None
    rule["opens"] = 1
    for name in (
        *("commission", "per_share", "minimum", "per_trade", "slippage", "min_trade", "cash_reserve"),
        *("max_gross", "max_stale", "first", "wake_mask", "reapply_mask"),
    ):
        rule[name] = getattr(case, name)
    if case.account.kind == "margin":
        rule["margin"], rule["initial"], rule["maintenance"] = 1, case.account.initial, case.account.maintenance
    rule["financed"] = case.finance is not None
    rule["all_events"] = 1
    rule["flowing"] = bool(case.flows or case.flow_parts)
    lots = np.zeros(len(case.symbols)) if case.lots is None else case.lots
    fees = fees_of(case)
    rule["cost_shape"] = shape_of(case)
    rule["half_spread"] = fees.half_spread[0, 0] if rule["cost_shape"] == CostShape.FLAT else np.nan
    return Terms(
        rule,
        fixed(lots),
        case.fires,
        np.array(case.bands),
        np.array(case.band_bits, np.int64),
        fees=fees,
        rates=rates_of(case.finance, *case.close.shape),
        flows=flows_of(case),
    )


def rates_of(finance: Finance | None, rows: int, assets: int) -> Rates | None:
    """The case's rates as tables, one row for all where none of them moves."""
    if finance is None:
        return None
    told = (finance.cash, finance.loan, finance.rebate)
    moves = any(np.ndim(rate) for rate in told)
    money = np.column_stack([np.broadcast_to(rate, rows) for rate in told])
    borrow = np.broadcast_to(np.array(finance.borrow), (rows if np.ndim(finance.borrow) == 2 else 1, assets))
    told = 0.0 if finance.funding is None else np.array(finance.funding)
    funding = np.broadcast_to(told, (rows if np.ndim(told) == 2 else 1, assets))
    return Rates(
        fixed(money if moves else money[:1]),
        fixed(borrow),
        fixed(funding),
        fixed(() if finance.funding is None else finance.perpetuals(assets), np.bool_),
    )


def flows_of(case: Case | SimpleNamespace) -> Floats:
    """The case's flows by row: money, and parts of the equity."""
    flows = np.zeros((len(case.close), 2))
    for column, name in enumerate(("flows", "flow_parts")):
        for row, flow in (getattr(case, name, None) or {}).items():
            flows[row, column] = flow
    return flows


def shape_of(case: Case | SimpleNamespace) -> CostShape:
    """How the case's costs depend on what is traded."""
    if case.impact is not None:
        return CostShape.CURVED
    return CostShape.TABLES if case.tiers or np.ndim(case.half_spread) else CostShape.FLAT


def fees_of(case: Case | SimpleNamespace) -> Fees:
    """The case's costs that differ between assets, rows or months."""
    one = np.ones((1, len(case.symbols)))
    impact = Impact() if case.impact is None else case.impact
    push = 0.0 * one
    if impact.sigma is not None:
        push = impact.coefficient * np.array(impact.sigma) / np.sqrt(np.array(impact.adv))
    months = np.cumsum(np.diff(case.month, prepend=case.month[:1]) != 0) if case.tiers else np.empty(0)
    return Fees(
        fixed(case.half_spread * one),
        fixed(push),
        fixed((np.array(impact.temporary) + 0.5 * np.array(impact.permanent)) * one),
        fixed(np.array(case.tiers).reshape(-1, 2)),
        fixed(months, np.int64),
    )


def plan_of(case: Case) -> Plan:
    """The case's plan as an index by row."""
    index = np.full(len(case.close), -1, np.int64)
    index[list(case.plan)] = np.arange(len(case.plan))
    weights = np.array(list(case.plan.values())).reshape(len(case.plan), len(case.symbols))
    return Plan(fixed(index, np.int64), fixed(weights))


def run_kernel(
    case: Case, stops: Iterable[int] | None = None, reload: bool = False, market: Market | None = None
) -> SimpleNamespace:
    """Simulate a case; at the rows `stops` `advance` is called anew, and `reload` replaces the book by a copy there."""
    engine = Engine(
        market_of(case) if market is None else market,
        new_book(len(case.symbols), case.capital),
        terms_of(case),
        plan_of(case),
    )
    rows = len(case.close)
    answer = np.full((1, len(case.symbols)), np.nan)
    targets: dict[int, Any] = {}
    for stop in [*(stops or ()), rows]:
        status = engine.advance(stop)
        while status == Status.WAKE:
            given = None if case.decide is None else case.decide(engine.row, 0, None)
            answer[0] = np.nan if given is None else given
            targets[engine.row] = answer[0].copy()
            if reload:
                engine.replace_book(copy_book(engine.book))
            status = engine.advance(stop, answer)
        assert status == Status.END
        if reload:
            engine.replace_book(copy_book(engine.book))
    assert engine.book.record["phase"][0] == Phase.ROW_START
    waiting, unfilled = left_working(engine.book, np.argsort(np.array(case.symbols), kind="stable"))
    return SimpleNamespace(
        rows=engine.rows.copy(),
        fills=engine.fills.copy(),
        decisions=np.concatenate([engine.decisions, waiting]),
        events=Story(engine._market, engine.first).tell(engine.fills, np.concatenate([engine.events, unfilled]), rows),
        quantities=engine.book.owned[0, Own.QUANTITY].copy(),
        book=engine.book,
    )


def bits(outcome: SimpleNamespace) -> bytes:
    """Everything that was written, as bytes."""
    return b"".join(table.tobytes() for table in (outcome.rows, outcome.fills, outcome.decisions, outcome.events))


def differences(case: Case, kernel: SimpleNamespace, reference: Any) -> list[str]:
    """What differs, in words; money is compared at 1e-9 of the capital moved."""
    found: list[str] = []
    scale = max(case.capital, *np.abs(reference.equity))

    def compare(what: str, ours: Any, theirs: Any, tolerance: float) -> None:
        same = ours == theirs or (math.isnan(ours) and math.isnan(theirs)) or abs(ours - theirs) <= tolerance
        if not same:
            found.append(f"{what}: kernel {ours!r}, reference {theirs!r}")

    for k, row in enumerate(kernel.rows):
        compare(f"row {k} equity", float(row["equity"]), reference.equity[k], 1e-9 * scale)
        compare(f"row {k} cash", float(row["cash"]), reference.cash[k], 1e-9 * scale)
        if case.bands:  # nobody measures what nobody watches
            compare(f"row {k} drift", float(row["drift"]), reference.drift[k], 1e-9)
        compare(f"row {k} reasons", int(row["reasons"]), reference.reasons[k], 0)
        if case.flows or getattr(case, "flow_parts", None):
            moved = max(scale, abs(reference.cash[k]))
            room = 1e-9 * moved / max(abs(reference.equity[k]), 1e-300)
            compare(f"row {k} return", float(row["growth"]), reference.returns[k], max(1e-9, room))
    carried = {each.row: each for each in reference.carry}
    for k, row in enumerate(kernel.rows):
        for name in ("interest", "loan", "rebate", "borrow", "funding") if case.first + k in carried else ():
            theirs = getattr(carried[case.first + k], name)
            compare(f"row {k} {name}", float(row[name]), theirs, 1e-9 * scale)
    names = {
        "fills": (
            *("row", "asset", "owner", "order_id", "parent_id", "decision_row", "quantity", "price"),
            *("commission", "spread", "slippage", "impact", "decision_price", "arrival_price"),
        ),
        "decisions": (
            *("row", "done_row", "owner", "reasons", "n_orders", "n_fills"),
            *("equity", "equity_after", "scale", "net_before", "net_after"),
        ),
        "events": ("row", "asset", "owner", "order_id", "value"),
    }
    words = {
        "fills": ("reason", FillReason),
        "decisions": ("source", Source),
        "events": ("kind", EventKind),
    }
    for table, columns in names.items():
        ours, theirs = getattr(kernel, table), getattr(reference, table)
        if len(ours) != len(theirs):
            found.append(f"{table}: kernel {len(ours)}, reference {len(theirs)}")
        field, enum = words[table]
        for k, (mine, its) in enumerate(zip(ours, theirs, strict=False)):
            if enum(mine[field]).name.lower() != getattr(its, field):
                found.append(f"{table} {k}: kernel {enum(mine[field]).name.lower()}, reference {getattr(its, field)}")
            if table == "fills" and Moment(mine["moment"]).name.lower() != its.moment:
                found.append(f"{table} {k}: kernel {Moment(mine['moment']).name}, reference {its.moment}")
            if table == "events" and reason_of(mine["kind"], mine["reason"]) != its.reason:
                found.append(f"{table} {k}: kernel {reason_of(mine['kind'], mine['reason'])}, reference {its.reason}")
            for name in columns:
                value = its.impact + its.temporary + its.permanent if name == "impact" else getattr(its, name)
                size = abs(value) if isinstance(value, float) and math.isfinite(value) else 0.0
                tolerance = 1e-7 * size + TOLERANCES.get(name, 0.0) * (scale if name in MONEY else 1.0)
                if name == "quantity" and its.price > 0.0:
                    tolerance += 1e-9 * scale / its.price  # units of a tiny part of the money
                compare(f"{table} {k} {name}", mine[name].item(), value, tolerance)
    if reference.quantities:
        for i, quantity in enumerate(reference.quantities[-1]):
            compare(f"last quantity {i}", float(kernel.quantities[i]), quantity, 1e-7 * abs(quantity) + 1e-12)
    return found
