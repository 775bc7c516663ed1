"""Tables of a comparison: every number that is drawn stands in one."""

from __future__ import annotations

from typing import Any

from backtest.report.comparison.benchmark import benchmark_metrics
from backtest.report.comparison.facts import is_financed, lost_of, split_of
from backtest.report.comparison.numbers import StudyNumbers
from backtest.report.comparison.paid import only_costs
from backtest.report.tables.grid import Cell, Grid, tinted
from backtest.report.tables.table import Table
from backtest.report.words import NOTHING, chance, p_value, p_words, percent, ratio

MOST_ASSETS = 40
MOST_WIDE = 8
"""Columns of a grid; more have smaller letters."""

HARD_SPACE = "\u00a0"
"""Where a line must not end: in a narrow cell the second number stands below the first."""

FAINT = 0.45  # tint of a difference that is not proven
SHOWN = 0.005  # smaller differences are 0.00, which has no sign


def measured(study: StudyNumbers) -> Table:
    """Return the headline numbers of each run, the highest Sharpe ratio first."""
    interval = f"{percent(study.facts['span']['level'], 0)} interval"
    tested = [] if only_costs(study.facts) else ["May be best"]
    columns = ["Run", "Sharpe", interval, *tested, "Return a year", "Volatility", "Sortino", "Drawdown"]
    columns += ["Calmar", "Growth of 1", "Deflated"]
    rows = [_measured(study, k) for k in study.ranked]
    cash = percent(float(study.facts["risk_free"]), 1)
    note = f"Sharpe: of what is earned above {cash} a year. " if study.facts["risk_free"] else ""
    note += "Drawdown: the deepest. Deflated: the probability that the true Sharpe ratio is above what the best of all "
    note += (
        "trials on these data would show by luck. The intervals here come from resampling all runs at once; those in "
    )
    note += "the reports of the single runs may come from standard errors, and differ."
    if tested:
        alpha = percent(study.facts["confidence_set"]["alpha"], 0)
        note += (
            " May be best: no, where chance puts gaps as large between equally good runs in less than "
            f"{alpha} of records; p is that share, or that of a run that was left out before it, where it is larger."
        )
    if resampled := [_resampled(study, k) for k in study.ranked if "max_drawdown" in study.variants[k]["intervals"]]:
        columns.append("Drawdown of resamples")
        rows = [[*row, reach] for row, reach in zip(rows, resampled, strict=True)]
        note += " Drawdown of resamples: what else might have happened; no interval of a true value."
    return Table("ranking-table", "Ranking", columns, rows, note=note, total=_benchmark(study, len(columns)))


def _resampled(study: StudyNumbers, k: int) -> str:
    bounds = study.variants[k]["intervals"]["max_drawdown"]
    return NOTHING if bounds["low"] is None else f"{percent(bounds['low'])} to {percent(bounds['high'])}"


def _benchmark(study: StudyNumbers, width: int) -> list[str] | None:
    """Return the row of the benchmark; None where the runs share none."""
    found = benchmark_metrics(study)
    if found is None:
        return None
    shares = [percent(found[key]) for key in ("annual_return", "volatility")]
    untested = ["", ""] if not only_costs(study.facts) else [""]
    cells = ["Benchmark", ratio(found["sharpe"]), *untested, *shares, ratio(found["sortino"])]
    cells += [percent(found["max_drawdown"]), ratio(found["calmar"]), ratio(found["final"])]
    return [*cells, *[""] * (width - len(cells))]


def _measured(study: StudyNumbers, k: int) -> list[str]:
    own, name = study.variants[k], study.names[k]
    bounds = own["intervals"].get("sharpe", {})
    low, high = bounds.get("low"), bounds.get("high")
    deflated = study.facts["luck"][name]["deflated"]
    return [
        name,
        ratio(study.value(k, "sharpe")),
        NOTHING if low is None else f"{ratio(low)} to {ratio(high)}",
        *_may_be_best(study, name),
        percent(study.value(k, "annual_return")),
        percent(study.value(k, "volatility")),
        ratio(study.value(k, "sortino")),
        percent(study.value(k, "max_drawdown")),
        ratio(study.value(k, "calmar")),
        ratio(own["final"]),
        chance(deflated),
    ]


