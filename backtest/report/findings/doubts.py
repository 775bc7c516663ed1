"""What should make a reader careful. Each rule speaks only when it has a reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from backtest.report.findings.account import called, free_holding
from backtest.report.findings.costs import costless, dear, partly_costless
from backtest.report.findings.finding import Finding, Rule
from backtest.report.findings.flows import cut, emptied, emptied_on
from backtest.report.findings.luck import behind_benchmark, below_cash, close_to_benchmark, few_bars, lucky, one_asset
from backtest.report.numbers import RunNumbers
from backtest.report.words import count, listed, percent, plural, ratio

MUCH_OF_MONEY = 0.1
"""Share of the money traded, above which trades that are large for their bars are told."""

SHORT_YEARS = 3.0
FEW_REBALANCES = 12
MOST_WARNINGS = 4
LOOKS_AHEAD = re.compile("looks? ahead")
"""Words of a warning that says that an estimate uses what was not known yet."""
TEACHES_NOTHING = "What is found on them shows how rules work, and nothing about any market."
GAVE_UP = " gave up: "
"""Words of a warning that `fallen_back` has counted already."""


def ruined(run: RunNumbers) -> Finding | None:
    """The account ended before the data."""
    found = run.events[run.events["kind"] == "bankrupt"]
    if found.empty or emptied_on(run.events) is not None:
        return None
    when = found["time"].iloc[0].strftime("%Y-%m-%d")
    text = f"On {when} the account was worth nothing or less. Nothing was traded after that; the rest is a flat line."
    return Finding("ruined", "serious", "The account was ruined", text)


def untraded(run: RunNumbers) -> Finding | None:
    """Nothing happened."""
    if run.value("fills"):
        return None
    text = (
        "No order was ever filled, so the record is that of cash. See the rebalance log for what was decided and why."
    )
    return Finding("untraded", "serious", "Nothing was traded", text)


def short(run: RunNumbers) -> Finding | None:
    """Too little time for annual figures."""
    years = run.value("years")
    if years is not None and years >= SHORT_YEARS:
        return None
    length = "one bar" if years is None else f"{ratio(years, 1)} years"
    text = f"The record covers {length}. Annual figures from fewer than {SHORT_YEARS:.0f} years are mostly chance."
    return Finding("short", "doubt", "Short record", text)


def few(run: RunNumbers) -> Finding | None:
    """Too few decisions to speak of a rule."""
    number = run.value("rebalances")
    if not number or number >= FEW_REBALANCES:
        return None
    text = (
        f"Only {plural(int(number), 'rebalance')}: the result is that of a few decisions, not of the rule behind them."
    )
    return Finding("few", "doubt", "Few rebalances", text)


def same_close(run: RunNumbers) -> Finding | None:
    """Decided and filled at one price."""
    if _setting(run.config, "execution", "fill") != "same_close":
        return None
    text = "Orders are filled at the very close they are decided on. Nobody can trade like that; next_close is honest."
    return Finding("same_close", "serious", "Fills at the deciding price", text)


def unprobed(run: RunNumbers) -> Finding | None:
    """Nobody looked whether the strategy looks ahead."""
    if _setting(run.manifest, "probe", "mode") != "off":
        return None
    text = "The look-ahead probe was switched off, so nothing checked that decisions do not use the future."
    return Finding("unprobed", "serious", "Not probed for look-ahead", text)


def adjusted_units(run: RunNumbers) -> Finding | None:
    """Lots, ticks or costs per share in units that were never traded."""
    if not _setting(run.config, "execution", "allow_adjusted_units"):
        return None
    text = "Lots, ticks and costs per share were counted in adjusted units and prices, which the market never had."
    return Finding("adjusted_units", "doubt", "Units were never traded", text)


def thin(run: RunNumbers) -> Finding | None:
    """Trades that were a large part of all that the market traded."""
    taken = run.manifest.get("volume")
    if taken is None or (taken["largest"] <= 1.0 and taken["much"] <= MUCH_OF_MONEY):
        return None
    beyond = int(taken["beyond"])
    text = f"Trades took up to {percent(taken['largest'], 0)} of the volume of their bar"
    text += f", and {count(beyond)} of them more than all that was traded" if beyond else ""
    text += (
        f"; {percent(taken['much'], 0)} of the money traded was in trades above a tenth of it. Nobody can trade so"
        " much at these prices: `execution: {participation: 0.1}` caps what a bar may fill."
    )
    title = "More than the market traded" if beyond else "Trades are large for this market"
    return Finding("thin", "serious" if beyond else "doubt", title, text)


def invented(run: RunNumbers) -> Finding | None:
    """Prices that nobody ever paid."""
    data = run.manifest.get("data") or {}
    if not data.get("invented"):
        return None
    return Finding("invented", "serious", "The prices are invented", f"{_of_source(data)} {TEACHES_NOTHING}")


def _of_source(data: Mapping[str, Any]) -> str:
    """Name the store, and what it says of itself behind its first word."""
    told = str(data.get("source")).partition(": ")[2]
    return f"Nobody ever paid those of {data.get('name')}{f' ({told})' if told else ''}."


def todays_list(run: RunNumbers) -> Finding | None:
    """A universe without the dead."""
    universe = _setting(run.config, "market", "symbols")
    if isinstance(universe, Mapping) or (run.fills["reason"] == "delisting").any() or invented(run) is not None:
        return None
    text = (
        "The symbols are one fixed list, and nothing says when each of them entered it or left. Names that failed on "
        "the way are probably missing, which flatters every result."
    )
    return Finding("todays_list", "doubt", "Universe is today's list", text)


def fallen_back(run: RunNumbers) -> Finding | None:
    """An allocation method that had to be replaced."""
    number, held = int(run.allocation.get("fallbacks", 0)), int(run.allocation.get("held", 0))
    if not number:
        return None
    answers = plural(int(run.allocation.get("answers", 0)), "allocation")
    left = f" In {held:,} of them everything was left as it was." if held else ""
    why = _first_reason(run)
    text = f"In {number:,} of {answers} the method gave no answer and a fallback took over.{left}{why}"
    return Finding("fallen_back", "doubt", "Fallbacks were used", text)


def _first_reason(run: RunNumbers) -> str:
    """Say why a method gave up first, in its own words, which stand before its other warnings."""
    told = run.rebalances["warnings"].dropna() if "warnings" in run.rebalances else ()
    said = next((str(text) for texts in told for text in texts if GAVE_UP in text), None)
    return " The log says why." if said is None else f" The first time: {said.rstrip('.')}."


def allocation_warned(run: RunNumbers) -> list[Finding]:
    """What the allocator warned of, each thing once, in one finding; an estimate that looks ahead is a serious one."""
    if "warnings" not in run.rebalances:
        return []
    texts = [str(text) for told in run.rebalances["warnings"] if told is not None for text in told]
    said = Counter(text for text in texts if GAVE_UP not in text)
    ahead = [_counted(text, number) for text, number in said.items() if LOOKS_AHEAD.search(text)]
    rest = [_counted(text, number) for text, number in said.most_common() if not LOOKS_AHEAD.search(text)]
    if len(rest) > MOST_WARNINGS:
        rest[MOST_WARNINGS:] = [f"{len(rest) - MOST_WARNINGS:,} more are in rebalances.parquet."]
    found = [Finding("allocation", "serious", "Allocation looks ahead", " ".join(ahead))] if ahead else []
    if rest:
        found.append(Finding("allocation", "doubt", "What the allocator warned of", " ".join(rest)))
    return found


def _counted(text: str, number: int) -> str:
    return f"{_sentence(text)} Said {'once' if number == 1 else f'{number:,} times'}."


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


_EVENTS: dict[str, tuple[str, str]] = {
    "stale": ("Stale prices", "A held asset went without a trade for longer than allowed; its last price was carried"),
    "scaled": ("Purchases were cut", "Money did not suffice for a whole basket, so its purchases were scaled down"),
    "halted": ("Orders lapsed", "An asset had no bar when its order should have been filled; the order lapsed"),
    "untradable_target": (
        "Targets out of reach",
        "A weight was asked for an asset that could not be traded; it stayed cash",
    ),
    "short_dropped": ("Shorts were dropped", "A cash account cannot sell short; the order was dropped"),
    "cost_exceeds_equity": ("Trades dropped for their cost", "A trade was dropped because its cost could not be paid"),
    "unfilled_at_end": ("Orders still working", "An order of the last decision had no bar left to be filled in"),
}


EARLY = " What opens first is not paid from what is sold later: keep some cash (constraints.cash_reserve)."
"""Why baskets of several calendars are cut."""


def events(run: RunNumbers) -> list[Finding]:
    """One finding for each kind of mishap that occurred."""
    found = []
    for kind, (title, text) in _EVENTS.items():
        rows = run.events[run.events["kind"] == kind]
        if kind == "scaled":  # openings are cut a little at every gap, small ones a lot; what matters the run has said
            rows = _worth_speaking_of(run, rows)
        if not rows.empty:
            why = EARLY if kind == "scaled" and len((run.manifest.get("data") or {}).get("calendars") or {}) > 1 else ""
            found.append(Finding(kind, "doubt", title, f"{text}{_occurrences(run, kind, rows)}.{why}"))
    return found


def _worth_speaking_of(run: RunNumbers, rows: Any) -> Any:
    """Return the cuts that the run warns of; folders of earlier versions do not say which baskets were small."""
    told = run.manifest.get("cut_baskets")
    if told is None:
        return rows[rows["value"] < (_setting(run.config, "execution", "warn_below") or 1.0)]
    return rows[rows["value"].isin(told)]


def _occurrences(run: RunNumbers, kind: str, rows: Any) -> str:
    times = "once" if len(rows) == 1 else f"{count(len(rows))} times"
    names = sorted({str(name) for name in rows["symbol"].dropna() if name})
    if kind == "scaled":
        below = float(_setting(run.config, "execution", "warn_below") or 1.0)
        far = "" if below == 1.0 else f" by more than {percent(1.0 - below, 0)}"
        return f"{far}: {times}, down to {percent(float(np.nanmin(rows['value'])))} at worst"
    return f": {times}, {listed(names)}" if names else f": {times}"


def warned(run: RunNumbers) -> list[Finding]:
    """What the run itself warned of."""
    return [Finding("warning", "doubt", "Warning of the run", str(text)) for text in run.manifest.get("warnings", ())]


def _setting(tree: Mapping[str, Any], section: str, key: str) -> Any:
    found = tree.get(section)
    return found.get(key) if isinstance(found, Mapping) else None


RULES: tuple[Rule, ...] = (
    invented,
    ruined,
    emptied,
    called,
    untraded,
    same_close,
    costless,
    free_holding,
    unprobed,
    lucky,
    below_cash,
    short,
    few,
    close_to_benchmark,
    behind_benchmark,
    few_bars,
    one_asset,
    cut,
    dear,
    partly_costless,
    fallen_back,
    adjusted_units,
    thin,
    todays_list,
)
