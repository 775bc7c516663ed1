"""The one loop: the numbered day of SEMANTICS §2, row after row, until Python is needed.

One source, two compiled forms: *lean* knows no corporate actions, *full* does. Both give the same bits where both
apply (tests/kernels/test_specialisations.py).
"""

import numpy as np

from backtest.kernels._jit import kernel
from backtest.kernels.actions import apply_actions, first_action, has_actions, pay_delistings
from backtest.kernels.book import Bars, Book, Output, Own, Plan, Rules, Scratch, Seen
from backtest.kernels.lanes import dot, total
from backtest.kernels.match import fill_basket
from backtest.kernels.orders import take_decision
from backtest.kernels.post import post_decision, post_event
from backtest.kernels.triggers import measure_drift, watch
from backtest.types import EventKind, Fault, Fill, Phase, Source, Status

NOTHING = 1e-12  # of the equity at the mark before
FILLS_A_ROW = 2  # per owner and asset: one order and one delisting
EVENTS_A_ROW = 8  # per owner and asset, with every kind at once; and as many for the account
DECISIONS_A_ROW = 2  # per owner: one finishes, and with same-close fills one more


@kernel
def has_room(book, out):
    """Whether the output of the worst possible row still fits."""
    state = book.record[0]
    cells = book.owned.shape[0] * book.owned.shape[2]
    return (
        state["n_fills"] + FILLS_A_ROW * cells <= out.fills.shape[0]
        and state["n_events"] + EVENTS_A_ROW * (cells + 1) <= out.events.shape[0]
        and state["n_decisions"] + DECISIONS_A_ROW * book.owners.shape[0] <= out.decisions.shape[0]
    )


@kernel
def catch_up(book, bars, t):
    """Write the marks that dense rows only implied: row `t` was complete and is where they stand."""
    book.mark[:] = bars.close[t]
    book.seen[Seen.SESSION, :] = bars.session[t]
    book.seen[Seen.FLAGGED, :] = 0


@kernel
def mark_sparse(book, bars, t):
    """Mark what has a real bar in row `t` and carry the rest."""
    for i in range(book.mark.shape[0]):
        price = bars.close[t, i]
        if price == price:
            book.mark[i] = price
            book.seen[Seen.SESSION, i] = bars.session[t]
            book.seen[Seen.FLAGGED, i] = 0


@kernel
def report_stale(book, bars, rule, out, t):
    """Say once that a held asset has not traded for more than the allowed sessions."""
    for i in range(book.mark.shape[0]):
        age = bars.session[t] - book.seen[Seen.SESSION, i]
        if age > rule["max_stale"] and book.seen[Seen.FLAGGED, i] == 0:
            for s in range(book.owners.shape[0]):
                if book.owned[s, Own.QUANTITY, i] != 0.0:
                    book.seen[Seen.FLAGGED, i] = 1
                    post_event(book, out, s, t, i, EventKind.STALE, -1, age)


@kernel
def see_history(book, bars, out, t, stop, full):
    """Carry marks and actions through rows before the first that is simulated; return the row after them."""
    dense = False
    while t < stop:
        if full and has_actions(bars.actions, t):
            if dense:
                catch_up(book, bars, t - 1)
            dense = False
            apply_actions(book, bars, out, t)
        if bars.complete[t]:
            dense = True
        else:
            if dense:
                catch_up(book, bars, t - 1)
            dense = False
            mark_sparse(book, bars, t)
        if full:
            pay_delistings(book, bars, out, t)
        t += 1
    if dense:
        catch_up(book, bars, t - 1)
    return t


@kernel
def settle(book, out, t, prices):
    """Value every owner at `prices` `(N,)`; freeze an account of which nothing is left.

    After a total loss the sign of what remains is rounding, so that nothing means 1e-12 of the equity before.
    """
    state = book.record[0]
    before = state["equity"]
    equity = 0.0
    for s in range(book.owners.shape[0]):
        owner = book.owners[s]
        owner["equity"] = owner["cash"] + dot(book.owned[s, Own.QUANTITY], prices)
        equity += owner["equity"]
    state["equity"] = equity
    if equity <= NOTHING * before:
        state["frozen"] = 1
        post_event(book, out, 0, t, -1, EventKind.BANKRUPT, -1, equity)


