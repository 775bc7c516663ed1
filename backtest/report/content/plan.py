"""What was followed, and what it is held against, in a few words of the resolved configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtest.report.words import listed, percent

Config = Mapping[str, Any]


def strategy_words(config: Config) -> str:
    """Say which strategy or allocation method was followed, and when it rebalanced; empty where nothing is known."""
    strategy, allocation = (_section(config, key) for key in ("strategy", "allocation"))
    name, method = str(strategy.get("name") or ""), _plain(allocation.get("method"))
    what = method if name == "allocate" else _plain(name)
    return ", ".join(part for part in (what, rebalance_words(config)) if part)


def benchmark_words(config: Config) -> str:
    """Say what the benchmark is; empty where there is none."""
    found = _section(config, "benchmark")
    if not found:
        return ""
    symbol = found.get("symbol")
    what = str(symbol) if symbol else _plain(_section(found, "allocation").get("method"))
    rule = "" if symbol else rebalance_words(found)
    return ", ".join(part for part in (what, rule, _own_account(config, found)) if part)


def _own_account(config: Config, benchmark: Config) -> str:
    """Name the benchmark's account where it is another one than the portfolio's."""
    own, theirs = (str(_section(each, "account").get("kind") or "") for each in (config, benchmark))
    return f"on {'margin' if theirs == 'margin' else 'a cash account'}" if theirs and theirs != own else ""


def rebalance_words(config: Config) -> str:
    """Say what triggers a rebalance; empty where the rule has no plain words."""
    rule = config.get("rebalance")
    if not isinstance(rule, Mapping) or not isinstance(rule.get("any"), list):
        return "never rebalanced" if rule == "never" else ""
    triggers = [_trigger(each) for each in rule["any"] if isinstance(each, Mapping)]
    if not triggers:
        return "never rebalanced"
    return "" if None in triggers else listed([str(each) for each in triggers], 3)


def _trigger(found: Mapping[str, Any]) -> str | None:
    if isinstance(found.get("calendar"), str):
        return f"each {found['calendar']}"
    band = found.get("drift")
    return f"at {percent(band)} drift" if isinstance(band, int | float) else None


def _section(config: Config, key: str) -> Config:
    found = config.get(key)
    return found if isinstance(found, Mapping) else {}


def _plain(name: Any) -> str:
    return str(name or "").replace("_", " ")
