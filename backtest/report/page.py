"""Layer three: the page, one string of HTML that needs nothing beside it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backtest.report import charts, colours, tables, words
from backtest.report.charts.plot import TALL, WIDE, Plot
from backtest.report.findings import doubtful, outcomes
from backtest.report.numbers import RunNumbers
from backtest.report.scales import TimeAxis

if TYPE_CHECKING:
    from jinja2 import Template

ASSETS = Path(__file__).parent / "assets"
MINUTE = 60 * 10**9


@dataclass(frozen=True)
class Tile:
    """One headline number with what stands below it."""

    label: str
    value: str
    below: str
    tone: str = ""


def render(run: RunNumbers) -> str:
    """Return the page. Every text is escaped by the template; the data of the script cannot end their element."""
    axis = TimeAxis.of(run.times)
    rows = charts.drawn_rows(run)
    plots = [
        charts.equity_plot(run, axis, rows),
        charts.drawdown_plot(run, axis, rows),
        charts.weights_plot(run, axis),
    ]
    if run.turnover.any():
        plots.append(charts.turnover_plot(run, axis))
    if run.cost.any():
        plots.append(charts.cost_plot(run, axis))
    style, script = _asset("page.css") + _palette(), _asset("page.js")
    return _template().render(
        run=run,
        facts=_facts(run),
        tiles=_tiles(run),
        outcomes=outcomes(run),
        doubts=doubtful(run),
        plots=plots,
        contributions=charts.contributions(run),
        months=charts.months(run),
        month_names=charts.MONTHS,
        metrics=tables.metric_tables(run),
        tables={
            "years": tables.years(run),
            "drawdowns": tables.drawdowns(run),
            "contributions": tables.contributions(run),
            "costs": tables.costs(run),
            "events": tables.events(run),
            "log": tables.log(run),
            "manifest": tables.manifest(run),
        },
        style=style,
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        data=_data(run, axis, plots),
        wide=WIDE,
        tall=TALL,
    )


def _facts(run: RunNumbers) -> list[str]:
    data: Mapping[str, Any] = run.manifest.get("data", {})
    bars = words.count(run.times.size)
    found = [
        f"{run.value('start')} to {run.value('end')}",
        f"{bars} bar" if run.times.size == 1 else f"{bars} bars",
        words.plural(len(run.symbols), "asset"),
        f"data {data.get('name', 'unknown')}, {str(data.get('price_kind', 'prices')).replace('_', ' ')}",
        f"initial capital {words.money(run.capital)}",
    ]
    fill = run.config.get("execution", {}).get("fill")
    if fill:
        found.append(f"filled at the {str(fill).replace('_', ' ')}")
    return [*found, _fallbacks(run)] if run.allocation else found


def _fallbacks(run: RunNumbers) -> str:
    """Say in the headline how often the allocation method was replaced, never included."""
    number, answers = int(run.allocation["fallbacks"]), words.plural(int(run.allocation["answers"]), "allocation")
    return f"{words.plural(number, 'fallback')} in {answers}" if number else f"no fallbacks in {answers}"


def _tiles(run: RunNumbers) -> list[Tile]:
    total, drag, pace = run.value("total_return"), run.value("cost_drag"), run.value("turnover")
    tone = "" if not total else "good" if total > 0 else "bad"
    return [
        Tile("Total return", words.percent(total, sign=True), _beside(run, "total_return", percent=True), tone),
        Tile("Annual return", _shown(run, "annual_return"), _beside(run, "annual_return", percent=True)),
        Tile("Volatility", _shown(run, "volatility"), _beside(run, "volatility", percent=True)),
        Tile("Sharpe ratio", words.ratio(run.value("sharpe")), _beside(run, "sharpe")),
        Tile("Deepest drawdown", _shown(run, "max_drawdown"), _beside(run, "max_drawdown", percent=True)),
        Tile(
            "Cost a year", words.percent(drag, 2), "" if pace is None else f"{words.percent(pace, 0)} turnover a year"
        ),
    ]


def _shown(run: RunNumbers, key: str) -> str:
    return words.percent(run.value(key))


def _beside(run: RunNumbers, key: str, percent: bool = False) -> str:
    if key not in run.benchmark_metrics:
        return ""
    value = run.benchmark_metrics[key]["value"]
    return f"benchmark {words.percent(value) if percent else words.ratio(value)}"


def _data(run: RunNumbers, axis: TimeAxis, plots: list[Plot]) -> str:
    clocks = {plot.clock: ((plot.moments - axis.start) // MINUTE).tolist() for plot in plots}
    found = {
        "start": axis.start // 10**6,
        "end": axis.end // 10**6,
        "intraday": run.intraday,
        "wide": WIDE,
        "tall": TALL,
        "clocks": clocks,
        "plots": {plot.key: plot.script() for plot in plots},
    }
    return json.dumps(found, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


@cache
def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


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
    light = "".join(f"--{name}:{pair[0]};" for name, pair in named.items())
    dark = "".join(f"--{name}:{pair[1]};" for name, pair in named.items())
    inks = "".join(f".{name}{{--c:var(--{name})}}" for name in named)
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}{inks}"


@cache
def _template() -> Template:
    # Imported here: a run without a page does not need it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")