def _may_be_best(study: StudyNumbers, name: str) -> list[str]:
    """Return the cell of the test; none where nothing is tested."""
    if only_costs(study.facts):
        return []
    found = study.facts["confidence_set"]
    p = found["p_value"].get(name)
    told = "" if p is None else f" ({p_words(p).replace(' ', HARD_SPACE)})"
    return [("yes" if name in found["inside"] else "no") + told]


def costs(study: StudyNumbers) -> Table:
    """Return what costs took from each run, by trading and financing where any run was financed."""
    parts = ["of it trading", "of it financing"] if is_financed(study.facts) else []
    columns = ["Run", "Gross a year", "Costs took", *parts, "Net a year", "Gross Sharpe", "Net Sharpe"]
    columns += ["Turnover a year", "Paid a year, of the account"]
    rows = [
        [
            study.names[k],
            percent(study.value(k, "gross_annual_return"), 2),
            percent(lost_of(study.facts, study.names[k]), 2),
            *(percent(part, 2) for _, part in zip(parts, _took(study, k), strict=False)),
            percent(study.value(k, "annual_return"), 2),
            ratio(study.value(k, "gross_sharpe")),
            ratio(study.value(k, "sharpe")),
            percent(study.value(k, "turnover"), 0),
            percent(_paid(study, k), 2),
        ]
        for k in study.ranked
    ]
    note = (
        "Gross: had the cost of each bar not been paid, and holding earned and cost nothing. Costs took: gross less "
        "net, of these compounded returns, each rounded by itself. Turnover is one-way. Paid: what was charged, each "
        "time as a part of the account on that day. The two differ, either way: what is paid no longer takes part in "
        "what the rest earns or loses."
    )
    if parts:
        note += " Financing: interest and fees of holding, less what holding earned."
    return Table("costs-table", "Costs and turnover", columns, rows, note=note)


def _took(study: StudyNumbers, k: int) -> tuple[float | None, float | None]:
    return split_of(study.facts, study.names[k]) or (None, None)


def _paid(study: StudyNumbers, k: int) -> float | None:
    """Return what was charged, for trading and for holding."""
    cost, financing = study.value(k, "cost_drag"), study.value(k, "financing_drag")
    return None if cost is None or financing is None else cost + financing


def differences(study: StudyNumbers) -> Grid:
    """Return the differences of Sharpe ratios, row less column; those that hold are emphasised."""
    tests = {(each["first"], each["second"]): each for each in study.facts["pairs"]["tests"]}
    largest = max((abs(each["difference"] or 0.0) for each in tests.values()), default=0.0) or 1.0
    order = study.ranked
    rows = []
    for i in order:
        cells = [_pair(study, tests, i, j, largest) for j in order]
        rows.append((study.names[i], study.ink(i), cells))
    told = "Row less column, a year."
    if only_costs(study.facts):
        told += " Nothing is tested: the runs differ in nothing that could be a discovery."
    else:
        told += " The second number is the p-value of equal Sharpe ratios, told how many pairs there are; in bold "
        told += f"those at or below {study.facts['pairs']['alpha']:g}."
    heads = [(study.names[j], study.ink(j)) for j in order]
    return Grid(
        "differences", "Differences of Sharpe ratios", told, "less", heads, rows, kind=kind_of(len(order)), sorts=False
    )


def _pair(study: StudyNumbers, tests: dict[tuple[str, str], Any], i: int, j: int, largest: float) -> Cell:
    first, second = study.names[i], study.names[j]
    if i == j:
        return Cell("")
    turn = 1.0 if (first, second) in tests else -1.0
    found = tests[(first, second) if turn > 0.0 else (second, first)]
    if found["difference"] is None:
        return Cell("same" if _same(study, first, second) else NOTHING)
    value, adjusted = turn * found["difference"], found["adjusted"]
    sign = "+" if value >= SHOWN else ""
    told = f"{sign}{ratio(value)}"
    if only_costs(study.facts):
        return Cell(told, round(value / largest * FAINT, 2), hint=f"{first} less {second}: {told}")
    real = adjusted is not None and adjusted <= study.facts["pairs"]["alpha"]
    low, high = sorted((turn * found["low"], turn * found["high"]))
    hint = f"{first} less {second}: {told}, alone {ratio(low)} to {ratio(high)}, {p_words(adjusted)} among all"
    cell = f"{told} ·{HARD_SPACE}{p_value(adjusted).replace(' ', HARD_SPACE)}"
    return Cell(cell, round(value / largest * (1.0 if real else FAINT), 2), real, hint)


