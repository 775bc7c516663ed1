"""The one loop: the numbered day of SEMANTICS §2, row after row, until Python is needed.

One source, two compiled forms: *lean* knows no corporate actions, margin or interest, and no orders but those of
baskets; *full* knows all of it. Both give the same bits where both apply (tests/property/test_promises.py).
"""

import numpy as np

from backtest.kernels._jit import loop, part
from backtest.kernels.actions import apply_actions, first_action, has_actions, pay_delistings
from backtest.kernels.alone import are_alone, play_alone
from backtest.kernels.basket import without_working
from backtest.kernels.book import Own, Row, Told, Work
from backtest.kernels.carry import accrue
from backtest.kernels.clocks import has_clocks, mark_groups, report_stale_groups
from backtest.kernels.costs import begin_tier
from backtest.kernels.decide import (
    decide_full,
    decide_lean,
    fill_same_close_full,
    fill_same_close_lean,
    fill_working,
    finish_baskets,
    is_working,
    refuse,
)
from backtest.kernels.flows import begin_return, flows_at, move_cash, record_return
from backtest.kernels.heard import hear, is_heard
from backtest.kernels.intrabar import play_inside
from backtest.kernels.lanes import dot
from backtest.kernels.margin import call_margin, refer_to
from backtest.kernels.mark import (
    NOTHING,
    catch_up,
    mark_sparse,
    record_row,
    report_stale,
    rest,
    settle,
)
from backtest.kernels.members import has_universe
from backtest.kernels.post import post_triggers
from backtest.kernels.reach import cool
from backtest.kernels.settlement import has_unsettled, settle_cash
from backtest.kernels.trade import open_room
from backtest.kernels.triggers import measure_drift, watch
from backtest.kernels.turns import force_at_once, play_closes, play_opens
from backtest.kernels.universe import leave_universe
from backtest.kernels.working import expire
from backtest.types import CostShape, Fault, Fill, Phase, Status

FILLS_A_ROW = 7  # per owner and asset: order, delisting, margin call, withdrawal, reinvested dividend, two exits
EVENTS_A_ROW = 16  # per owner and asset, with one action of each kind at most; and as many for the account
DECISIONS_A_ROW = 2  # per owner: one finishes, and with same-close fills one more
FILLS_AN_ORDER = 4  # at the open, inside, at the close, and of a declared exit that it made possible
EVENTS_AN_ORDER = 6  # placed, refused or cancelled, what comes before that, and second halves


@part
def has_room(book, out, n_requests):
    """Whether the output of the worst possible row still fits, the orders that an answer asks for included."""
    state = book.record[0]
    cells = book.owned.shape[0] * book.owned.shape[2]
    n = state["n_working"] + n_requests
    return (
        state["n_fills"] + FILLS_A_ROW * cells + FILLS_AN_ORDER * n <= out.fills.shape[0]
        and state["n_events"] + EVENTS_A_ROW * (cells + 1) + EVENTS_AN_ORDER * n <= out.events.shape[0]
        and state["n_decisions"] + DECISIONS_A_ROW * book.owners.shape[0] <= out.decisions.shape[0]
    )


@part
def hold(book, bars, plan, rules, out, t, stop):
    """Value dense rows on which nothing can happen; return the first row that needs the whole day.

    A row is quiet when every asset has a bar, no basket works, no plan or known trigger speaks, and no weight has left
    a band. It is the loop's mark step with nothing around it: 0.3 ns an asset, where the whole day costs 0.2 µs a row.
    """
    state = book.record[0]
    rule = rules.record[0]
    first = rule["first"]
    index, fires, complete, close = plan.at, rules.fires, bars.complete, bars.close
    equities, cashes = out.rows[Row.EQUITY], out.rows[Row.CASH]
    watched = rules.bands.shape[0] > 0
    narrowest = np.inf
    for b in range(rules.bands.shape[0]):
        narrowest = min(narrowest, rules.bands[b])
    actions = bars.actions
    next_action = stop
    a = first_action(actions, t)
    if a < actions.shape[0]:
        next_action = min(stop, actions[a]["row"])
    cash = 0.0
    for s in range(book.owners.shape[0]):
        cash += book.owners[s]["cash"]
    while t < next_action and complete[t] and index[t] < 0 and fires[t] == 0:
        prices = close[t]
        equity = 0.0
        for s in range(book.owners.shape[0]):
            owner = book.owners[s]
            own = owner["cash"] + dot(book.owned[s, Own.QUANTITY], prices)
            owner["equity"] = own
            equity += own
        if equity <= NOTHING * state["equity"]:
            break
        if watched:
            measure_drift(book, 0, prices, prices)
            if state["drift"] > narrowest:
                break
            if state["drift"] == state["drift"]:
                out.rows[Row.DRIFT, t - first] = state["drift"]
                out.told[Told.DRIFT_ASSET, t - first] = state["drift_asset"]
        equities[t - first] = equity
        cashes[t - first] = cash
        state["equity"] = equity
        t += 1
    return t


