"""Numbers as people read them. Plain text: escaping is the page's business."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from backtest.types import Ints

NOTHING = "–"
MINUS = "−"
LEAST = {"annual_return": -1.0, "volatility": 0.0}
"""Below which a metric cannot be, whatever a normal distribution says."""

NORMAL_95 = 1.959963984540054
"""Standard errors on either side of what 95 % of a normal distribution lies in."""


def percent(value: float | None, digits: int = 1, sign: bool = False) -> str:
    """Write a fraction as a percentage: 0.1234 is 12.3%."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return _signed(value * 100.0, f",.{digits}f", sign) + "%"


def chance(value: float | None) -> str:
    """Write a probability as a percentage, never rounded up: 0.9499 is not yet 95.0%."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return percent(math.floor(value * 1000.0 + 1e-9) / 1000.0)


def p_value(value: float | None, digits: int = 2) -> str:
    """Write a p-value; one that would be 0.00 is `< 0.01`, for none is zero."""
    if value is None or not math.isfinite(value):
        return NOTHING
    least = 10.0**-digits
    return f"< {least:.{digits}f}" if value < least else f"{value:.{digits}f}"


def p_words(value: float | None, digits: int = 2) -> str:
    """Write a p-value as a statement: p = 0.40, p < 0.01."""
    told = p_value(value, digits)
    return f"p {told}" if told.startswith("<") else f"p = {told}"


def money(value: float | None, sign: bool = False) -> str:
    """Write an amount: whole units from 1,000 on, cents below."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return _signed(value, ",.0f" if abs(value) >= 999.995 or value == 0.0 else ",.2f", sign)


def ratio(value: float | None, digits: int = 2) -> str:
    """Write a plain number."""
    return NOTHING if value is None or not math.isfinite(value) else _signed(value, f",.{digits}f", False)


def count(value: float | None) -> str:
    """Write a whole number."""
    return NOTHING if value is None else f"{int(value):,}"


def plural(number: int, noun: str) -> str:
    """Write a count with its noun: 1 rebalance, 2 rebalances."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") else f"{number:,} {noun}s"


def listed(names: list[str], most: int = 4) -> str:
    """Write a list of names as a sentence would, the rest counted."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most:,} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "none"


def compact(value: float) -> str:
    """Write an amount for an axis: 1.2M, 350k."""
    size = abs(value)
    for unit, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if size >= unit:
            return _signed(value / unit, ".10g", False) + letter
    return _signed(value, ".10g", False)


def day(stamp: int, intraday: bool = False) -> str:
    """Name the UTC day in which a bar ends (UTC nanoseconds), or its minute; midnight belongs to the day before."""
    if intraday:
        return str(np.datetime64(int(stamp), "ns").astype("datetime64[m]")).replace("T", " ")
    return str(np.datetime64(int(stamp) - 1, "ns").astype("datetime64[D]"))


def days(stamps: Ints, intraday: bool = False) -> list[str]:
    """Name many bars at once, as `day` does."""
    if intraday:
        return [text.replace("T", " ") for text in stamps.astype("datetime64[ns]").astype("datetime64[m]").astype(str)]
    return [str(text) for text in (stamps - 1).astype("datetime64[ns]").astype("datetime64[D]").astype(str)]


def span(number_of_days: float | None) -> str:
    """Write a length of time in the unit that people would use."""
    if number_of_days is None:
        return NOTHING
    if number_of_days >= 730.5:
        return f"{number_of_days / 365.25:.1f} years"
    if number_of_days >= 60:
        return f"{number_of_days / 30.4375:.0f} months"
    if number_of_days >= 2:
        return f"{number_of_days:.0f} days"
    return f"{number_of_days * 24:.0f} hours"


def metric(found: Mapping[str, Any] | None) -> str:
    """Write the value of a metric by its unit."""
    if found is None or found["value"] is None:
        return NOTHING
    value, unit = found["value"], found["unit"]
    if unit == "fraction":
        return percent(value, 2)
    if unit == "money":
        return money(value)
    if unit == "count":
        return count(value)
    if unit in ("days", "years"):
        return ratio(value, 0 if unit == "days" else 2)
    return str(value) if isinstance(value, str) else ratio(value)


def interval(found: Mapping[str, Any] | None) -> str:
    """Write the interval of a metric in its unit; empty where it has none."""
    ends = bounds(found)
    if found is None or ends is None:
        return ""
    low, high = (percent(end) if found["unit"] == "fraction" else ratio(end) for end in ends)
    return f"{low} to {high}"


def bounds(found: Mapping[str, Any] | None) -> tuple[float, float] | None:
    """Return the ends of a metric's interval; where a run kept a standard error alone, those of a normal 95 %."""
    within: Mapping[str, Any] = (found or {}).get("interval") or {}
    if within.get("low") is not None and within.get("high") is not None:
        return float(within["low"]), float(within["high"])
    if found is None or within.get("error") is None or found["value"] is None:
        return None
    room = NORMAL_95 * float(within["error"])
    least = LEAST.get(str(found.get("key")), -math.inf)
    return max(float(found["value"]) - room, least), float(found["value"]) + room


def certainty(found: Mapping[str, Any]) -> str:
    """Say how the interval of a metric was found."""
    within: Mapping[str, Any] = found.get("interval") or {}
    alone = within.get("low") is None or within.get("high") is None
    return (
        f"95%: {ratio(NORMAL_95)} standard errors to either side; {within['convention']}"
        if alone
        else str(within["convention"])
    )


def _signed(value: float, form: str, sign: bool) -> str:
    text = format(abs(value), form)
    if not text.strip("0.,"):
        return text
    return (MINUS if value < 0 else "+" if sign else "") + text
