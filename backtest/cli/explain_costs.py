"""`backtest explain costs CONFIG`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backtest.cli.options import JsonOption, SetOption, WorkspaceOption, answer_json, answer_table
from backtest.errors import DataError, InputError, unknown

if TYPE_CHECKING:
    from backtest.config import Config
    from backtest.costs import Charge, Conditions, Costs, Financing, RoundTrip
    from backtest.market.market import Market
    from backtest.workspace import Workspace


def command(
    config: Annotated[Path, typer.Argument(help="A YAML file.")],
    symbol: Annotated[
        str | None, typer.Option(help="Symbol to trade; default: one whose price is in the middle.")
    ] = None,
    value: Annotated[
        float | None, typer.Option(help="Money to buy for; default: an equal part of the capital.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="Days for which it is held, where holding earns or costs.")] = 30,
    set_: SetOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Work out what buying and selling again costs under a configuration, part by part, and what holding costs."""
    # Imported here: `backtest --help` needs none of it.
    from backtest.config import load_with_places
    from backtest.costs import round_trip
    from backtest.costs.rates import rates_at
    from backtest.costs.tables import conditions
    from backtest.run import load_for
    from backtest.simulate.portfolio import make_strategy
    from backtest.workspace import find_workspace

    place = find_workspace(config, workspace)
    settings, tree = load_with_places(config, place.root, set_ or ())
    market, _ = load_for(settings, make_strategy(settings, place.strategies), place, tree)
    column, row = _bar(market, symbol)
    symbol = str(market.symbols[column])
    price = float(market.close[row, column])
    quantity = _quantity(settings, market, symbol, price, value)
    rates = rates_at(settings.financing, market, row, column)
    when = conditions(settings.costs, market, row, column)
    trip = round_trip(settings.costs, quantity, price, when)
    if not math.isfinite(trip.both.total):
        missing = _missing(settings.costs, when)
        raise DataError(f"{symbol}: its {missing} before {market.day(row)} is not known")
    about = {
        "config": str(config),
        "symbol": symbol,
        "day": market.day(row),
        "price": price,
        "quantity": quantity,
        "value": trip.value,
        "currency": market.currency,
        "costs": settings.costs.model_dump(mode="json"),
        "conditions": {name: None if math.isnan(value) else value for name, value in when._asdict().items()},
        **{name: _sided(trip, charge) for name, charge in _sides(trip)},
        "year": _year(settings, market, place, trip),
        "account": settings.account.model_dump(mode="json"),
        "financing": settings.financing.model_dump(mode="json"),
        "held": {"days": days, **_held(settings, symbol, trip, rates, days)},
    }
    if json:
        answer_json(about)
    else:
        _print(about, settings.costs, when)
        _print_held(about, rates)


def _bar(market: Market, symbol: str | None) -> tuple[int, int]:
    """Return the column of the symbol that is traded, and the row of its last bar."""
    from backtest.costs.round_trip import last_bar, typical_column

    names = market.symbols.tolist()
    if symbol is not None and symbol not in names:
        raise InputError(f"--symbol: {unknown('symbol', symbol, names)}")
    column = typical_column(market) if symbol is None else names.index(symbol)
    row = last_bar(market, column)
    if row is None:
        raise InputError(f"--symbol: {symbol!r} has no bar up to {market.day(market.n_rows - 1)}")
    return column, row


def _quantity(config: Config, market: Market, symbol: str, price: float, value: float | None) -> float:
    """Return the units that are traded; InputError where the simulator would not make such a trade."""
    from backtest.costs.round_trip import units_for
    from backtest.simulate.terms import lots_of

    if value is None:
        parts = min(market.n_assets, config.constraints.max_positions or market.n_assets)
        value, whose = config.capital / parts, f"1/{parts} of the capital, {config.capital / parts:,.2f},"
    else:
        whose = f"--value: {value:,g}"
    if not (0.0 < value < math.inf):
        raise InputError(f"--value: received {value:g}; allowed: a number > 0")
    if value < config.execution.min_trade:
        raise InputError(f"{whose} is less than execution.min_trade, {config.execution.min_trade:g}: no trade is made")
    lot = float(lots_of(market, config.execution)[market.symbols.tolist().index(symbol)])
    quantity = units_for(value, price, lot)
    if quantity == 0.0:
        raise InputError(f"{whose} buys no {symbol}: a lot of {lot:g} costs {lot * price:,.2f}")
    return quantity


