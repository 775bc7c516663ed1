"""What only the data can say about flows: those that never move, and money that nobody would put to work."""

from __future__ import annotations

from collections.abc import Iterator

from backtest.config.model import Config
from backtest.config.node import Keys, Node, find, problem_at
from backtest.errors import Problem
from backtest.market.market import Market


def unmoved_flows(config: Config, market: Market, rows: tuple[int, int], tree: Node) -> Iterator[Problem]:
    """Name each flow of a calendar that never falls into the simulated rows, and say when no flow of a date does."""
    moved = _moved(config, market, rows)
    span = f"after {market.day(rows[0])}, up to {market.day(rows[1] - 1)}"
    for k, flow in enumerate(config.flows):
        if flow.date is None and not moved[k]:
            yield problem_at(tree, _place(config, tree, k), f"never falls: {flow.told}", allowed=f"sessions {span}")
    dated = [k for k, flow in enumerate(config.flows) if flow.date is not None]
    if dated and not any(moved[k] for k in dated):
        listed = ", ".join(str(config.flows[k].date) for k in dated[:3]) + (" ..." if len(dated) > 3 else "")
        message = "never falls: what is there on the first session is `capital`"
        yield problem_at(tree, _place(config, tree, dated[0]), message, received=listed, allowed=f"a date {span}")


def doubtful_flows(config: Config, market: Market, rows: tuple[int, int], tree: Node) -> Iterator[Problem]:
    """Say how many dated flows lie outside the simulated rows, and that nobody would buy with what is paid in."""
    moved = _moved(config, market, rows)
    dated = [moved[k] for k, flow in enumerate(config.flows) if flow.date is not None]
    if any(dated) and not all(dated):
        first, last = market.day(rows[0]), market.day(rows[1] - 1)
        left = f"{dated.count(False)} of {len(dated)} dates are left out"
        message = f"{left}: they do not lie after {first}, up to {last}"
        yield problem_at(tree, ("flows",), message)
    if not config.rebalance.any and any(flow.is_paid_in for flow in config.flows):
        message = "nothing is decided after the start (rebalance: never), so that what is paid in stays cash"
        yield problem_at(tree, ("flows",), message, allowed="a trigger, such as rebalance: {calendar: month}")


def _moved(config: Config, market: Market, rows: tuple[int, int]) -> list[bool]:
    """Say which flows move in the simulated rows; the market may go on behind them."""
    return [bool((flow.rows(market, rows[0]) < rows[1]).any()) for flow in config.flows]


def _place(config: Config, tree: Node, k: int) -> Keys:
    """Return where flow `k` was written; a file's lines all stand where it is named."""
    node = find(tree, ("flows",))
    listed = node is not None and node.items is not None and len(node.items) == len(config.flows)
    return ("flows", k) if listed else ("flows",)
