"""What every page of ours is wrapped in: the template, the style, the script and the data that it reads."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backtest.report import colours
from backtest.report.charts.plot import TALL, WIDE, Plot
from backtest.report.names import MARKED
from backtest.report.scales import TimeAxis

if TYPE_CHECKING:
    from jinja2 import Environment

ASSETS = Path(__file__).parent / "assets"
MINUTE = 60 * 10**9
_JOINTS = re.compile(r"(?<=[A-Za-z])([_.])(?=[A-Za-z])")


def render_page(name: str, data: str, more_style: str = "", **content: Any) -> str:
    """Return the page that the template `name` makes of `content`. Every text in it is escaped by the template.

    `data` is what `script_data` returns; `more_style` are style rules behind those of every page.
    """
    code = script()
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    return (
        _environment()
        .get_template(name)
        .render(style=style() + more_style, script=code, script_hash=digest, data=data, wide=WIDE, tall=TALL, **content)
    )


def script_data(axis: TimeAxis, plots: Sequence[Plot], intraday: bool = False) -> str:
    """Return what the script needs to zoom and to read values, as JSON that cannot end its element.

    Plots of one clock must have the same moments; one clock must be called `bars`.
    """
    found = {
        "start": axis.start // 10**6,
        "end": axis.end // 10**6,
        "intraday": intraday,
        "wide": WIDE,
        "tall": TALL,
        "clocks": {plot.clock: ((plot.moments - axis.start) // MINUTE).tolist() for plot in plots},
        "plots": {plot.key: plot.script() for plot in plots},
    }
    return json.dumps(found, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


@cache
def asset(name: str) -> str:
    """Return a file of the folder of assets."""
    return (ASSETS / name).read_text(encoding="utf-8")


def style() -> str:
    """Return the style sheet of every page, its colours included."""
    return asset("page.css") + _palette()


def script() -> str:
    """Return the one script of every page."""
    return asset("page.js")


@cache
def _palette() -> str:
    """Return the colours as style rules, so that they are written once, in `colours`."""
    named = {
        "strategy": (colours.STRATEGY, colours.STRATEGY_DARK),
        "benchmark": (colours.BENCHMARK, colours.BENCHMARK_DARK),
        "gain": (colours.GAIN, colours.GAIN_DARK),
        "loss": (colours.LOSS, colours.LOSS_DARK),
        "others": (colours.OTHER, colours.OTHER_DARK),
    }
    pairs = zip(colours.PALETTE, colours.PALETTE_DARK, strict=True)
    named |= {f"k{place}": pair for place, pair in enumerate(pairs)}
    groups = zip((*colours.LONGS, *colours.SHORTS), (*colours.LONGS_DARK, *colours.SHORTS_DARK), strict=True)
    named |= {f"f{place}": pair for place, pair in enumerate(groups)}
    light = "".join(f"--{name}:{pair[0]};" for name, pair in named.items())
    dark = "".join(f"--{name}:{pair[1]};" for name, pair in named.items())
    inks = "".join(f".{name}{{--c:var(--{name})}}" for name in named)
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}{inks}"


@cache
def _environment() -> Environment:
    # Imported here: a run without a page does not need it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup, escape

    def parted(text: object) -> Markup:
        """Let a line end behind the signs that join words, rather than inside a word."""
        return Markup(_JOINTS.sub(r"\1<wbr>", str(escape(text))))

    def named(text: object) -> Markup:
        """Set the names of runs in bold."""
        return Markup(MARKED.sub(r"<b>\1</b>", str(escape(text))))

    environment = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"parted": parted, "named": named}
    return environment