def _missing(costs: Costs, when: Conditions) -> str:
    """Name what the cost of a trade is counted from and is not known."""
    known = {"half spread": when.half_spread_bps} if costs.half_spread is not None else {}
    if costs.impact_coefficient:
        known |= {"volatility": when.volatility, "volume": when.volume}
    return " and ".join(name for name, value in known.items() if math.isnan(value))


def _sides(trip: RoundTrip) -> Iterator[tuple[str, Charge]]:
    yield from (("buy", trip.buy), ("sell", trip.sell), ("both", trip.both))


def _sided(trip: RoundTrip, charge: Charge) -> dict[str, dict[str, float]]:
    """Return each part of a side, and their total, in money and in basis points of the value traded."""
    parts = {**charge._asdict(), "total": charge.total}
    return {name: {"money": money, "bps": trip.bps(money)} for name, money in parts.items()}


def _year(config: Config, market: Market, place: Workspace, trip: RoundTrip) -> dict[str, Any] | None:
    """Return what a year takes, when a run of this very configuration has measured how much it trades; else None."""
    from backtest.workspace.cached import run_folders
    from backtest.workspace.manifest import config_hash
    from backtest.workspace.reading import json_of, manifest_of

    wanted = config_hash(config)
    for folder in sorted(run_folders(place.reports), reverse=True):
        try:
            manifest = manifest_of(folder)
            if (manifest.get("config_hash"), manifest["data"]["hash"]) != (wanted, market.content_hash):
                continue
            metrics = {metric["key"]: metric["value"] for metric in json_of(folder / "metrics.json")["metrics"]}
        except (DataError, KeyError):
            continue  # of another version, or damaged: nothing is known from it
        if metrics.get("turnover") is None:
            continue
        fraction = metrics["turnover"] * trip.both.total / trip.value
        return {
            "run": folder.name,
            "turnover": metrics["turnover"],
            "fraction": fraction,
            "paid": metrics.get("cost_drag"),
        }
    return None


def _held(config: Config, symbol: str, trip: RoundTrip, financing: Financing, days: int) -> dict[str, dict[str, float]]:
    """Return what holding positions of this size earns (positive) and costs, beside the trades in and out."""
    from backtest.costs import held_in_cash, held_on_credit, held_perpetual, held_short

    value = trip.value
    traded, kinds = 0.0 - trip.both.total, {}
    is_funded = financing.perpetual((symbol,))[0]
    if is_funded:
        kinds["long"] = traded, held_perpetual(financing, value, days)
        kinds["short"] = traded, held_perpetual(financing, 0.0 - value, days)
    elif config.account.is_margin:
        kinds["on_credit"] = traded, held_on_credit(financing, value, days)
        kinds["short"] = traded, held_short(financing, value, days)
    if financing.interest_on_cash_annual:
        kinds["cash"] = 0.0, held_in_cash(financing, value, days)
    return {
        name: {"trading": paid, **held._asdict(), "total": paid + held.total, "bps": trip.bps(paid + held.total)}
        for name, (paid, held) in kinds.items()
    }


def _print_held(about: dict[str, Any], financing: Financing) -> None:
    """Show what holding earns and costs, of a configuration that says so."""
    from backtest.costs import FINANCING

    held = {name: line for name, line in about["held"].items() if name != "days"}
    if not held:
        return
    parts = ("trading", "interest_on_cash", "margin_interest", "short_rebate", "borrow_fee", "funding", "total", "bps")
    shown = [part for part in parts if part in ("trading", "total", "bps") or any(held[name][part] for name in held)]
    rates = {name: f"{100.0 * financing.rate(name):g} %" for name in FINANCING}
    rules = {
        "on_credit": f"margin interest {rates['margin_interest_annual']}",
        "long": f"pays funding {rates['funding_annual']}",
        "short": f"receives funding {rates['funding_annual']}"
        if "long" in held
        else f"borrow fee {rates['borrow_fee_annual']}, rebate {rates['short_rebate_annual']}",
        "cash": f"interest {rates['interest_on_cash_annual']}",
    }
    days = "1 day" if about["held"]["days"] == 1 else f"{about['held']['days']} days"
    print(f"\nHeld for {days} at an unchanged price, {about['value']:,.2f} {about['currency']} of each:\n")
    lines = [["", *(part.replace("_", " ") for part in shown), "a year"]]
    for name, line in held.items():
        lines.append([name.replace("_", " "), *(f"{line[part]:,.2f}" for part in shown), rules[name]])
    answer_table(lines, right=range(1, len(shown) + 1))