@kernel
def is_working(book):
    """Whether any owner's basket waits for its fill opportunity."""
    working = False
    for s in range(book.owners.shape[0]):
        working = working or book.owners[s]["working"] == 1
    return working


@kernel
def finish_baskets(book, out, t, prices):
    """Close the record of baskets that just had their chance, and take what they attained as the reference."""
    for s in range(book.owners.shape[0]):
        owner = book.owners[s]
        if owner["working"] == 2:
            post_decision(book, out, s, t)
            if book.record[0]["frozen"] == 0:
                scale = 1.0 / owner["equity"]
                q = book.owned[s, Own.QUANTITY]
                reference = book.owned[s, Own.REFERENCE]
                for i in range(q.shape[0]):
                    reference[i] = q[i] * prices[i] * scale
                owner["has_reference"] = 1


@kernel
def record_row(book, rule, out, t, reasons):
    """Write equity, cash, drift and what fired."""
    state = book.record[0]
    cash = 0.0
    for s in range(book.owners.shape[0]):
        cash += book.owners[s]["cash"]
    line = out.rows[t - rule["first"]]
    line["equity"] = state["equity"]
    line["cash"] = cash
    line["drift"] = state["drift"]
    line["drift_asset"] = state["drift_asset"]
    line["reasons"] = reasons


@kernel
def rest(book, rule, out, t):
    """A row of a frozen book: everything stays as it was when the account ended."""
    book.record[0]["drift"] = np.nan
    book.record[0]["drift_asset"] = -1
    record_row(book, rule, out, t, 0)


@kernel
def refuse(book, rule, answer):
    """Note what is wrong with the answers (`(S, N)`, a whole row of NaN is no answer); return whether anything is."""
    state = book.record[0]
    state["fault"] = 0
    for s in range(answer.shape[0]):
        gross = total(np.abs(answer[s]))
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


@kernel
def take_answers(book, bars, rule, out, t, prices, answer, work):
    """Turn the answers of the owners into working baskets, in owner order."""
    for s in range(answer.shape[0]):
        if answer[s, 0] == answer[s, 0]:
            book.owned[s, Own.TARGET, :] = answer[s]
            take_decision(book, bars, rule, out, s, t, prices, Source.ANSWER, book.record[0]["reasons"], work)


@kernel
def take_known(book, bars, rule, plan, out, t, prices, reasons, work):
    """Decide without Python: the plan's row (one of NaN leaves everything alone), or else the last targets again."""
    for s in range(book.owners.shape[0]):
        k = plan.at[t]
        if k >= 0:
            if plan.weights[k, 0] == plan.weights[k, 0]:
                book.owned[s, Own.TARGET, :] = plan.weights[k]
                take_decision(book, bars, rule, out, s, t, prices, Source.PLAN, reasons, work)
        elif book.owners[s]["has_targets"] == 1:
            take_decision(book, bars, rule, out, s, t, prices, Source.REAPPLY, reasons, work)


@kernel
def fill_working(book, bars, rule, out, t, quotes, dense, work):
    """Give every working basket its fill opportunity at `quotes`."""
    for s in range(book.owners.shape[0]):
        if book.owners[s]["working"] == 1:
            fill_basket(book, bars, rule, out, s, t, quotes, dense, work)


@kernel
def fill_same_close(book, bars, rule, out, t, prices, reasons, work):
    """Step 5b: what was just decided fills at this close; mark and record again."""
    if is_working(book):
        fill_working(book, bars, rule, out, t, bars.close[t], bars.complete[t], work)
        settle(book, out, t, prices)
        finish_baskets(book, out, t, prices)
        record_row(book, rule, out, t, reasons)


@kernel
def hold(book, bars, plan, rules, out, t, stop):
    """Value dense rows on which nothing can happen; return the first row that needs the whole day.

    A row is quiet when every asset has a bar, no basket works, no plan or known trigger speaks, and no weight has left
    a band. It is the loop's mark step with nothing around it: 0.3 ns an asset, where the whole day costs 0.3 µs a row.
    """
    state = book.record[0]
    rule = rules.record[0]
    first = rule["first"]
    index, fires, complete, close, rows = plan.at, rules.fires, bars.complete, bars.close, out.rows
    watched = rules.bands.shape[0] > 0
    narrowest = rules.bands.min() if watched else np.inf
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
        line = rows[t - first]
        line["equity"] = equity
        line["cash"] = cash
        line["drift"] = state["drift"]
        line["drift_asset"] = state["drift_asset"]
        line["reasons"] = 0
        state["equity"] = equity
        t += 1
    return t


