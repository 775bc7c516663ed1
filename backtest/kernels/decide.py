"""Deciding: whose targets count, what becomes of an answer, and when a basket has had its chance."""

import numpy as np

from backtest.kernels._jit import YES, part
from backtest.kernels.basket import cancel_basket
from backtest.kernels.book import Own, Slot
from backtest.kernels.fill import fill_basket
from backtest.kernels.flows import record_return
from backtest.kernels.instant import NONE, fill_at
from backtest.kernels.lanes import total_size
from backtest.kernels.levels import CLOSE
from backtest.kernels.mark import record_row, settle
from backtest.kernels.orders import take_decision
from backtest.kernels.post import post_decision
from backtest.kernels.working import place_orders
from backtest.types import CancelReason, Fault, Source


@part
def refer_again(book, t, prices):
    """Weigh once more, after what a basket has cost, the assets that were filled outside baskets in row `t`."""
    for s in range(book.owners.shape[0]):
        owner = book.owners[s]
        if owner["has_reference"] == 1:
            for i in range(prices.shape[0]):
                if book.slots[s, Slot.TOUCHED, i] == t:
                    book.owned[s, Own.REFERENCE, i] = book.owned[s, Own.QUANTITY, i] * prices[i] / owner["equity"]


@part
def is_working(book):
    """Whether any owner's basket waits for its fill opportunity."""
    working = False
    for s in range(book.owners.shape[0]):
        working = working or book.owners[s]["working"] == 1
    return working


@part
def finish_baskets(book, rules, out, t, prices):
    """Close the record of baskets that are done, and take what a basket attained as the reference of drift.

    One that works on for bars or volume takes it at its first opportunity as well.
    """
    for s in range(book.owners.shape[0]):
        owner = book.owners[s]
        met_first = owner["working"] == 1 and owner["met"] == 1
        if owner["working"] == 2 or met_first:
            if met_first:
                owner["met"] = 2
            else:
                post_decision(book, out, s, t)
            if rules.bands.shape[0] > 0 and book.record[0]["frozen"] == 0:
                scale = 1.0 / owner["equity"]
                q = book.owned[s, Own.QUANTITY]
                reference = book.owned[s, Own.REFERENCE]
                for i in range(q.shape[0]):
                    reference[i] = q[i] * prices[i] * scale
                owner["has_reference"] = 1


@part
def refuse(book, rule, answer):
    """Note what is wrong with the answers (`(S, N)`, a whole row of NaN is no answer); return whether anything is."""
    state = book.record[0]
    state["fault"] = 0
    for s in range(answer.shape[0]):
        gross = total_size(answer[s])
        if gross == gross:
            if gross > rule["max_gross"] + 1e-9:
                state["fault"] = Fault.GROSS
                state["fault_asset"] = -1
                state["fault_value"] = gross
            continue
        missing = 0
        for i in range(answer.shape[1]):
            if answer[s, i] != answer[s, i]:
                missing += 1
                state["fault_asset"] = i
        if missing < answer.shape[1]:
            state["fault"] = Fault.NAN
    return state["fault"] != 0


@part
def take_targets(book, plan, s, t, answered, answer):
    """Put what owner `s` aims at into `Own.TARGET`; return where it came from, −1 when everything is left alone.

    The plan's row comes first, then an answer, then the last targets again. A row of NaN is no answer.
    """
    wanted = plan.weights[plan.at[t]] if plan.at[t] >= 0 else answer[s]
    if plan.at[t] < 0 and not answered:
        return np.int64(Source.REAPPLY.value) if book.owners[s]["has_targets"] == 1 else -1
    if wanted[0] != wanted[0]:
        return -1
    target = book.owned[s, Own.TARGET]
    for i in range(target.shape[0]):
        target[i] = wanted[i]
    return np.int64(Source.PLAN.value) if plan.at[t] >= 0 else np.int64(Source.ANSWER.value)


def build_decide(full):
    """Make step 7; `full` is a compile-time constant."""

    def decide(book, bars, plan, rule, fees, out, t, prices, reasons, answered, answer, requests, work):
        """Step 7: cancel and place explicit orders, then turn targets into working baskets, in owner order."""
        if full and answered:
            has_basket = plan.at[t] < 0 and answer[0, 0] == answer[0, 0]
            place_orders(book, bars, rule, out, requests, t, prices, has_basket)
        for s in range(book.owners.shape[0]):
            source = take_targets(book, plan, s, t, answered, answer)
            if source >= 0:
                if full:
                    cancel_basket(book, bars, out, s, t, CancelReason.SUPERSEDED.value)
                take_decision(book, bars, rule, fees, out, s, t, prices, source, reasons, work)

    return part(decide)


decide_lean = build_decide(full=False)
decide_full = build_decide(full=True)


def build_fill_same_close(full):
    """Make step 5b; `full` is a compile-time constant."""

    def fill_same_close(book, bars, rules, out, t, prices, reasons, work):
        """5b: fill the baskets at the close on which they were decided, and mark once more."""
        rule = rules.record[0]
        if full and rule["whole"] == 1:
            fill_at(book, bars, rule, rules.fees, out, t, bars.close[t], CLOSE, NONE, YES, work)
        else:
            fill_working(book, bars, rule, rules.fees, out, t, bars.close[t], work)
        settle(book, out, t, prices)
        if full and rule["flowing"] == 1:
            record_return(book, rule, out, t)
        finish_baskets(book, rules, out, t, prices)
        if full and rule["whole"] == 1:
            refer_again(book, t, prices)
        record_row(book, rule, out, t, reasons)

    return part(fill_same_close)


fill_same_close_lean = build_fill_same_close(full=False)
fill_same_close_full = build_fill_same_close(full=True)


@part
def fill_working(book, bars, rule, fees, out, t, quotes, work):
    """Give every working basket its fill opportunity at `quotes`."""
    for s in range(book.owners.shape[0]):
        if book.owners[s]["working"] == 1:
            fill_basket(book, bars, rule, fees, out, s, t, quotes, bars.complete[t], work)
