"""The reference simulator: what is right, in plain Python. It imports nothing of the engine that it judges.

`simulator` is the numbered day; `sizing` turns wishes into orders; `fills` lets a basket meet the market; `actions` has
splits, dividends and delistings; `marking` closes the row; `watch` measures drift; `costs`, `book` and `bars` are
the nouns.

Readings
--------
Where the rules of the simulated bar leave room, this is how they are read here. The engine follows.

Market

1. A bar is real when every price that the data has is finite and positive there. Rows after an asset's delisting have
   no bars, whatever the table holds.
2. Rows before `first` move marks, ages and delistings (their actions included), nothing else.
3. Sessions are counted, not subtracted: an age is the number of changes of label since the last real bar.

Corporate actions

4. "split", "dividend", "delisted" are events only when the asset is held then, and a payout is a fill only then.
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
    they are. No basket is working then: it was filled before the mark.
21. Events stand in the order in which they happen: actions by asset; sizing by symbol name (untradable targets first,
    then given-up trades); per order "halted" or "short_dropped"; "scaled"; payouts by asset; "bankrupt"; "stale" by
    asset.
"""

from __future__ import annotations

from .book import Decision, Event, Fill, Outcome, View
from .simulator import simulate

__all__ = ["Decision", "Event", "Fill", "Outcome", "View", "simulate"]