@part
def needs_marks(rule):
    """Whether an account pays, or may be called, by the marks of the row before."""
    return rule["margin"] == 1 or rule["financed"] == 1


@part
def needs_book(bars, rules, t):
    """Whether row `t` looks at the marks of the row before."""
    return needs_marks(rules.record[0]) or has_actions(bars.actions, t) or flows_at(rules.flows, t)


@part
def keeps_watch(book, bars, rule):
    """Whether something may happen to an account on rows on which nobody speaks and no basket works."""
    waits = rule["exits"] == 1 or book.record[0]["n_working"] > 0
    moves = rule["flowing"] == 1 or has_unsettled(book)
    return waits or moves or needs_marks(rule) or has_universe(bars) or is_heard(book, rule) or has_clocks(bars)


@part
def play_bar(book, bars, rule, fees, out, t, first_event, work):
    """Steps 3 to 5 where orders wait or exits are declared: the open, the way to the close, the close."""
    if are_alone(book, rule) and not has_clocks(bars):
        play_alone(book, bars, rule, fees, out, t, work)
        return
    if rule["opens"] == 1:
        play_opens(book, bars, rule, fees, out, t, first_event, work)
    if rule["ranges"] == 1:
        play_inside(book, bars, rule, fees, out, t, work)
    play_closes(book, bars, rule, fees, out, t, first_event, work)
    if rule["exits"] == 1:
        cool(book)


def build_play(full):
    """Make steps 1 to 6 of a row; `full` is a compile-time constant."""

    def play(book, bars, rules, out, t, work):
        """Carry a book that is not frozen through row `t` to its mark; return the bits that fire."""
        state = book.record[0]
        rule = rules.record[0]
        complete = bars.complete[t]
        if full and rule["whole"] == 1:
            expire(book, bars, out, t)
            open_room(book, bars, rule, t)
            settle_cash(book, bars, t)

        # 1–2. Carry, flows and corporate actions reach the book before anything trades.
        acting = False
        if full:
            if rule["cost_shape"] != CostShape.FLAT:
                begin_tier(book, rule, rules.fees, t)
            if rule["flowing"] == 1:
                begin_return(book)
            if rule["financed"] == 1 and t > rule["first"]:
                accrue(book, bars, rule, out, t)
            if flows_at(rules.flows, t):
                move_cash(book, bars, rule, rules.fees, rules.flows, out, t)
            acting = has_actions(bars.actions, t)
            first_event = state["n_events"]
            if acting:
                apply_actions(book, bars, out, t)

        # 3–5. What a margin call and a withdrawal want, what dividends buy; then the bar, and the mark.
        first_fill = state["n_fills"]
        if full and not has_clocks(bars):
            force_at_once(book, bars, rule, rules.fees, out, t, first_event, acting, work)
        if full and rule["whole"] == 1:
            play_bar(book, bars, rule, rules.fees, out, t, first_event, work)
        elif rule["fill"] != Fill.SAME_CLOSE:
            quotes = bars.open[t] if rule["fill"] == Fill.NEXT_OPEN else bars.close[t]
            fill_working(book, bars, rule, rules.fees, out, t, quotes, work)
        if full and has_clocks(bars):
            mark_groups(book, bars, t)
        elif not complete:
            mark_sparse(book, bars, t)
        if full and acting:
            pay_delistings(book, bars, out, t)
        prices = bars.close[t] if complete else book.mark
        settle(book, out, t, prices)
        if full and rule["flowing"] == 1:
            record_return(book, rule, out, t)
        finish_baskets(book, rules, out, t, prices)
        if state["frozen"] == 1:
            rest(book, rule, out, t)
            return 0
        if full and (rule["margin"] == 1 or rule["whole"] == 1 or rule["flowing"] == 1 or rule["reinvest"] == 1):
            refer_to(book, out, prices, first_fill, state["n_fills"])
        if full and rule["margin"] == 1:
            call_margin(book, bars, rule, out, t, prices)
        if full and has_clocks(bars):
            report_stale_groups(book, bars, rule, out, t)
        elif not complete:
            report_stale(book, bars, rule, out, t)
        if full and has_universe(bars):
            leave_universe(book, bars, rule, out, t, prices)
        if full and rule["cost_shape"] != CostShape.FLAT:
            begin_tier(book, rule, rules.fees, t)

        # 6. Watch.
        if rules.bands.shape[0] > 0:
            quotes = bars.close[t]
            if full and rule["whole"] == 1 and is_working(book):
                without_working(book, 0, bars.close[t], work[Work.MORE])
                quotes = work[Work.MORE]
            measure_drift(book, 0, quotes, prices)
        reasons = watch(book, rules, t)
        if full and rule["event_kinds"] != 0:
            reasons |= hear(book, rule, t)
        if reasons != 0 and rule["all_events"] == 1:
            post_triggers(book, out, t, reasons)
        record_row(book, rule, out, t, reasons)
        return reasons

    return part(play)


