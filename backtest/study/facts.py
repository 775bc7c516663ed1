"""Everything that is computed of runs side by side: what `comparison.json` holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

from backtest.config.labels import told
from backtest.config.study import of_whom, owners
from backtest.errors import BacktestError
from backtest.report import comparison as page
from backtest.report.build import PAGE
from backtest.run import Shared
from backtest.study import stability, stress, tell_apart
from backtest.study.crew import processors
from backtest.study.gather import Gathered
from backtest.study.measure import LEVEL, finite, measured, risk_and_return, track_of
from backtest.study.portfolio import held
from backtest.study.side import SideBySide, cut_short
from backtest.types import Floats
from backtest.workspace import Workspace
from backtest.workspace.cached import FREE
from backtest.workspace.folder import RUNS
from backtest.workspace.manifest import processor, versions

STRESSES: Mapping[str, dict[str, Any]] = {"double_costs": {"costs": 2.0}, "late": {"delay": 1}}
"""Other assumptions under which the same decisions are carried out again."""

ABOUT_DATA = ("name", "hash", "price_kind", "calendar", "first", "last", "symbols", "source", "invented")
"""What the manifest of a run tells of its data."""


def facts(
    name: str, created: datetime, gathered: Sequence[Gathered], side: SideBySide, place: Workspace, shared: Shared
) -> dict[str, Any]:
    """Return the numbers of a comparison, as JSON can hold them."""
    risk_free, cash_differs = _risk_free(side)
    returns = tell_apart.excess(side, risk_free)
    cash = track_of(side, side.returns[:, 0], side.growth[:, 0], risk_free).cash_rate
    with ThreadPoolExecutor(processors()) as pool:  # resampling is compiled, and lets others work
        numbers = list(pool.map(lambda k: measured(side, k, risk_free), range(len(gathered))))
    variants = [_variant(each, side, k, numbers[k], place, risk_free) for k, each in enumerate(gathered)]
    strained = [_stressed(each, side, k, risk_free, place, shared) for k, each in enumerate(gathered)]
    return {
        "schema": page.SCHEMA,
        "name": name,
        "created": created.isoformat(timespec="seconds"),
        "versions": versions(),
        "processor": processor(),
        "currency": str(side.records[0].manifest.get("currency", "")),
        "risk_free": risk_free,
        "span": _span(side),
        "variants": variants,
        "benchmark": _benchmark(side, risk_free),
        "differs": _differs(side),
        "same_returns": _same(side),
        "ranking": _ranking(variants),
        "pairs": {"control": tell_apart.CONTROL, "alpha": tell_apart.ALPHA, "tests": tell_apart.pairs(side, returns)},
        "confidence_set": tell_apart.may_be_best(side, returns),
        "luck": tell_apart.luck(side, returns, [each.snapshot for each in gathered]),
        "overfitting": tell_apart.overfitting(returns),
        "periods": stability.periods(side, cash),
        "starts": stability.starts(side, cash),
        "stress": {key: [told[key] for told in strained] for key in (*STRESSES, "left_out")},
        "warnings": [*cut_short(side), *_warnings(gathered, cash_differs)],
    }


def _span(side: SideBySide) -> dict[str, Any]:
    return {
        "first": side.day(0),
        "last": side.day(-1),
        "rows": int(side.times.size),
        "by": side.by,
        "cut": side.cut,
        "years": finite(side.years),
        "periods_per_year": finite(side.periods.per_year),
        "periods_source": side.periods.source,
        "level": LEVEL,
    }


def _benchmark(side: SideBySide, risk_free: float) -> dict[str, float | None] | None:
    """Return the numbers of the benchmark that all runs share, None where they share none."""
    return _measured(side.benchmark, side, risk_free)


def _has_page(each: Gathered) -> bool:
    """Whether there is a page of the run, or will be: it may be drawn while this is written."""
    return (each.config is not None and each.config.report.html) or (each.folder / PAGE).is_file()


def _measured(growth: Floats | None, side: SideBySide, risk_free: float) -> dict[str, float | None] | None:
    """Return the numbers of a benchmark, None where there is none."""
    if growth is None:
        return None
    found = page.measured_benchmark(growth, side.years, side.periods.per_year, risk_free)
    return None if found is None else {key: finite(value) for key, value in found.items()}


def _variant(
    each: Gathered, side: SideBySide, k: int, numbers: Mapping[str, Any], place: Workspace, risk_free: float
) -> dict[str, Any]:
    record, data = each.record, each.record.manifest.get("data", {})
    return {
        "name": each.wanted.label,
        "run": f"{RUNS}/{each.wanted.slug}",
        "page": f"{RUNS}/{each.wanted.slug}/{PAGE}" if _has_page(each) else None,
        "found": None if each.found is None else _known_as(each.found, place),
        "trial": each.trial.trial.key,
        "data": {key: data.get(key) for key in ABOUT_DATA},
        "capital": record.capital,
        "flows": record.money,
        "rebalances": int((record.turnover > 0.0).sum()),
        **numbers,
        "benchmark": _measured(side.benchmark_of(k), side, risk_free),
        "ellipse": risk_and_return(side, k),
        "held": held(each.folder, int(side.times[0]), int(side.times[-1])),
    }


def _known_as(folder: Path, place: Workspace) -> str:
    """Return where a run was found, from the folder of the reports where it lies there."""
    there = folder.resolve()
    reports = place.reports.resolve()
    return there.relative_to(reports).as_posix() if there.is_relative_to(reports) else str(there)


def _stressed(
    each: Gathered, side: SideBySide, k: int, risk_free: float, place: Workspace, shared: Shared
) -> dict[str, Any]:
    """Return annual return and Sharpe ratio under each other assumption, or why there are none."""
    try:
        stress.refuse_orders(each.folder)
        config, market = stress.market_of(each.config, each.record, place, shared)
        own = side.rows[k]
        found = {}
        for key, how in STRESSES.items():
            equity = stress.replay(each.folder, config, market, **how)[own]
            base = float(equity[0]) if side.cut else config.capital
            found[key] = stress.told(side, equity, base, risk_free)
    except BacktestError as error:
        return {**dict.fromkeys(STRESSES), "left_out": str(error)}
    return {**found, "left_out": None}


def _risk_free(side: SideBySide) -> tuple[float, bool]:
    """Return the rate of the first run, and whether others have another."""
    rates = [float(record.config.get("risk_free", 0.0)) for record in side.records]
    return rates[0], len(set(rates)) > 1


def _ranking(variants: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names by Sharpe ratio, the highest first, those without one last."""
    order = sorted(
        range(len(variants)),
        key=lambda k: (variants[k]["metrics"]["sharpe"] is None, -(variants[k]["metrics"]["sharpe"] or 0.0)),
    )
    return [str(variants[k]["name"]) for k in order]


