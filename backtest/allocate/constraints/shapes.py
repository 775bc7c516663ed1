"""What to write where something of another shape was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

EXAMPLE = "{sector: {Energy: {max: 0.2}}}"


def refuse_no_mapping(received: Any, written: str) -> Any:
    """Return what was received when it is a mapping, or a section that was made; raise with what to write otherwise."""
    if isinstance(received, Mapping | BaseModel):
        return received
    raise wrong(written)


def range_for(received: Any) -> str:
    """Say how a least and a most are written, with the numbers that were received."""
    if isinstance(received, int | float):
        return f"{{max: {received:g}}} or {{min: {received:g}}}"
    if isinstance(received, Sequence) and len(received) == 2 and all(isinstance(end, int | float) for end in received):
        return f"{{min: {received[0]:g}, max: {received[1]:g}}}"
    return "{max: 0.2}, {min: 0.05} or both"


def refuse_no_groups(received: Any) -> Any:
    """Return what was received when it is a mapping of mappings; raise with what to write otherwise."""
    refuse_no_mapping(received, f"the least and most of each group by property, such as {EXAMPLE}")
    for key, groups in received.items():
        if not isinstance(groups, Mapping):
            raise wrong(f"groups of that property by name, such as {{{key}: {{Energy: {{max: 0.2}}}}}}")
    return received


def refuse_no_net(received: Any) -> Any:
    """Return what was received, a list as a tuple, unless it is a mapping, which `net` is not."""
    if not isinstance(received, Mapping):
        return tuple(received) if isinstance(received, list) else received  # JSON has no tuples, and Python must here
    ends = [received.get("min", 0), received.get("max", 1)]
    raise wrong(f"a number, or [least, most], such as [{ends[0]}, {ends[1]}]")


def refuse_no_weights(received: Any) -> Any:
    """Return what was received unless it is a list, of which nobody knows whose weight each is."""
    if isinstance(received, Sequence) and not isinstance(received, str):
        raise wrong("one number for all, or weights by symbol, such as {AAPL: 0.05, default: 0.1}")
    return received


def wrong(written: str) -> PydanticCustomError:
    """Return the error that says what to write; who shows it says what was received."""
    return PydanticCustomError("shape", "write {written}", {"written": written})
