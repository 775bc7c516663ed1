"""What a run was made from: enough to make it again, and to doubt it."""

from __future__ import annotations

import hashlib
import inspect
import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from llvmlite.binding import get_host_cpu_name

from backtest.config import Config
from backtest.config.model import Execution
from backtest.costs import Financing
from backtest.market.market import Market
from backtest.market.masks import ever
from backtest.market.stores import About, about, names_of
from backtest.metrics.ledger import has_covariances
from backtest.report.numbers import SCHEMA
from backtest.simulate.portfolio import Simulated
from backtest.strategy import Strategy
from backtest.types import ActionKind, CostShape
from backtest.workspace.artefacts import OF_COVARIANCES
from backtest.workspace.remarkable import cut_baskets
from backtest.workspace.root import Workspace
from backtest.workspace.said import counted
from backtest.workspace.volume import taken_of_volume

FEW_FLOWS = 3
"""Flows on dates that are told one by one."""

PACKAGES = ("barwake", "numpy", "pandas", "scipy", "numba", "pyarrow", "matplotlib", "pydantic")


def config_hash(config: Config) -> str:
    """Name a resolved configuration by its content."""
    text = json.dumps(config.model_dump(mode="json"), sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def strategy_hash(strategy: Strategy) -> str:
    """Name a strategy by the source it is made of: its own file, those it inherits from, and the helpers beside it."""
    kinds = [kind for kind in type(strategy).__mro__ if issubclass(kind, Strategy) and kind is not Strategy]
    files = list(dict.fromkeys(Path(inspect.getfile(kind)) for kind in kinds))
    files += [helper for helper in sorted(files[0].parent.glob("_*.py")) if helper not in files]
    digest = hashlib.blake2b(digest_size=16)
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def make_manifest(
    config: Config,
    place: Workspace,
    market: Market,
    strategy: Strategy,
    simulated: Simulated,
    created: datetime,
    warnings: Sequence[str],
    remarks: Sequence[str],
    trial: Mapping[str, Any],
    timings: dict[str, float],
) -> dict[str, Any]:
    """Describe a run."""
    result = simulated.result
    probed = simulated.probed
    store = about(place.data, config.market.source)
    return {
        "schema": SCHEMA,
        "name": config.name,
        "created": created.isoformat(timespec="seconds"),
        "capital": config.capital,
        "currency": market.currency,
        "versions": versions(),
        "source_revision": _revision(place),
        "processor": processor(),
        "data": {
            "name": market.name,
            "hash": market.content_hash,
            "price_kind": market.price_kind,
            "calendar": market.calendar,
            "stores": list(names_of(config.market.source)),
            "calendars": {name: int((market.group == k).sum()) for k, name in enumerate(market.calendars)},
            "first": market.day(result.first),
            "last": market.day(market.n_rows - 1),
            "rows": result.n_rows,
            "history_rows": result.first,
            "symbols": market.n_assets,
            "moved": _moved(market, result.first),
            "streamed": market.stream is not None,
            "left_out": [] if has_covariances(result) else list(OF_COVARIANCES),
            "source": store.source,
            "invented": store.is_invented,
        },
        "config_hash": config_hash(config),
        "strategy_hash": strategy_hash(strategy),
        "seed": config.seed,
        "probe": {**asdict(probed), "decisions": simulated.driven.n_wakes},
        "allocation": counted(simulated.driven.notes),
        "cut_baskets": cut_baskets(config, result).tolist(),
        "volume": taken_of_volume(result),
        "timings": {name: round(seconds, 4) for name, seconds in timings.items()},
        "warnings": list(warnings),
        "remarks": list(remarks),
        "trial": dict(trial),
        "assumptions": assumptions(config, market, store, result.first, has_covariances(result)),
    }


def assumptions(config: Config, market: Market, store: About, first: int = 0, has_all: bool = True) -> list[str]:
    """Say what a reader has to take for granted; `first` is the first row that is simulated."""
    costs, execution = config.costs, config.execution
    said = [
        f"Decided at the close, filled at the {execution.fill.replace('_', ' ')}.",
        ("Trades pay impact, but move no later prices" if costs.shape == CostShape.CURVED else "Trades move no prices")
        + _volume(execution),
        *_exits(config),
        *_account(config),
        *_flows(config),
        f"Prices are {market.price_kind.replace('_', ' ')}, in {market.currency}; {_calendars(config, market)}.",
        "Prices are invented: nobody ever paid them." if store.is_invented else _universe(market, first),
        *_actions(market, execution),
    ]
    if market.stream is not None:
        without = "" if has_all else ": covariances of what was held are left out"
        said.append(f"Prices passed through memory a part at a time{without}.")
    if execution.fill == "same_close":
        said.append("Fills at the very close that was decided on cannot be had in life.")
    if costs.are_zero:
        said.append("Trading costs nothing.")
    if execution.allow_adjusted_units:
        said.append("Units are those of adjusted prices, which were never traded.")
    if config.probe == "off":
        said.append("The look-ahead probe was switched off.")
    return said


def _calendars(config: Config, market: Market) -> str:
    """Say which sessions there are, and what several calendars do to a row."""
    made = "" if config.market.bars == "stored" else "; bars of a session are made of finer ones"
    if market.n_clocks == 1:
        return f"the calendar is {market.calendar}{made}"
    groups = [f"{name} ({int((market.group == k).sum())} symbols)" for k, name in enumerate(market.calendars)]
    return (
        f"the calendars are {' and '.join(groups)}: a row is decided at its latest end, an order waits for a bar of "
        f"its symbol that begins then or later, and what is sold pays for what opens later{made}"
    )


def _actions(market: Market, execution: Execution) -> list[str]:
    """Say what becomes of dividends, and that symbols turn into others."""
    said = []
    if execution.dividends == "reinvest":
        said.append("Dividends buy more of what paid them, at the first price of the day and without cost.")
    renamed, given = (int((market.actions["kind"] == kind).sum()) for kind in (ActionKind.RENAME, ActionKind.SPIN_OFF))
    if renamed or given:
        said.append(f"New names on the way: {renamed}, spin-offs: {given}; positions, lots and histories follow them.")
    return said


def _volume(execution: Execution) -> str:
    if execution.participation is None:
        return ", and always find the volume they need."
    return f", and take at most {execution.participation:.4g} of the volume of a bar."


def _exits(config: Config) -> list[str]:
    """Say where declared exits stand, and how a bar is thought to have gone."""
    if config.exits.are_none:
        return []
    given = ", ".join(f"{name} at {part:.4g}" for name, part in config.exits.model_dump(exclude_none=True).items())
    way = config.execution.intrabar.replace("_", " ")
    return [f"Exits of every position, as parts of its average price: {given}; inside a bar: {way}."]


def _account(config: Config) -> list[str]:
    """Say what the account may hold, and what holding earns and costs a year."""
    account, paid = config.account, config.financing
    earns = paid.rate("interest_on_cash_annual") or paid.interest_on_cash is not None
    idle = f"Cash earns {paid.told('interest_on_cash')}" if earns else "Cash earns nothing"
    if account.initial is None or account.maintenance is None:
        return [f"{idle}; a cash account holds no shorts and no debt."]
    debt, fee, rebate = (paid.told(name) for name in ("margin_interest", "borrow_fee", "short_rebate"))
    lent = f"; debt costs {debt}, shorts cost {fee} and earn {rebate}"
    return [
        f"An account on margin: own money covers {account.initial:.4g} of what is opened, {account.maintenance:.4g} of "
        "what is held, below which positions are reduced at the next open.",
        f"{idle}{lent if paid.lends else ''}.",
        *(["Whatever is sold short can be borrowed, and nobody asks for it back."] if paid.lends else []),
        *_funding(paid),
    ]


def _funding(paid: Financing) -> list[str]:
    """Say what perpetual futures are, and what holding them costs."""
    if not paid.are_funded:
        return []
    whose = "All symbols are" if paid.perpetuals is None else f"{', '.join(paid.perpetuals)}:"
    return [
        f"{whose} perpetual futures: no money changes hands for them but profit, loss and funding, of which longs pay "
        f"{paid.told('funding')} to shorts.",
    ]


def _flows(config: Config) -> list[str]:
    """Say what comes and goes, and when it can be used."""
    said, lag = [], config.account.settlement_days
    if lag:
        sessions = "one session" if lag == 1 else f"{lag} sessions"
        said.append(f"What a sale brings pays for something {sessions} later, and may be taken out at once.")
    dated = [flow.date for flow in config.flows if flow.date is not None]
    told = [flow.told for flow in config.flows if flow.date is None or len(dated) <= FEW_FLOWS]
    if len(dated) > FEW_FLOWS:
        told.append(f"{len(dated)} flows on dates from {min(dated)} to {max(dated)}")
    if told:
        said.append(f"From outside: {'; '.join(told)}. Returns are time-weighted, and do not count it.")
    return said


def _moved(market: Market, first: int) -> int | None:
    """Return how many symbols entered or left a universe from row `first` on; None without dates."""
    if market.member is None:
        return None
    return int(ever(market.member, first, market.n_rows, unlike=market.member[-1]).sum())


def _universe(market: Market, first: int) -> str:
    """What is known of symbols that are no longer there."""
    if market.member is not None:
        moved = _moved(market, first)
        never = int((~ever(market.member, 0, market.n_rows)).sum())
        absent = f"; {never} never belonged to it" if never else ""
        return (
            f"The universe has dates: {market.n_assets} symbols in all, {moved} of which entered or left on the way"
            f"{absent}."
        )
    gone = int((market.actions["kind"] == ActionKind.DELISTING).sum())
    if gone:
        return f"The universe is the list of {market.n_assets} symbols in the data, {gone} of them delisted on the way."
    return f"The universe is today's list of {market.n_assets} symbols: those that failed before are missing."


def versions() -> dict[str, str]:
    """Return the versions of what computes the numbers."""
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


@cache  # a study asks for each of its runs, and what is installed is searched for on disk
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _revision(place: Workspace) -> str | None:
    """The commit of the workspace, with a mark when files differ from it; None outside git."""
    try:
        said = subprocess.run(
            ["git", "-C", str(place.root), "describe", "--always", "--dirty", "--abbrev=40"],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return said.stdout.strip() or None if said.returncode == 0 else None


def processor() -> str:
    """Return the processor that machine code is made for: bit identity is promised per type."""
    name: str = get_host_cpu_name()
    return f"{platform.machine()} {name}"
