"""The page of a comparison, one string of HTML that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtest.report.comparison import bars, charts, parts, tables
from backtest.report.comparison.benchmark import shared_benchmark_words
from backtest.report.comparison.doubts import doubts
from backtest.report.comparison.facts import is_financed, with_marked_names
from backtest.report.comparison.held import side_by_side, weights_plots
from backtest.report.comparison.numbers import StudyNumbers
from backtest.report.comparison.paid import only_costs
from backtest.report.comparison.scatter import scatter
from backtest.report.comparison.shared import shared
from backtest.report.comparison.verdict import headline, paragraphs
from backtest.report.scales import TimeAxis, is_intraday
from backtest.report.shell import asset, render_page, script_data
from backtest.report.words import count, listed, money, plural, ratio

TEMPLATE, STYLE = "comparison.html.j2", "comparison.css"


def render(study: StudyNumbers) -> str:
    """Return the page. Every text is escaped by the template; the data of the script cannot end their element."""
    axis, told = TimeAxis.of(study.times), with_marked_names(study.facts)
    rows = charts.drawn_rows(study)
    plots = [
        charts.growth_plot(study, axis, rows),
        charts.drawdown_plot(study, axis, rows),
        charts.relative_plot(study, axis, rows),
    ]
    held = side_by_side(study)
    weights = [] if held is None else weights_plots(study, held, axis)
    paid = bars.paid(study)
    return render_page(
        TEMPLATE,
        script_data(axis, [*plots, *weights], is_intraday(study.times)),
        asset(STYLE),
        study=study,
        facts=_facts(study),
        headline=headline(told),
        verdict=paragraphs(told),
        doubts=doubts(study),
        shared=shared(study),
        ranking=bars.ranking(study),
        plots=plots,
        held=held,
        weights=weights,
        scatter=scatter(study),
        paid=paid,
        told_width=bars.told_width(paid),
        tested=not only_costs(study.facts),
        financed=is_financed(study.facts),
        name_width=bars.name_width(study),
        tables={
            "ranking": tables.measured(study),
            "costs": tables.costs(study),
            "stress": tables.stress(study),
            "differs": tables.differs(study),
            "runs": tables.runs(study),
        },
        grids={
            "differences": tables.differences(study),
            "periods": parts.periods(study),
            "starts": parts.starts(study),
            "weights": tables.weights(study),
        },
    )


def _facts(study: StudyNumbers) -> list[str]:
    span = study.facts["span"]
    data = dict.fromkeys(_data(each["data"]) for each in study.variants)
    capitals = {float(each["capital"]) for each in study.variants}
    length = "" if span["years"] is None else f" ({ratio(span['years'], 1)} years)"
    found = [
        plural(len(study.names), "run"),
        f"{span['first']} to {span['last']}{length}",
        f"{count(span['rows'])} {span['by']}s",
        f"data {listed(list(data))}",
    ]
    if len(capitals) == 1:
        found.append(f"initial capital {money(capitals.pop())}")
    if any(each.get("flows") for each in study.variants):
        found.append("money came and went: returns and growth are time-weighted")
    against = shared_benchmark_words(study)
    return [*found, f"benchmark: {against}"] if against else found


def _data(data: Mapping[str, Any]) -> str:
    return f"{data['name']}{' (invented)' if data.get('invented') else ''}"
