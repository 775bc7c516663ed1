"""YAML to one frozen model, with every problem told at once; and back."""

from backtest.allocate import AllocationChoice
from backtest.config.check import check_against, history_rows, own_units, rows_wanted, unfit_prices, warn_against
from backtest.config.check_financing import unfit_rates
from backtest.config.dump import dump
from backtest.config.load import load, load_section, load_with_places
from backtest.config.model import Config, PortfolioBenchmark, StrategyChoice, SymbolBenchmark
from backtest.config.schema import json_schema, schema_text
from backtest.config.study import StudyConfig, Variant, is_study, load_study

__all__ = [
    "AllocationChoice",
    "Config",
    "PortfolioBenchmark",
    "StrategyChoice",
    "StudyConfig",
    "SymbolBenchmark",
    "Variant",
    "check_against",
    "dump",
    "history_rows",
    "is_study",
    "json_schema",
    "load",
    "load_section",
    "load_study",
    "load_with_places",
    "own_units",
    "rows_wanted",
    "schema_text",
    "unfit_prices",
    "unfit_rates",
    "warn_against",
]
