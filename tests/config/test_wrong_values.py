"""Keys that nobody knows, and values of the wrong kind or out of range."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backtest.costs import Costs
from tests.config.wrong import Case, expected

DRAWN = (
    "equity, underwater, weights, drift, rolling, monthly, yearly, distribution, contributions, bridge, risk, "
    "correlation, trading, drawdowns or trades"
)

CASES: dict[str, Case] = {
    "unknown_key": ("capitl: 5", ["3: $.capitl: unknown key; allowed: <KEYS>; did you mean 'capital'?"]),
    "far_unknown_key": ("frobnicate: 5", ["3: $.frobnicate: unknown key; allowed: <KEYS>"]),
    "unknown_in_section": (
        "costs: {comission_bps: 5}",
        [
            f"3: $.costs.comission_bps: unknown key; allowed: {', '.join(Costs.model_fields)}; "
            "did you mean 'commission_bps'?"
        ],
    ),
    "tiers": (
        "costs: {commission_tiers: [{from_money: 0, bps: -1}, {from_mony: 5, bps: 1}]}",
        [
            "3: $.costs.commission_tiers[0].from_money: out of range; received 0; allowed: a number > 0",
            "3: $.costs.commission_tiers[0].bps: out of range; received -1; allowed: a number >= 0",
            "3: $.costs.commission_tiers[1].from_mony: unknown key; allowed: from_money, bps; "
            "did you mean 'from_money'?",
        ],
    ),
    "falling_tiers": (
        "costs: {commission_tiers: [{from_money: 5, bps: 1}, {from_money: 5, bps: 2}]}",
        ["3: $.costs.commission_tiers: from_money does not rise: 5, 5"],
    ),
    "two_spreads": (
        "costs: {half_spread_bps: 2, half_spread: {series: spreads}}",
        ["3: $.costs: half_spread_bps is 2, and half_spread is the series spreads: leave one out"],
    ),
    "ruinous_tier": (
        "costs: {commission_tiers: [{from_money: 5, bps: 10000}]}",
        ["3: $.costs: together 10000 bps a side: selling would cost all that it brings"],
    ),
    "impact_window": (
        "costs: {impact_volatility_bars: 1}",
        ["3: $.costs.impact_volatility_bars: out of range; received 1; allowed: a whole number >= 2"],
    ),
    "negative_cost": (
        "costs: {commission_bps: -1}",
        ["3: $.costs.commission_bps: out of range; received -1; allowed: a number >= 0"],
    ),
    "not_finite": (
        "costs: {commission_bps: .inf}",
        ["3: $.costs.commission_bps: out of range; received inf; allowed: a number >= 0"],
    ),
    "nan": ("capital: .nan", ["3: $.capital: out of range; received nan; allowed: a number > 0 and <= 1e+15"]),
    "capital_zero": ("capital: 0", ["3: $.capital: out of range; received 0; allowed: a number > 0 and <= 1e+15"]),
    "capital_text": (
        "capital: lots",
        ["3: $.capital: not a number; received 'lots'; allowed: a number > 0 and <= 1e+15"],
    ),
    "capital_quoted": (
        "capital: '100'",
        ["3: $.capital: not a number; received '100'; allowed: a number > 0 and <= 1e+15"],
    ),
    "capital_comma": (
        "capital: 1,000",
        ["3: $.capital: not a number; received '1,000'; allowed: a number > 0 and <= 1e+15"],
    ),
    "capital_bool": (
        "capital: true",
        ["3: $.capital: not a number; received true; allowed: a number > 0 and <= 1e+15"],
    ),
    "capital_null": ("capital:", ["3: $.capital: not a number; received null; allowed: a number > 0 and <= 1e+15"]),
    "capital_list": (
        "capital: [1, 2]",
        ["3: $.capital: not a number; received a list of 2; allowed: a number > 0 and <= 1e+15"],
    ),
    "capital_map": (
        "capital: {usd: 5}",
        ["3: $.capital: not a number; received a mapping with usd; allowed: a number > 0 and <= 1e+15"],
    ),
    "seed_float": ("seed: 1.5", ["3: $.seed: not a whole number; received 1.5; allowed: a whole number >= 0"]),
    "seed_neg": ("seed: -1", ["3: $.seed: out of range; received -1; allowed: a whole number >= 0"]),
    "risk_free": ("risk_free: -1", ["3: $.risk_free: out of range; received -1; allowed: a number > -1"]),
    "probe": (
        "probe: smapled",
        ["3: $.probe: unknown choice; received 'smapled'; allowed: sampled, full or off; did you mean 'sampled'?"],
    ),
    "section_null": (
        "costs:",
        [f"3: $.costs: not a mapping; received null; allowed: a mapping with {', '.join(Costs.model_fields)}"],
    ),
    "section_scalar": (
        "execution: next_open",
        [
            "3: $.execution: not a mapping; received 'next_open'; allowed: a mapping with fill, size, lots, ticks, "
            "min_trade, cash_reserve, intrabar, participation, carry, min_order, keep_net, warn_below, dividends, "
            "allow_adjusted_units"
        ],
    ),
    "section_list": (
        "report: [html]",
        ["3: $.report: not a mapping; received a list of 1; allowed: a mapping with html, png, figures"],
    ),
    "yes": (
        "report: {html: yes}",
        ["3: $.report.html: neither true nor false; received 'yes'; allowed: true or false"],
    ),
    "figures_item": (
        "report: {figures: [equity, wights]}",
        [f"3: $.report.figures[1]: unknown choice; received 'wights'; allowed: {DRAWN}; did you mean 'weights'?"],
    ),
    "figures_word": (
        "report: {figures: none}",
        [f"3: $.report.figures: unknown choice; received 'none'; allowed: all or a list of {DRAWN}"],
    ),
    "fill": (
        "execution: {fill: Next_Open}",
        [
            "3: $.execution.fill: unknown choice; received 'Next_Open'; allowed: next_open, next_close or "
            "same_close; did you mean 'next_open'?"
        ],
    ),
    "lots_word": (
        "execution: {lots: wole}",
        [
            "3: $.execution.lots: unknown choice; received 'wole'; allowed: fractional, whole, store or a number > "
            "0; did you mean 'whole'?"
        ],
    ),
    "lots_zero": (
        "execution: {lots: 0}",
        ["3: $.execution.lots: out of range; received 0; allowed: fractional, whole, store or a number > 0"],
    ),
    "lots_list": (
        "execution: {lots: [1]}",
        [
            "3: $.execution.lots: wrong kind of value; received a list of 1; allowed: fractional, whole, store or a "
            "number > 0"
        ],
    ),
    "warn_below": (
        "execution: {warn_below: 98}",
        ["3: $.execution.warn_below: out of range; received 98; allowed: a number >= 0 and <= 1"],
    ),
    "reserve": (
        "execution: {cash_reserve: 100_000}",
        [
            "3: $.execution.cash_reserve: not less than the capital, 100000: nothing could ever be bought; "
            "received 100000"
        ],
    ),
    "min_trade_capital": (
        "capital: 50\nexecution: {min_trade: 51}",
        ["4: $.execution.min_trade: not less than the capital, 50: nothing could ever be bought; received 51"],
    ),
    "accounting": (
        "accounting: {lots: fiffo}",
        [
            "3: $.accounting.lots: unknown choice; received 'fiffo'; allowed: fifo, lifo, highest_cost or average; "
            "did you mean 'fifo'?"
        ],
    ),
    "artefacts": (
        "artefacts: {weights: bar}",
        [
            "3: $.artefacts.weights: unknown choice; received 'bar'; allowed: auto, bars, sessions or "
            "rebalances; did you mean 'bars'?"
        ],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_problem_is_told(case: Case, complaints: Callable[..., list[str]]) -> None:
    given, told = expected(case)
    assert complaints(given) == told