def build_advance(full):
    """Make the loop; `full` is a compile-time constant."""

    def advance(
        record, owners, mark, owned, order_id, seen,
        open_, close, complete, session, actions, by_name, lots,
        index, weights,
        constants, fires, bands, band_bits,
        rows, fills, decisions, events,
        answer, stop,
    ):  # fmt: skip
        book = Book(record, owners, mark, owned, order_id, seen)
        bars = Bars(open_, close, complete, session, actions, by_name, lots)
        plan = Plan(index, weights)
        rules = Rules(constants, fires, bands, band_bits)
        out = Output(rows, fills, decisions, events)
        state = record[0]
        rule = constants[0]
        same_close = rule["fill"] == Fill.SAME_CLOSE
        n = close.shape[1]
        work = Scratch(np.empty((6, n)), np.empty(n + 1, np.int64), np.empty(n + 1))
        dense = False  # whether row t − 1 was complete and its closes, the marks, are not written to the book yet
        t = state["row"]

        if state["phase"] == Phase.DECIDE:
            if refuse(book, rule, answer):
                return Status.BAD_ANSWER.value
            take_answers(book, bars, rule, out, t, mark, answer, work)
            if same_close:
                fill_same_close(book, bars, rule, out, t, mark, state["reasons"], work)
            state["phase"] = Phase.ROW_START
            t += 1

        if t < rule["first"]:
            t = see_history(book, bars, out, t, min(stop, rule["first"]), full)
        while t < stop:
            working = is_working(book)
            if state["frozen"] == 0 and not working:
                quiet_until = hold(book, bars, plan, rules, out, t, stop)
                dense = dense or quiet_until > t
                t = quiet_until
                if t == stop:
                    break
            if not has_room(book, out):
                if dense:
                    catch_up(book, bars, t - 1)
                state["row"] = t
                return Status.BUFFER.value
            if state["frozen"] == 1:
                rest(book, rule, out, t)
                t += 1
                continue

            # 1–2. Corporate actions reach the book before anything trades.
            complete_now = complete[t]
            acting = full and has_actions(actions, t)
            if dense and (acting or not complete_now):
                catch_up(book, bars, t - 1)
                dense = False
            if acting:
                apply_actions(book, bars, out, t)

            # 3–5. Fills at the open or the close, then the mark.
            if working and rule["fill"] == Fill.NEXT_OPEN:
                fill_working(book, bars, rule, out, t, open_[t], complete_now, work)
            elif working and rule["fill"] == Fill.NEXT_CLOSE:
                fill_working(book, bars, rule, out, t, close[t], complete_now, work)
            prices = close[t] if complete_now else mark
            dense = complete_now
            if not complete_now:
                mark_sparse(book, bars, t)
            if acting:
                pay_delistings(book, bars, out, t)
            settle(book, out, t, prices)
            finish_baskets(book, out, t, prices)
            if state["frozen"] == 1:
                rest(book, rule, out, t)
                t += 1
                continue
            if not complete_now:
                report_stale(book, bars, rule, out, t)

            # 6. Watch.
            if bands.shape[0] > 0:
                measure_drift(book, 0, close[t], prices)
            reasons = watch(book, rules, t)
            record_row(book, rule, out, t, reasons)

            # 7. Decide.
            planned = index[t] >= 0
            if not planned and reasons & rule["wake_mask"]:
                if dense:
                    catch_up(book, bars, t)
                state["reasons"] = reasons
                state["phase"] = Phase.DECIDE
                state["row"] = t
                return Status.WAKE.value
            if planned or reasons & rule["reapply_mask"]:
                take_known(book, bars, rule, plan, out, t, prices, reasons, work)
                if same_close:
                    fill_same_close(book, bars, rule, out, t, prices, reasons, work)
            t += 1

        if dense:
            catch_up(book, bars, t - 1)
        state["row"] = t
        return Status.END.value

    return kernel(advance)


advance_lean = build_advance(full=False)
advance_full = build_advance(full=True)
