"""The page and the pictures of a comparison, from the folder of the study alone."""

from backtest.report.comparison.benchmark import measured_benchmark
from backtest.report.comparison.build import FIGURES, build
from backtest.report.comparison.numbers import BENCHMARK, NUMBERS, SCHEMA, SERIES, TIME, StudyNumbers, read_study
from backtest.report.comparison.verdict import verdict

__all__ = [
    "BENCHMARK",
    "FIGURES",
    "NUMBERS",
    "SCHEMA",
    "SERIES",
    "TIME",
    "StudyNumbers",
    "build",
    "measured_benchmark",
    "read_study",
    "verdict",
]