def _print(about: dict[str, Any], costs: Costs, when: Conditions) -> None:
    currency, price = about["currency"], about["price"]
    print(
        f"{about['quantity']:,.8g} {about['symbol']} at {price:,.{2 if price >= 1.0 else 8}f} {currency}, "
        f"the close of {about['day']}: {about['value']:,.2f} {currency}"
    )
    if costs.preset is not None:
        print(_preset(costs))
    print()
    rules = {**_rules(costs, when), "total": ""}
    lines = [["", "buy", "bps", "sell", "bps", "both", "bps", "charged, per side"]]
    for part, rule in rules.items():
        numbers = [f"{about[side][part][unit]:,.2f}" for side in ("buy", "sell", "both") for unit in ("money", "bps")]
        lines.append([part, *numbers, rule])
    answer_table(lines, right=range(1, 7))
    print()
    bps = about["both"]["total"]["bps"]
    print(f"Exchanging a whole portfolio once, in trades of this size, takes {bps:,.2f} bps ({bps / 100:.3g} %) of it.")
    print(_yearly(about["year"]))


def _preset(costs: Costs) -> str:
    """Say what the preset stands for, and what was written beside it."""
    from backtest.costs import COSTS, PRESETS, Costs

    assert costs.preset is not None
    plain = Costs(preset=costs.preset)
    own = [f"{name} {_shown(getattr(costs, name))}" for name in COSTS if getattr(costs, name) != getattr(plain, name)]
    return f"{costs.preset}: {PRESETS[costs.preset].about}" + (f" Of your own: {', '.join(own)}." if own else "")


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else "of your own"


def _rules(costs: Costs, when: Conditions) -> dict[str, str]:
    """Say in words how each part is charged."""
    tiers = ", ".join(f"{tier.bps:g} from {tier.from_money:,.10g} a month" for tier in costs.commission_tiers)
    parts = [
        f"{costs.commission_bps:g} bps" if costs.commission_bps or tiers else "",
        f"{costs.commission_per_share:g} a unit" if costs.commission_per_share else "",
        f"{costs.commission_per_trade:g} a trade" if costs.commission_per_trade else "",
    ]
    least = f", at least {costs.commission_minimum:g}" if costs.commission_minimum else ""
    spread = f"{costs.half_spread_bps:g} bps" if costs.half_spread_bps else "0"
    if costs.half_spread is not None:
        spread = f"{costs.half_spread.times * when.half_spread_bps:,.4g} bps, of the series {costs.half_spread.series}"
    return {
        "commission": (" + ".join(filter(None, parts)) or "0") + least + (f" ({tiers})" if tiers else ""),
        "spread": spread,
        "slippage": f"{costs.slippage_bps:g} bps" if costs.slippage_bps else "0",
        "impact": _impact(costs, when),
    }


def _impact(costs: Costs, when: Conditions) -> str:
    """Say in words what impact is counted from."""
    root = (
        f"{costs.impact_coefficient:g} x {when.volatility:.3%} x √(units / {when.volume:,.6g})"
        if costs.impact_coefficient
        else ""
    )
    parts = [
        root,
        f"{costs.impact_eta:g} x units²" if costs.impact_eta else "",
        f"{costs.impact_gamma:g} x units² / 2" if costs.impact_gamma else "",
    ]
    return " + ".join(filter(None, parts)) or "0"


def _yearly(year: dict[str, Any] | None) -> str:
    if year is None:
        return "What a year takes depends on how much is traded, which `backtest run` measures."
    paid = "" if year["paid"] is None else f"; it paid {year['paid']:.2%}"
    return (
        f"{year['run']} exchanged {year['turnover']:.0%} of its equity a year: at this size {year['fraction']:.2%} of "
        f"the equity a year{paid}."
    )