play_lean = build_play(full=False)
play_full = build_play(full=True)


def build_see_history(full):
    """Make the steps of rows before the first that is simulated; `full` is a compile-time constant."""

    def see_history(book, bars, out, t, stop):
        """Carry marks and actions up to row `stop`; return the row after the last one seen."""
        dense = False
        while t < stop:
            acting = False
            if full:
                acting = has_actions(bars.actions, t)
            if dense and (acting or not bars.complete[t]):
                catch_up(book, bars, t - 1)
            if full and acting:
                apply_actions(book, bars, out, t)
            dense = bars.complete[t]
            if full and has_clocks(bars):
                dense = False
                mark_groups(book, bars, t)
            elif not dense:
                mark_sparse(book, bars, t)
            if full and acting:
                pay_delistings(book, bars, out, t)
            t += 1
        if dense:
            catch_up(book, bars, t - 1)
        return t

    return part(see_history)


see_history_lean = build_see_history(full=False)
see_history_full = build_see_history(full=True)


def build_advance(full):
    """Make the loop; `full` is a compile-time constant."""

    def advance(book, bars, plan, rules, out, work, answer, requests, stop):
        state = book.record[0]
        rule = rules.record[0]
        fees = rules.fees
        at, close, complete, mark = plan.at, bars.close, bars.complete, book.mark
        dense = False  # whether row t − 1 was complete and its closes, the marks, are not written to the book yet
        t = state["row"]
        if t < rule["first"]:
            if full:
                t = see_history_full(book, bars, out, t, min(stop, rule["first"]))
            else:
                t = see_history_lean(book, bars, out, t, min(stop, rule["first"]))
        answered = state["phase"] == Phase.DECIDE
        if answered and refuse(book, rule, answer):
            return Status.BAD_ANSWER.value
        if full and answered and not has_room(book, out, requests.shape[0]):
            return Status.BUFFER.value

        while t < stop:
            reasons = state["reasons"]
            if not answered:
                if state["frozen"] == 0 and not is_working(book) and not (full and keeps_watch(book, bars, rule)):
                    quiet_until = hold(book, bars, plan, rules, out, t, stop)
                    dense = dense or quiet_until > t
                    t = quiet_until
                    if t == stop:
                        break
                if not has_room(book, out, 0):
                    if dense:
                        catch_up(book, bars, t - 1)
                    state["row"] = t
                    return Status.BUFFER.value
                if state["frozen"] == 1:
                    if dense:
                        catch_up(book, bars, t - 1)
                        dense = False
                    rest(book, rule, out, t)
                    t += 1
                    continue
                if dense and not (complete[t] and not (full and needs_book(bars, rules, t))):
                    catch_up(book, bars, t - 1)
                if full:
                    reasons = play_full(book, bars, rules, out, t, work)
                else:
                    reasons = play_lean(book, bars, rules, out, t, work)
                dense = complete[t] and not (full and has_clocks(bars))
                if full and state["fault"] >= Fault.COST.value:
                    state["row"] = t
                    return Status.NO_COST.value
                if at[t] < 0 and reasons & rule["wake_mask"] and not (full and state["called"] == 1):
                    if dense:
                        catch_up(book, bars, t)
                    state["reasons"] = reasons
                    state["phase"] = Phase.DECIDE
                    state["row"] = t
                    return Status.WAKE.value
            wanted = answered or at[t] >= 0 or reasons & rule["reapply_mask"]
            if wanted and state["frozen"] == 0 and not (full and state["called"] == 1):
                prices = close[t] if complete[t] else mark
                if full:
                    decide_full(book, bars, plan, rule, fees, out, t, prices, reasons, answered, answer, requests, work)
                else:
                    decide_lean(book, bars, plan, rule, fees, out, t, prices, reasons, answered, answer, requests, work)
            if rule["fill"] == Fill.SAME_CLOSE and state["frozen"] == 0 and is_working(book):
                prices = close[t] if complete[t] else mark
                if full:
                    fill_same_close_full(book, bars, rules, out, t, prices, reasons, work)
                    if rule["margin"] == 1 and state["frozen"] == 0:
                        call_margin(book, bars, rule, out, t, prices)
                else:
                    fill_same_close_lean(book, bars, rules, out, t, prices, reasons, work)
            if full and state["fault"] == Fault.COST:
                state["row"] = t
                return Status.NO_COST.value
            if answered:
                state["phase"] = Phase.ROW_START
                answered = False
                dense = False  # the wake had written the marks
            t += 1

        if dense:
            catch_up(book, bars, t - 1)
        state["row"] = t
        return Status.END.value

    return loop(advance)


advance_lean = build_advance(full=False)
advance_full = build_advance(full=True)
