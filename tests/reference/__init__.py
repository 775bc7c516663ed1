"""The reference simulator: what is right, in plain Python. It imports nothing of the engine that it judges.

`simulator` is the numbered day. What trades: `sizing` turns wishes into orders, `basket` lets them meet the market,
`working` is the life of explicit orders, `slices` those that are filled little by little, `match` says where they meet
a bar, `keep_net` cuts what reduces too, `instant` is the open and the close, `intrabar` the way between them by the
table and `path` by an assumed one, `exits` the declared exits, `execute` and `post` book what happens. Money: `costs`,
`money` (what can be paid for), `financing`, `flows`, `margin`, `forced`. Beside them `actions` and `transfers`
(corporate actions), `universe`, `marking`, `watch`, `answers`; the nouns are in `book`, `bars`, `orders` and
`options`. `lots` and `trips` read a finished run.

Readings
--------
Where the rules of the simulated bar leave room, this is how they are read here. The engine follows.

Market

1. A bar is real when every price that the data has is finite and positive there. Rows after an asset's delisting have
   no bars, whatever the table holds.
2. Rows before `first` move marks, ages and delistings (their actions included), nothing else.
3. Sessions are counted, not subtracted: an age is the number of changes of label since the last real bar.

Corporate actions

4. "split", "dividend", "delisting" are events only when the asset is held then, and a payout is a fill only then.
   A dividend may push a carried mark below zero; nothing floors it.
5. An asset delisted on a row with a bar is untradable for the decision of that row (a target on it is an
   "untradable_target"), for same_close too. Its drift reference is of no account any more, because drift leaves out
   what has no bar.
6. The opening that such a delisting cancels is "halted" with the opening quantity. With `at_fill` the orders do not
   exist before the fill: they are sized with that asset as tradable, and then its opening is cancelled, so that its
   money stays cash.

Sizing

7. Lists and ties go by symbol name: of equal |d| the first name is dropped. |d| that differ by at most 1e-9 E are
   equal (what one of two assets sells the other buys); names are walked in order, and a later one must be smaller by
   more than that.
8. A trade dropped by "cost_exceeds_equity" cannot come back in the same sizing.
9. The iteration for x ends when |change| <= 1e-15 E; it is left for halving when an iterate is <= 0 or after 200 steps.
   Halving starts from (0, E], always takes 200 steps, moves the lower end where E - costs(x) > x and answers the
   lower end; 0 means no root.
   Members stay in the set and in the costs, but one that needs at most 1e-9 E at the solved x gets no order: it is
   where it should be, and rounding is not worth a minimum commission. (The smallest trade is asked at x = E and
   when joining only, so a member may trade less than it.)
10. "A target of 0" is an aim of 0: a factor of 0 (untradable holdings use up all gross) closes positions as well.
11. A sizing with E <= 0 (only `at_fill`, at the fill's prices) makes no orders and equity_after = E.
12. Short openings take part in sizing; they are dropped at the fill, and only if they meet a bar ("halted" otherwise).

Fills

13. The bisection for f asks need(f) <= available; the 1e-12 E belongs to the question whether f is 1.
    E is the equity at the last mark (the previous row's for next_*), also with `at_fill`. Without any opening f is 1,
    even if cash is below the reserve. Cash of at most 1e-12 E above the reserve is none: f is 0, because otherwise
    an account that sits at its reserve buys rounding errors (1e-14 of money) for ever.
14. The arrival price is the reference price of the fill; the decision price is the mark at the decision (also with
    `at_fill`, where it may be older than the row or NaN), divided by splits on the way.
15. Net exposure before and after is taken at the fill's prices (mark where there is no bar) around the fills.
16. Order numbers start at 0 and run over the whole simulation.

Records

17. A decision's equity is what sizing divided. Until `at_fill` has sized, it is the equity marked at the decision and
    equity_after is NaN. While the basket works done_row is -1 and scale, net_before, net_after are NaN.
18. "unfilled_at_end" is on the last row, one an order; with `at_fill` there are no orders yet, so there is none.
19. Drift with a reference but no movement is 0 with asset -1; the first column wins a tie. On the rows of a frozen
    book, the row of the bankruptcy included, drift is NaN, the asset -1 and no bit fires.
    After a bankruptcy inside same_close's fill the row keeps the bits and the drift that it had.
20. An account is bankrupt when its equity is at most 1e-12 of the equity at the mark before (the capital, before the
    first): the cash that a total loss leaves is a rounding error of either sign. Bankruptcy is looked for at every
    mark, so twice on a same_close row with a basket; the first one ends the account and leaves quantities as
    they are. Nothing that still works then will ever fill, and it is not "unfilled_at_end".
21. Events stand in the order in which they happen: actions by asset; sizing by symbol name (untradable targets first,
    then given-up trades); per order "halted" or "short_dropped"; "scaled"; payouts by asset; "bankrupt"; "stale" by
    asset.

Explicit orders

22. The orders of an answer have the numbers that follow the book's last one, in their order; those of the basket come
    after them. A refused order uses up its number. In an answer cancels go first, then orders, then the basket. A plan
    row may hold an `Answer` too; orders without weights leave the targets, the working basket and `exited` alone.
23. "market" fills where targets do: at the open with next_open, else at the close of the first real bar after its
    answer (same_close too: only baskets fill at the close that was decided on). "market_on_close" always at the close.
24. Explicit orders are rounded to lots toward zero when they are placed, reduce-only ones are not. Levels are rounded
    to ticks so that the order asks for less: limits away from the market (buys down, sales up), stops too (buys up,
    sales down). Prices of a bar are prices that were traded, so that a fill there is not rounded. A split does not
    round again.
25. The order minimum is looked at when an order is placed (explicit: |q| x limit, else stop, else mark; basket: at the
    sizing's prices, event "below_minimum") and for the openings of a basket after f < 1. Reduce-only orders and
    declared exits are exempt.
26. Touching is enough, for limits as for stops.
27. A "day" order works through the session of the first row after its answer (a child: of its birth), bar or no bar.
    What has outlived its time is cancelled at the start of the first row in which it cannot fill, before everything
    else: the rows that follow are not known at the end of a row.
28. A replacement cancels the old order and has its own number. If the old one works no more it is refused
    ("nothing_to_replace"), because what it was meant for has happened.
29. A child's quantity is minus what its parent has filled; it grows with each part. The children of one parent are a
    group. The first fill of a child cancels what is left of the parent. Cancelling a parent cancels children that are
    not born; those born stay.
30. Within a group the first fill, also a partial one, cancels the others; but a reduce-only order that is filled in
    part leaves them, for they clip to what is left.
31. A reduce-only order sleeps without a position that it could reduce; sleeping, its trail sees nothing. It wakes with
    the fill that opens one, and its trail begins at that fill's price. A fill that ends or turns a position removes
    the reduce-only orders that could have reduced the old one ("position_closed"), the filled one's rest included. An
    explicit order that leaves |position| <= 1e-12 of its quantity leaves none.
32. A trail begins at the mark of its answer (a child's and a woken one's: at the fill). If that is NaN, at the first
    open.
33. A stop or trail that was reached but could not be filled whole for want of volume is a market order from then on,
    at the opens; a limit stays a limit. What cannot be paid for is cancelled ("unaffordable"), also of a limit order.
34. A short opening on a cash account is dropped when it would fill, and the order with it.

The order of fills

35. At the open: what is forced (margin call, withdrawal, reinvested dividends); gapped stops and trails of the slots
    by name, then of orders by number; gapped targets likewise; market orders' reducing parts by number; the basket's
    by name; then explicit orders by number, each whole (what its own position still has to be reduced, then its
    opening); then the basket's openings. The close is the same without gaps. An order that opposes no position at its
    turn has no reducing part.
36. Inside the bar, pessimistic: stops and trails (slots by name, orders by number), then targets and other limits that
    oppose the position; then all orders that do not oppose a position, by number; then, for assets whose position was
    opened or increased inside this bar, the exits again by the rules of the own bar, P being the last such fill. An
    order is filled whole at its turn, through zero if it is not reduce-only. What woke or was born at the open fills
    there if the open is beyond its level already. On an own bar a target that P is beyond already fills at P, if the
    close is beyond it too.
37. An entry at the open counts the whole bar for its trail as well: extreme P, then the high. "Own bar" is for entries
    inside it. A position that only grew inside the bar goes on with the high.
38. Two halves of an order that fill at one moment are one record: the costs are those of the whole.
39. Explicit openings are cut by the same closed form or halvings as a basket, alone; at the open and inside the bar
    with all positions at this row's opens (marks without a bar).
40. `optimistic`, `open_high_low_close` and `open_low_high_close` are what `intrabar` and `path` say.

Declared exits

41. The entry price is the average reference price of what is held, without costs. An increase moves stop, target and
    the trail's distance to the new average; the trail's extreme stays, or is the new price if that is better. The
    nearer of stop and trail is the stop, of two equal ones the stop. A fired stop stays fired until the position is
    closed.
42. Their fills have order_id -1 and the reasons "exit_stop", "exit_trail", "exit_target"; targets pay like limits.
43. An exit, after which re-applied targets leave the asset alone, is a declared exit or a reduce-only explicit order
    (children, and the order that a universe forces, included). "Leave alone" is: it counts as untradable in that
    sizing, without an event.
44. "At its new weight" is the weight at the mark that follows, for every asset that was filled outside a basket.

Volume and carrying

45. The cap is participation x the volume of that bar, shared by all fills of an asset in the row in the order in which
    they happen; where it binds it is rounded down to lots. NaN or 0 is no volume. The whole bar's volume counts at its
    open. Only payouts of delistings are exempt.
46. `carry` 0: the next row; n: n real bars of the asset; -1: until filled. What the cap left over lapses with
    "capped". What f cut is not sent again. A basket that carries takes its references on its first row and again when
    it is done; its `scale` is the smallest f, `net_before` is of its first opportunity, `net_after` and `done_row` of
    its last. A new answer cancels the rest ("superseded"), and then the done_row is the row of that answer.

Costs

47. `per_trade` is part of the commission, beside its rates and under the minimum; both are charged for every fill,
    also for each part of an order that fills on several rows. Spread, slippage and the three impacts are fractions of
    the value at the reference price, or money per unit squared; temporary = eta q², permanent = gamma q² / 2. The
    engine books the three as one.
48. A table of spreads, sigma or average volumes is used as it stands in the row of the fill; a sizing at a decision
    uses the row of the decision. Whoever made the table has lagged it, by a row (and restated it for splits): row t has
    what was known at the end of row t - 1. A trade where one of them is NaN is an error.
49. The tier of a row is that of the money traded in the month up to the end of the row before (payouts of delistings
    do not count, reinvested dividends do). A decision, and a same_close basket, see their own row as well. The whole
    trade pays the rate of its tier.
50. Carry is paid from the second simulated row on. V and fees are taken at the marks of the row before; a halted asset
    has its old mark. All rates are those of the row before. Nothing is rounded, and no event is written:
    `Outcome.carry` has interest, loan, rebate, borrow fee and funding of each row.

Account

51. Feasible is asked as "what it uses up": margin x |units more| x price + cost, against equity at the fill's prices
    less the margin of everything held; on a cash account price + cost against settled cash less the reserve. f covers
    long and short openings alike. Maintenance is exceeded when it is above equity by more than 1e-12 of it.
52. A margin call is looked for at every mark (with same_close also after the basket). It cancels the basket and every
    explicit order that opens; orders that oppose a position become reduce-only. It takes the place of the row's
    decision, plan rows included. The reduction is sized at the first price of the next row (the open, or the close of
    data without opens): the upper end of 60 halvings of the part g that all positions with a bar lose alike, costs
    included, lots rounded up. If the price has come back it is nothing; what the cap or a halt leaves is tested at the
    next mark.
53. Free cash: on a cash account the cash, reserve and unsettled money included; on margin the smaller of cash - V and
    equity - initial margin, at least 0. A withdrawal beyond it sells at the first price, after a margin call, by the
    same halving, and is paid up to what is free then ("cash_flow" with the reason "cut" when more than 1e-9 of it is
    missing); the rest of it is forgotten. A flow may be a part of the equity at the mark before (the capital, before
    the first). Withdrawals and margin calls are no exits.
54. With nothing left to earn on (E <= 0 after a payment) the second factor of the row's return is 1. The first row's
    return begins at the capital.
55. Settlement: what a fill brings (value less costs) is usable from the session that is n after its own. Dividends,
    flows and payouts are usable at once. Sizing does not know it; f does.

Lots and trips

56. A lot's price includes its costs per unit; a fill that turns a position shares its costs by units. "highest_cost"
    of shorts closes what brought least; of equal prices the oldest. "average" is one lot, as old as the oldest.
    Dividends and carry belong to no lot. A delisting closes at its payout price.
57. A trip goes from no position to no position; its profit is that of its fills, an open trip's at the last mark. It
    has seen the prices of its fills, the first price of every bar that it was there before, high and low where it was
    there from the open to the close, and the close if it was there then. Excursions are fractions of the average
    reference price held at that moment. Bars held are real bars after the entry's row.

More corporate actions

58. Within a row: renames; then by asset splits, dividends and delistings; spin-offs after all dividends, and then all
    delistings after them. A spin-off gives for the quantities before the row's first spin-off.
59. The child's price is its first price of the row, else its mark, else nobody knows it: then the parent's mark stays,
    the child's mark is 0 and it has no declared exits until it grows. Spin-offs and dividends move no exits or orders.
60. A rename moves mark, position, orders, exits, targets, reference and basket to the new column, which must be empty;
    the old one never trades again, whatever its table holds. A basket fills by the names that are valid then.
61. Reinvesting is for longs, at the first price of the row before everything but what is forced, without cost or cap,
    rounded down to lots; without a bar the money stays cash. It is not in a basket, and not an exit.
62. On the last bar of a delisting explicit orders that oppose the position become reduce-only and work on; the rest is
    cancelled at step 2. After the payout nothing of the asset works. What is cancelled out of a carrying basket ends
    it at its next opportunity.
63. Who is not in the universe at the end of a row and is held gets one reduce-only market order (gtc, reason
    "universe", numbered before the row's answer). Orders that open it are cancelled or refused, and targets on it
    count as 0: event "not_in_universe", except when targets are sent again. The raw targets are kept.

Events

64. "order_cancelled" carries its reason; a basket's orders have it when they are superseded or a margin call takes
    them. What one halted row does to a waiting order is no event. Only with `all_events`: "listing" (first real bar,
    the first event of its row, by column; a new name has none), "order_placed" (its reason is its kind, "target" or
    "universe"), "order_filled" (every part), "position_opened", "position_closed" (value: what it was),
    "rebalance_completed" (value: scale), "trigger_fired" (value: the bits). A split, dividend, spin_off, rename or
    delisting event is the corporate action; "performance_update" is the record of the row.
65. `on_event` fires a bit when an event of its kind has happened since the triggers were last looked at, whether it is
    written down or not; what comes after them in a row (answers, same_close fills) is seen by the next row. On a row
    whose decision a margin call takes, the events wait for the next one: otherwise nobody could be asked about a call.

Sliced orders

66. A sliced order is a parent with a first row, a last row and a curve: which part of it is due by the end of each of
    its rows, in equal steps without one (TWAP). Where market orders fill (open or close), it is filled up to what is
    due less what was filled, rounded toward zero to lots. What a slice could not fill (no bar, volume, lots) is due
    with the next one; in the last row all that is left is. What is left then is cancelled ("expired") at the start of
    the row after it.
67. Each slice takes the book's next number when it fills, and its fill has the parent's number as `parent_id`. Else
    the parent is one order: placed, cancelled, replaced, cut and outlived as a whole, by its own number. What cannot
    be paid for cancels all of it, and so does a short opening on a cash account, but not before something is due. A
    time in force may end it sooner. Minimum and lots are asked of the whole order, not of its slices.

Keeping the net exposure

68. With `keep_net` one f is for all of a basket, reductions included. It is found when the basket's reductions would
    fill, after those of explicit market orders, as if nothing else were to fill: 1 if the equity after costs covers the
    initial margin of everything then held (up to 1e-12 E), else the lower end of 60 halvings, below 1e-12 nothing.
    Without any opening f is 1. Where the margin is not covered before the basket either, there is no such f: what
    reduces is made in full, and f is for the openings. What f leaves of an order is split at zero and rounded to lots
    anew, and openings of an order that is then below the minimum are dropped. Explicit openings come in between as
    ever; if they, or the rounding of what reduces, leave too little, the openings are cut once more ("scaled" twice).

Perpetual futures

69. They are booked as if they were paid in full: a long takes its value out of the cash, a short puts it in. Equity,
    sizing, margin, calls and ruin are then those of a position that settles its profit and loss in cash, because on
    margin nothing but these look at the cash. Where the cash itself counts (B of the carry, free cash of a withdrawal)
    the value of the position is put back, longs added and shorts taken off; rebate and borrow fee are for other shorts.
70. Funding is Δt/365 x rate x value at the marks of the row before, by the rate known then, longs paying it and shorts
    getting it (below zero the other way round), before splits, like the rest of the carry.

Several clocks

71. Assets that share their sessions are a group. In each row a group has a start and an end, or none where it has no
    session. The decision of a row is taken at its latest end. A row is an opportunity for what was decided at row d in
    an asset if its group has a session there that starts at or after the decision of d. Any other row is none: nothing
    lapses, no bar is counted, no event is written, and the order waits. This holds for target orders, explicit orders
    (whose trail sees nothing of such a bar) and for what is forced. Declared exits belong to the position, not to a
    decision, and see every bar.
72. Opens are played instant by instant in the order of the starts, closes in the order of the ends; groups of equal
    stamps are one instant, and one group alone is the day of one clock. At each instant everything that fills there
    does so in the order of one open (what is forced, gapped exits, reducing parts, explicit openings, the basket's
    openings with an f of their own), so that proceeds pay for what opens later, and for nothing earlier. What has not
    opened (closed) yet is worth the price that was last seen: the open of this row after its open, else the mark.
    Between all opens and all closes lies the inside of all bars, asset by asset as in one market.
73. An asset can be traded at a decision (in the sizing) if it had a real bar in the last row in which its group had a
    session: a Saturday of other assets makes no share untradable, and an order for it waits for Monday.
74. A basket has had its first opportunity when any of its orders has; f (that of `keep_net` too), references and
    `net_after` are taken at each, as by one that carries (46). An empty one is done at the first instant of the next
    row. Orders that wait for their group mute drift for their own asset; an asset without a bar drifts in no row.
75. A margin call and a withdrawal were decided at the row before. At each open the part g is solved anew for all
    positions that can still be sold in this row, those that open later at their marks; those of the instant are sold.
    The call holds until the last open of the row. A withdrawal is paid as soon as enough is free (up to 1e-9 of it), at
    the latest at the last open, and what it waits for pays for nothing else. Dividends are reinvested at the open of
    their own asset.
76. Staleness, days of orders and settlement count the sessions of the asset's own group, dates (gtd) and slices all
    rows. Carry runs from row to row, whoever has a session.
77. same_close and `at_fill` are refused: there is no close that all assets share, and no moment to size a basket at.
"""

from __future__ import annotations

from .book import Carry, Decision, Event, Fill, Outcome, View
from .options import Account, Exits, Finance, Impact, Trading
from .orders import Answer, Order, Working, bracket
from .run import simulate

__all__ = [
    "Account",
    "Answer",
    "Carry",
    "Decision",
    "Event",
    "Exits",
    "Fill",
    "Finance",
    "Impact",
    "Order",
    "Outcome",
    "Trading",
    "View",
    "Working",
    "bracket",
    "simulate",
]