def _differs(side: SideBySide) -> list[dict[str, Any]]:
    """Return the places in which the resolved configurations are not all the same, with what stands there."""
    flat = [_flat(record.config) for record in side.records]
    keys = dict.fromkeys(key for each in flat for key in each)
    rows = [{"place": key, "values": [each.get(key, "") for each in flat]} for key in keys]
    return [row for row in rows if len(set(row["values"])) > 1]


def _flat(config: Mapping[str, Any], above: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in config.items():
        if above or key not in FREE:
            place = f"{above}{key}"
            found |= _flat(value, f"{place}.") if isinstance(value, Mapping) and value else {place: told(value)}
    return found


def _same(side: SideBySide) -> list[list[str]]:
    """Return the groups of runs whose growth is the same to the last bits."""
    groups: list[list[int]] = []
    for k in range(len(side.records)):
        alike = (g for g in groups if abs(side.growth[:, k] / side.growth[:, g[0]] - 1.0).max() < 1e-12)
        group = next(alike, None)
        if group is None:
            groups.append([k])
        else:
            group.append(k)
    return [[side.names[k] for k in group] for group in groups if len(group) > 1]


def _warnings(gathered: Sequence[Gathered], cash_differs: bool) -> list[str]:
    said = owners((each.wanted.label, each.warnings) for each in gathered)
    found = [f"{text}{of_whom(labels, len(gathered))}" for text, labels in said.items()]
    if cash_differs:
        found.append("the runs have different risk-free rates; every ratio here takes that of the first")
    return found