def _same(study: StudyNumbers, first: str, second: str) -> bool:
    return any(first in group and second in group for group in study.facts["same_returns"])


def kind_of(columns: int, most: int = MOST_WIDE) -> str:
    """Return the class of a grid by its number of columns."""
    return "grid tight" if columns > most else "grid"


def stress(study: StudyNumbers) -> Table:
    """Return Sharpe ratio and return under other assumptions beside those of the runs."""
    found = study.facts["stress"]
    columns = ["Run", "Sharpe", "trading costs × 2", "one bar later"]
    columns += ["Return a year", "return, trading costs × 2", "return, one bar later"]
    rows = []
    for k in study.ranked:
        dear, late = found["double_costs"][k] or {}, found["late"][k] or {}
        rows.append(
            [
                study.names[k],
                ratio(study.value(k, "sharpe")),
                *(ratio(each.get("sharpe")) for each in (dear, late)),
                percent(study.value(k, "annual_return"), 2),
                *(percent(each.get("annual_return"), 2) for each in (dear, late)),
            ]
        )
    note = (
        "The same decisions, carried out again at twice the costs of trading, and with each decision reaching the "
        "market one bar later. Nothing is decided anew, so these count as no trials."
    )
    if is_financed(study.facts):
        note += " The rates of financing are not doubled."
    left = [f"{study.names[k]}: {why}" for k, why in enumerate(found["left_out"]) if why is not None]
    return Table("stress", "Under other assumptions", columns, rows, note=" ".join([note, *left]))


def weights(study: StudyNumbers) -> Grid:
    """Return the average weight of each asset in each run, the largest first; beyond forty the rest as one."""
    held = [each["held"]["average"] for each in study.variants]
    names = sorted({name for each in held for name in each}, key=lambda name: -max(e.get(name, 0.0) for e in held))
    shown, rest = (names, []) if len(names) <= MOST_ASSETS else (names[: MOST_ASSETS - 1], names[MOST_ASSETS - 1 :])
    order = study.ranked
    full = max((abs(value) for each in held for value in each.values()), default=1.0) or 1.0
    rows = [(name, "", [_weight(held[k].get(name, 0.0), full) for k in order]) for name in shown]
    foot = []
    if rest:
        others = [sum(held[k].get(name, 0.0) for name in rest) for k in order]
        foot.append((f"{len(rest)} others", "", [_weight(value, full) for value in others]))
    foot.append(("Cash", "", [_weight(study.variants[k]["held"]["cash"] or 0.0, full) for k in order]))
    spread = [Cell(ratio(study.variants[k]["held"]["spread"], 1), strong=True) for k in order]
    foot.append(("As concentrated as so many equal holdings", "", spread))
    heads = [(study.names[k], study.ink(k)) for k in order]
    note = "Mean of the closing weights over the record."
    return Grid("weights", "Average weights", note, "Asset", heads, rows, foot, kind=kind_of(len(order)))


def _weight(value: float, full: float) -> Cell:
    return tinted(percent(value) if abs(value) >= 5e-5 else "", value, full)


def differs(study: StudyNumbers) -> Table:
    """Return the places in which the configurations differ: runs or places abreast, whichever are fewer."""
    found, names = study.facts["differs"], study.names
    columns, rows = ["Place", *names], [[row["place"], *row["values"]] for row in found]
    if len(found) < len(names):
        columns = ["Run", *(row["place"] for row in found)]
        rows = [[name, *(row["values"][k] for row in found)] for k, name in enumerate(names)]
    note = "Fully resolved: what a method takes when nothing is written is here too."
    return Table("differs", "What is different", columns, rows, frozenset(range(len(columns))), note)


def runs(study: StudyNumbers) -> Table:
    """Return where each run comes from."""
    columns = ["Run", "Data", "From", "To", "Assets", "Trials", "Made"]
    rows = []
    for k, each in enumerate(study.variants):
        data = each["data"]
        trials = study.facts["luck"][study.names[k]]["trials"]
        made = "for this comparison" if each["found"] is None else f"before: {each['found']}"
        cells = [str(data[key]) for key in ("name", "first", "last", "symbols")]
        rows.append([study.names[k], *cells, f"{trials:,}", made])
    return Table("runs", "The runs", columns, rows, frozenset({0, 1, 2, 3, 6}), dates=frozenset({2, 3}))
