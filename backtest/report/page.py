"""Layer three: the page, one string of HTML that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backtest.report import charts, tables, words
from backtest.report.content.account import financing, on_margin
from backtest.report.content.flows import flow_words
from backtest.report.content.plan import benchmark_words, strategy_words
from backtest.report.findings import doubtful, outcomes
from backtest.report.numbers import RunNumbers
from backtest.report.scales import TimeAxis
from backtest.report.shell import render_page, script_data


@dataclass(frozen=True)
class Tile:
    """One headline number with the lines below it."""

    label: str
    value: str
    below: list[str]
    tone: str = ""


def render(run: RunNumbers) -> str:
    """Return the page. Every text is escaped by the template; the data of the script cannot end their element."""
    axis = TimeAxis.of(run.times)
    sections = [(title, plots) for title, plots in _sections(run, axis) if plots]
    return render_page(
        "page.html.j2",
        script_data(axis, [plot for _, plots in sections for plot in plots], run.intraday),
        run=run,
        facts=_facts(run),
        tiles=_tiles(run),
        outcomes=outcomes(run),
        doubts=doubtful(run),
        sections=sections,
        financed=bool(financing(run)),
        contributions=charts.contributions(run),
        bridge=charts.bridge_bars(run),
        months=charts.months(run),
        yearly=charts.yearly_panel(run),
        distribution=charts.distribution_panel(run),
        risk=charts.risk_pairs(run),
        correlation=charts.correlation_matrix(run),
        trades=charts.trade_panels(run),
        metrics=tables.metric_tables(run),
        tables=_tables(run),
    )


def _sections(run: RunNumbers, axis: TimeAxis) -> list[tuple[str, list[charts.Plot]]]:
    """Return the charts on the one time axis, by what they are about."""
    rows = charts.drawn_rows(run)
    alone = charts.growth_plot(run, axis, rows)
    growth = [charts.equity_plot(run, axis, rows), *([alone] if alone else []), charts.drawdown_plot(run, axis, rows)]
    held = [charts.weights_plot(run, axis), charts.exposure_plot(run, axis), charts.drift_plot(run, axis)]
    paid = [
        charts.turnover_plot(run, axis) if run.turnover.any() else None,
        charts.cost_plot(run, axis) if run.cost.any() else None,
        charts.financing_plot(run, axis),
    ]
    return [
        ("Growth and risk", [*growth, *charts.rolling_plots(run, axis)]),
        ("What was held", [plot for plot in held if plot is not None]),
        ("Trading", [plot for plot in paid if plot is not None]),
    ]


def _tables(run: RunNumbers) -> dict[str, Any]:
    return {
        "years": tables.years(run),
        "drawdowns": tables.drawdowns(run),
        "contributions": tables.contributions(run),
        "bridge": tables.gross_to_net(run),
        "returns": tables.returns_of_bars(run),
        "rolling": tables.rolled(run),
        "assets": tables.assets(run),
        "trades": tables.trades(run),
        "costs": tables.costs(run),
        "events": tables.events(run),
        "log": tables.log(run),
        "manifest": tables.manifest(run),
    }


def _facts(run: RunNumbers) -> list[str]:
    data: Mapping[str, Any] = run.manifest.get("data", {})
    bars = words.count(run.times.size)
    found = [
        f"{run.value('start')} to {run.value('end')}",
        f"{bars} bar" if run.times.size == 1 else f"{bars} bars",
        words.plural(len(run.symbols), "asset"),
        f"data {data.get('name', 'unknown')}, {_kind(data)}",
        f"initial capital {words.money(run.capital)} {run.currency}".rstrip(),
    ]
    if moved := flow_words(run):
        found.append(moved)
    if followed := strategy_words(run.config):
        found.insert(0, followed)
    if against := benchmark_words(run.config):
        found.append(f"benchmark: {against}")
    fill = run.config.get("execution", {}).get("fill")
    if fill:
        found.append(f"filled at the {str(fill).replace('_', ' ')}")
    if on_margin(run):
        found.append("account on margin")
    return [*found, _fallbacks(run)] if run.allocation else found


def _kind(data: Mapping[str, Any]) -> str:
    """Say what kind of prices these are."""
    kind = str(data.get("price_kind", "prices")).replace("_", " ")
    return f"{kind}, invented" if data.get("invented") else kind


def _fallbacks(run: RunNumbers) -> str:
    """Say in the headline how often the allocation method was replaced, never included."""
    number, answers = int(run.allocation["fallbacks"]), words.plural(int(run.allocation["answers"]), "allocation")
    return f"{words.plural(number, 'fallback')} in {answers}" if number else f"no fallbacks in {answers}"


def _tiles(run: RunNumbers) -> list[Tile]:
    total, drag, pace = run.value("total_return"), run.value("cost_drag"), run.value("turnover")
    tone = "" if not total else "good" if total > 0 else "bad"
    turned = "" if pace is None else f"{words.percent(pace, 0)} turnover a year"
    held = run.value("financing_drag")
    below = ["of the account", turned, f"financing {words.percent(held, 2)}" if held else ""]
    return [
        Tile("Total return", words.percent(total, sign=True), [*_weighted(run), *_below(run, "total_return")], tone),
        Tile(
            "Annual return",
            words.percent(run.value("annual_return")),
            [*_money_weighted(run), *_below(run, "annual_return")],
        ),
        Tile("Volatility", words.percent(run.value("volatility")), _below(run, "volatility")),
        Tile("Sharpe ratio", words.ratio(run.value("sharpe")), [*_below(run, "sharpe"), *_deflated(run)]),
        Tile("Deepest drawdown", words.percent(run.value("max_drawdown")), _below(run, "max_drawdown")),
        Tile("Cost a year", words.percent(drag, 2), [text for text in below if text]),
    ]


def _weighted(run: RunNumbers) -> list[str]:
    """Say what kind of return it is where there are two."""
    return ["time-weighted"] if run.has_flows else []


def _money_weighted(run: RunNumbers) -> list[str]:
    rate = run.value("money_weighted_return")
    return [f"money-weighted {words.percent(rate)}"] if run.has_flows and rate is not None else []


def _below(run: RunNumbers, key: str) -> list[str]:
    """Return the interval of a headline number, and the benchmark's number beside it."""
    found, lines = run.metrics.get(key), []
    if within := words.interval(found):
        lines.append(f"{_level(found)}: {within}")
    if key in run.benchmark_metrics:
        value, is_ratio = run.benchmark_metrics[key]["value"], run.benchmark_metrics[key]["unit"] == "ratio"
        lines.append(f"benchmark {words.ratio(value) if is_ratio else words.percent(value)}")
    return lines


def _level(found: Mapping[str, Any] | None) -> str:
    """Name what an interval is: of the deepest drawdown it is the range of resampled histories, not of a parameter."""
    within: Mapping[str, Any] = (found or {}).get("interval") or {}
    level = f"{within.get('level') or 0.95:.0%}"
    return f"{level} of resamples" if "resamples" in str(within.get("convention", "")) else level


def _deflated(run: RunNumbers) -> list[str]:
    deflated, trials = run.value("deflated_sharpe"), run.value("trials")
    if deflated is None or not trials:
        return []
    return [f"deflated {words.chance(deflated)}, {words.plural(int(trials), 'trial')}"]
