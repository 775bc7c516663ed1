"""What runs held stands side by side on the page of a comparison, and the benchmark beside them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtest import BacktestError, Study, metrics
from backtest.report.comparison.benchmark import benchmark_metrics
from backtest.report.comparison.doubts import _longer, _of_several, _together, doubts
from backtest.report.comparison.held import side_by_side, weights_plots
from backtest.report.comparison.numbers import StudyNumbers, read_study
from backtest.report.comparison.shared import shared, told_of
from backtest.report.findings import Finding
from backtest.report.names import quoted
from backtest.report.numbers import RunNumbers
from backtest.report.scales import TimeAxis
from backtest.report.words import days


@pytest.fixture(scope="module")
def numbers(study: Study) -> StudyNumbers:
    return read_study(study.folder)


def test_weights_are_those_of_the_runs(numbers: StudyNumbers) -> None:
    found = side_by_side(numbers)
    assert found is not None
    assert [held.place for held in found.runs] == numbers.ranked
    assert found.stack.names[0] == "DDD"  # the largest first
    for held in found.runs:
        frame = pd.read_parquet(numbers.folder / "runs" / numbers.names[held.place] / "weights.parquet")
        kept = frame.set_index(frame["time"].astype("datetime64[ns, UTC]").astype("int64")).loc[held.times]
        np.testing.assert_array_equal(held.weights, kept[found.stack.names].fillna(0.0))


def test_all_have_one_scale_one_axis_and_one_order(numbers: StudyNumbers) -> None:
    found = side_by_side(numbers)
    assert found is not None
    plots = weights_plots(numbers, found, TimeAxis.of(numbers.times))
    assert len({(plot.scale, plot.axis) for plot in plots}) == 1
    assert len({tuple((layer.name, layer.ink) for layer in plot.layers) for plot in plots}) == 1
    assert [layer.name for layer in plots[0].layers] == [name for name, _ in found.entries]


def test_only_what_is_compared_is_shown(numbers: StudyNumbers) -> None:
    later = replace(numbers, times=numbers.times[40:90])
    found = side_by_side(later)
    assert found is not None
    for held in found.runs:
        assert later.times[0] <= held.times[0] < held.times[-1] <= later.times[-1]


def test_a_run_that_cannot_be_read_is_left_out(study: Study, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(study.folder, tmp_path / "broken"))
    shutil.rmtree(broken / "runs" / "equal")
    found = side_by_side(read_study(broken))
    assert found is not None
    assert len(found.runs) == 2
    shutil.rmtree(broken / "runs")
    assert side_by_side(read_study(broken)) is None


def test_the_benchmark_is_measured_as_the_runs_are(numbers: StudyNumbers) -> None:
    """Put the benchmark in the place of a run: the numbers are those of the summary of its returns."""
    found = benchmark_metrics(numbers)
    assert found is not None
    assert numbers.benchmark is not None
    index = pd.to_datetime(numbers.times, utc=True)
    returns = pd.Series(
        np.diff(np.concatenate(([1.0], numbers.benchmark))) / np.concatenate(([1.0], numbers.benchmark[:-1])), index
    )
    told = {metric.key: metric.value for metric in metrics.summary(returns)}
    for key in ("volatility", "sharpe", "sortino", "max_drawdown"):
        assert found[key] == pytest.approx(told[key], rel=0.02), key
    assert benchmark_metrics(replace(numbers, benchmark=None)) is None
    assert numbers.facts["benchmark"] == found


def test_a_benchmark_above_all_runs_is_a_doubt(numbers: StudyNumbers) -> None:
    def beside(*own: float, shared: float | None = None) -> StudyNumbers:
        each = [None if not own else {"sharpe": sharpe} for sharpe in own or numbers.names]
        variants = [{**one, "benchmark": theirs} for one, theirs in zip(numbers.variants, each, strict=True)]
        benchmark = None if shared is None else {"sharpe": shared}
        return replace(numbers, facts={**numbers.facts, "benchmark": benchmark, "variants": variants})

    best = numbers.value(numbers.ranked[0], "sharpe") or 0.0
    assert f"Its Sharpe ratio is {best + 1.0:.2f}" in told(beside(shared=best + 1.0))["benchmark_ahead"]
    assert "benchmark_ahead" not in told(beside(shared=best - 1.0))
    assert "benchmark_ahead" not in told(beside())
    ahead = told(beside(best + 1.0, best + 2.0, best + 1.5))["benchmark_ahead"]
    assert f"Their Sharpe ratios are {best + 1.0:.2f} to {best + 2.0:.2f}, that of" in ahead
    assert "benchmark_ahead" not in told(beside(best + 1.0, best + 2.0, best - 0.5))


def test_a_run_that_is_the_benchmark_is_called_that(numbers: StudyNumbers) -> None:
    assert "'equal': the same value" in told(numbers)["benchmark_itself"]
    assert numbers.benchmark is not None
    assert "benchmark_itself" not in told(replace(numbers, benchmark=numbers.benchmark * 1.01))


def test_a_run_may_be_its_own_benchmark(numbers: StudyNumbers) -> None:
    """Where each has a benchmark of its own, as with flows, none is shared."""
    runs = [replace(run, benchmark=run.equity * (1.0 if k == 1 else 1.01)) for k, run in enumerate(numbers.runs)]
    own = replace(numbers, benchmark=None)
    vars(own)["runs"] = runs  # they are read when first asked for
    said = told(own)["benchmark_itself"]
    assert f"'{numbers.names[1]}': the same value" in said


def test_doubts_that_are_worded_otherwise_say_who_else_has_one() -> None:
    one, two = Finding("warned", "doubt", "Warning", "first"), Finding("warned", "doubt", "Warning", "second.")
    assert _together([(one, ["a"])], 2).text == "a: first"
    assert _together([(one, ["a"]), (two, ["a"])], 3).text == "a: first. second."
    assert _together([(one, ["a"]), (two, ["b"])], 3).text.endswith(
        "Of a: first. The report of the other says its own."
    )
    three = _together([(one, ["a"]), (two, ["b", "c"])], 3).text
    assert three == "In all 3. Of a: first. The report of each of the others says its own."


def test_luck_is_that_of_what_is_compared(numbers: StudyNumbers) -> None:
    def luck_of(name: str, deflated: float | None) -> StudyNumbers:
        others = {each: {"deflated": 0.99, "trials": 3} for each in numbers.names}
        variants = [{**each, "metrics": {**each["metrics"], "sharpe": 0.5}} for each in numbers.variants]
        luck = {**others, name: {"deflated": deflated, "trials": 3}}
        return replace(numbers, facts={**numbers.facts, "variants": variants, "luck": luck})

    assert "lucky" not in told(luck_of("never", 0.95))
    assert "lucky" not in told(luck_of("never", None))
    assert told(luck_of("never", 0.94))["lucky"].startswith("The deflated Sharpe ratio of 'never' is below 95%")


def test_a_doubt_about_the_whole_record_of_a_run_names_it_where_a_part_is_compared(numbers: StudyNumbers) -> None:
    part = replace(numbers, times=numbers.times[40:], growth=numbers.growth[40:], benchmark=None)
    first, last = days(numbers.times[[0, -1]])
    assert told(part)["short"] == f"From {first} to {last}, the whole record of the run: {told(numbers)['short']}"
    assert told(numbers)["short"].startswith("The record covers")
    assert told(part)["partly_costless"] == told(numbers)["partly_costless"]


def test_reports_that_cover_more_than_is_compared_are_named(numbers: StudyNumbers) -> None:
    def covering(*longer: int) -> str:
        study = replace(numbers, times=numbers.times[40:])
        cut = [run if k in longer else replace(run, times=run.times[40:]) for k, run in enumerate(runs)]
        vars(study)["runs"] = cut  # what is cached of the folder
        return quoted(_longer(study))

    runs = [run for run in numbers.runs if isinstance(run, RunNumbers)]
    names = numbers.names
    assert covering(1) == f"the report of '{names[1]}' covers more"
    two = [names[k] for k in numbers.ranked if k != 1]
    assert covering(0, 2) == f"the reports of '{two[0]}' and '{two[1]}' cover more"
    assert covering(0, 1, 2) == "the single reports cover more"


def test_an_interval_below_zero_is_one_of_several(numbers: StudyNumbers) -> None:
    behind = _of_several(Finding("behind_benchmark", "doubt", "Earned less", "All of it below zero."), numbers)
    assert behind.text == "All of it below zero. It is one of 3 such intervals, which know nothing of each other."
    other = Finding("short", "doubt", "Short", "Three months.")
    assert _of_several(other, numbers) is other


def test_what_all_runs_take_for_granted_is_told_once(numbers: StudyNumbers) -> None:
    said = shared(numbers)
    assert said[0] == "Each trade pays, a side: commission_bps 20."
    assert "Decided at the close, filled at the next close." in said
    runs = [run for run in numbers.runs if isinstance(run, RunNumbers)]
    assert set(said[1:]) == set.intersection(*(set(told_of(run)) for run in runs))
    other = replace(runs[1], config={**runs[1].config, "costs": {"commission_bps": 5}}, manifest={})
    vars(study := replace(numbers))["runs"] = [runs[0], other]
    assert shared(study) == []
    vars(study)["runs"] = [BacktestError("gone")]
    assert shared(study) == []


def told(numbers: StudyNumbers) -> dict[str, str]:
    return {doubt.key: quoted(doubt.text) for doubt in doubts(numbers)}
