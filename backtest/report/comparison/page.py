"""The page of a comparison, one string of HTML that needs nothing beside it."""

from __future__ import annotations

import numpy as np

from backtest.report.comparison import bars, charts, tables
from backtest.report.comparison.doubts import doubts
from backtest.report.comparison.numbers import StudyNumbers
from backtest.report.comparison.scatter import scatter
from backtest.report.comparison.verdict import headline, verdict
from backtest.report.scales import TimeAxis
from backtest.report.shell import asset, render_page, script_data
from backtest.report.words import count, listed, money, plural, ratio

TEMPLATE, STYLE = "comparison.html.j2", "comparison.css"


def render(study: StudyNumbers) -> str:
    """Return the page. Every text is escaped by the template; the data of the script cannot end their element."""
    axis = TimeAxis.of(study.times)
    rows = charts.drawn_rows(study)
    plots = [
        charts.growth_plot(study, axis, rows),
        charts.drawdown_plot(study, axis, rows),
        charts.relative_plot(study, axis, rows),
    ]
    return render_page(
        TEMPLATE,
        script_data(axis, plots, _intraday(study)),
        asset(STYLE),
        study=study,
        facts=_facts(study),
        headline=headline(study.facts),
        verdict=verdict(study.facts),
        doubts=doubts(study),
        ranking=bars.ranking(study),
        plots=plots,
        scatter=scatter(study),
        paid=bars.paid(study),
        tables={
            "ranking": tables.measured(study),
            "costs": tables.costs(study),
            "stress": tables.stress(study),
            "differs": tables.differs(study),
            "runs": tables.runs(study),
        },
        grids={
            "differences": tables.differences(study),
            "periods": tables.periods(study),
            "starts": tables.starts(study),
            "weights": tables.weights(study),
        },
    )


def _intraday(study: StudyNumbers) -> bool:
    return study.times.size > 1 and float(np.median(np.diff(study.times))) < 20 * 3600e9


def _facts(study: StudyNumbers) -> list[str]:
    span = study.facts["span"]
    data = dict.fromkeys(str(each["data"]["name"]) for each in study.variants)
    capitals = {float(each["capital"]) for each in study.variants}
    length = "" if span["years"] is None else f" ({ratio(span['years'], 1)} years)"
    found = [
        plural(len(study.names), "run"),
        f"{span['first']} to {span['last']}{length}",
        f"{count(span['rows'])} {span['by']}s",
        f"data {listed(list(data))}",
    ]
    return [*found, f"initial capital {money(capitals.pop())}"] if len(capitals) == 1 else found
