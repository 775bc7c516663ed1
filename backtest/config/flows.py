"""Reading `flows`: one, a list of them, or a file whose lines become flows, so that a run keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backtest.config.describe import shown
from backtest.config.node import Keys, nearest_node, plain, problem_at
from backtest.errors import DataError
from backtest.schedule import Flow, read_flows

if TYPE_CHECKING:
    from backtest.config.reader import Reader

FILE = "file"
ANY_FLOW = "{amount: 1000, every: month}, {amount: -5000, date: 2020-03-02}, {file: flows.csv}, or a list of them"


def flows_at(reader: Reader, keys: Keys) -> tuple[Flow, ...]:
    """Return the flows at `keys`; what cannot be read is left out, and noted."""
    node = nearest_node(reader.tree, keys)
    if node.items is None:
        return _flow(reader, keys)
    return tuple(flow for k in range(len(node.items)) for flow in _flow(reader, (*keys, k)))


def _flow(reader: Reader, keys: Keys) -> tuple[Flow, ...]:
    node = nearest_node(reader.tree, keys)
    if node.mapping is None:
        reader.note(keys, "no flow", shown(plain(node)), ANY_FLOW)
        return ()
    if FILE in node.mapping:
        return _lines(reader, keys)
    flow = reader.model(Flow, keys)
    return () if flow is None else (flow,)


def _lines(reader: Reader, keys: Keys) -> tuple[Flow, ...]:
    """Return a flow for each line of a file."""
    members = nearest_node(reader.tree, keys).mapping or {}
    name = members[FILE].value
    for key in members:
        if key != FILE:
            reader.note((*keys, key), "the lines of a file say when and how much", None, "{file: flows.csv}")
    if not isinstance(name, str) or not name:
        reader.note((*keys, FILE), "no file", shown(plain(members[FILE])), "the name of a CSV file of the workspace")
        return ()
    try:
        return read_flows(reader.root / name)
    except DataError as error:
        reader.problems.append(problem_at(reader.tree, (*keys, FILE), str(error)))
        return ()
