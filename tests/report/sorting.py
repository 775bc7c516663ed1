"""Every table of a page that says it sorts is sorted by each of its columns, and read back."""

from __future__ import annotations

import json
import re
from itertools import pairwise

from .browser import Browser

HOLDERS = """[...document.querySelectorAll('.table, .months')].filter((holder) =>
    holder.querySelector('tbody') && holder.querySelector('tbody').rows.length > 1).map((holder) =>
    [holder.id, 'sorts' in holder.querySelector('table').dataset, holder.querySelectorAll('thead button').length,
    holder.querySelectorAll('thead th').length, holder.querySelectorAll(':scope > .copy').length])"""
ROWS = """[...document.getElementById({key}).querySelectorAll('tbody tr')].map((row) => [...row.cells].map((cell) =>
    [cell.textContent.trim(), cell.dataset.key === undefined ? null : +cell.dataset.key]))"""
CLICK = "document.getElementById({key}).querySelectorAll('thead button')[{column}].click()"
NUMERIC = "[...document.getElementById({key}).querySelectorAll('thead th')].map((head) => head.classList.contains('n'))"
LENGTHS = {"hours": 1.0 / 24.0, "days": 1.0, "months": 30.4375, "years": 365.25}

Row = list[tuple[str, float | None]]


def check_tables(browser: Browser) -> set[str]:
    """Sort each table each way by each column; return the ids of those that sort."""
    found = set()
    for key, sorts, buttons, heads, copies in browser.run(HOLDERS):
        assert copies == 1, key
        assert buttons == (heads if sorts else 0), key
        if sorts:
            found.add(key)
            _check_table(browser, json.dumps(key))
    return found


def _check_table(browser: Browser, key: str) -> None:
    before = browser.run(ROWS.format(key=key))
    for column, numeric in enumerate(browser.run(NUMERIC.format(key=key))):
        ways = []
        for _ in range(2):
            browser.run(CLICK.format(key=key, column=column))
            rows = browser.run(ROWS.format(key=key))
            assert sorted(rows, key=str) == sorted(before, key=str)
            ways.append([value for row in rows if (value := _read(row[column], numeric)) is not None])
        up, down = ways[::-1] if numeric else ways  # numbers begin with the largest, words with the first
        assert _ascends(browser, up), (key, column)
        assert _ascends(browser, down[::-1]), (key, column)
        browser.run(CLICK.format(key=key, column=column))
        assert browser.run(ROWS.format(key=key)) == before, key


def _read(cell: tuple[str, float | None], numeric: bool) -> float | str | None:
    """Return what a reader takes a cell for: a length of time in days, a number, or a text."""
    text = cell[0]
    if not numeric:
        return text or None
    found = re.search(r"-?[\d,]*\.?\d+", text.replace("−", "-"))
    if found is None:
        return None
    unit = LENGTHS.get(text.rpartition(" ")[2])
    return float(found[0].replace(",", "")) if unit is None else round(float(found[0].replace(",", "")) * unit / 45.0)


def _ascends(browser: Browser, values: list[float | str]) -> bool:
    """Say whether values ascend, texts as an English dictionary has them."""
    if all(isinstance(value, float | int) for value in values):
        return values == sorted(values)
    pairs = json.dumps(list(pairwise(values)))
    return bool(browser.run(f"{pairs}.every(([a, b]) => new Intl.Collator('en').compare(a, b) <= 0)"))
