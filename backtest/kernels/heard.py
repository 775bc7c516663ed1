"""Events that fire triggers: what has happened is noted as bits, and looked at when the triggers are watched."""

from backtest.kernels._jit import part


@part
def note(book, kind):
    """Remember that an event of a kind has happened, whether it is written down or not."""
    book.record[0]["happened"] |= 1 << kind


@part
def is_heard(book, rule):
    """Whether something has happened that fires a trigger when the next row is watched."""
    return book.record[0]["happened"] & rule["event_kinds"] != 0


@part
def hear(book, rule, t):
    """Return the bits of the kinds that have happened since the triggers were last watched, and forget them all.

    Where a margin call takes the row's decision nobody would hear of them, so that they wait for the next row.
    """
    state = book.record[0]
    if state["called"] == 1:
        return 0
    bits, bit, happened = 0, rule["event_bit"], state["happened"]
    state["happened"] = 0
    kinds = rule["event_kinds"] if t >= rule["event_from"] else 0
    while kinds != 0:
        if kinds & 1:
            bits |= bit if happened & 1 else 0
            bit <<= 1
        kinds >>= 1
        happened >>= 1
    return bits
