"""Names of runs inside sentences: marked, so that nobody reads `never` or `daily` as a word of the sentence."""

from __future__ import annotations

import re

FIRST, LAST = "\u2068", "\u2069"
"""What Unicode has around a text of somebody else's that stands inside another (isolates)."""

MARKED = re.compile(f"{FIRST}([^{FIRST}{LAST}]*){LAST}")


def marked(name: object) -> str:
    """Return a name with the marks around it: the page makes it bold."""
    return f"{FIRST}{name}{LAST}"


def quoted(text: str) -> str:
    """Return a text for where nothing can be bold, with marked names in quotation marks."""
    return MARKED.sub(r"'\1'", text)
