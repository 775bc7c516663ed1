"""`backtest trials`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backtest.cli.options import JsonOption, WorkspaceOption, answer_json, answer_table

if TYPE_CHECKING:
    from backtest.metrics.inference.selection import Trials
    from backtest.workspace.trials import Register, Trial

HEAD = ("time", "name", "data", "from", "to", "bars", "Sharpe/bar", "skewness", "kurtosis", "trials", "deflated", "run")
EXPLAINED = """\
What is counted: one trial for each configuration that was ever run on a data set, with the source of its strategy.
Repeats of the same trial count once; another name, report, benchmark or probe makes no other trial. A run counts those
on the same data set (the same content, or a store of the same name) whose dates overlap with its own, whatever their
symbols. A trial whose run folder was deleted was tried all the same.
Why: the best of many worthless strategies looks good. The deflated Sharpe ratio is the probability that the true ratio
is above what the best of so many would show by luck; above 0.95 is the usual bar. Ratios are per bar, not annualised.
"""


def command(
    data: Annotated[str | None, typer.Option(help="Only trials on this store, or on data of this hash.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Show the last so many; 0 shows all.")] = 30,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Show what was tried on each data set, and what that makes of the Sharpe ratios."""
    # Imported here: `backtest --help` needs none of it.
    from backtest.errors import WorkspaceError
    from backtest.workspace import find_workspace
    from backtest.workspace.counting import why
    from backtest.workspace.families import standings
    from backtest.workspace.trials import register_of

    register = register_of(find_workspace(Path.cwd(), workspace))
    try:
        reading = register.read()
    except OSError as error:
        raise WorkspaceError(f"{register.file}: cannot be read: {why(error)}") from error
    shown = _chosen(standings(reading.trials), data)
    families = [_family(register, reading.trials, shown, name) for name in dict.fromkeys(t.store for t, _ in shown)]
    if json:
        answer_json(
            {
                "register": str(register.file),
                "explained": " ".join(EXPLAINED.split()),
                "problems": reading.problems,
                "data": families,
                "trials": [_entry(trial, trials) for trial, trials in shown],
            }
        )
        return
    for problem in reading.problems:
        print(f"warning: {problem}")
    print(f"{_times(len(shown), 'trial')} in {register.file}")
    if shown:
        last = shown[-limit:] if limit else shown
        print()
        answer_table([HEAD, *(_line(trial, trials) for trial, trials in last)], right=range(5, 11))
        if len(last) < len(shown):
            print(f"… and {len(shown) - len(last):,} earlier; --limit 0 shows all")
        print()
        for about in families:
            print(_said(about))
            if about["apart"]:
                print(_said_apart(about))
    print(f"\n{EXPLAINED}", end="")


def _chosen(standings: list[tuple[Trial, Trials]], data: str | None) -> list[tuple[Trial, Trials]]:
    """Keep the trials on a store of that name, or on data whose hash begins so."""
    from backtest.errors import WorkspaceError, unknown

    if data is None:
        return standings
    found = [each for each in standings if each[0].store == data or (data and each[0].data.startswith(data))]
    if not found:
        raise WorkspaceError(unknown("data set in the trial register", data, {trial.store for trial, _ in standings}))
    return found


def _family(
    register: Register, trials: Sequence[Trial], shown: list[tuple[Trial, Trials]], store: str
) -> dict[str, Any]:
    """Describe the trial of a store that looks best, against its family as it is now."""
    from backtest.stats.inference import luck
    from backtest.workspace.counting import count
    from backtest.workspace.families import deflated_of, without_few
    from backtest.workspace.trial_returns import kept

    own = [trial for trial, _ in shown if trial.store == store]
    best = max(own, key=lambda trial: -math.inf if trial.sharpe is None else trial.sharpe)
    known = count(register, trials, best, kept(register.returns, best.key)).trials
    far, rest = without_few(trials, best)
    return {
        "data": store,
        "hashes": sorted({trial.data for trial in own}),
        "trials": len(own),
        "best": best.name,
        "sharpe": best.sharpe,
        "family": known.count,
        "effective": known.effective,
        "sharpe_variance": known.variance_per_bar,
        "luck": luck(known.count, known.variance_per_bar),
        "deflated_sharpe": _or_none(deflated_of(best, known)),
        "apart": [{"name": each.name, "run": each.run, "sharpe": each.sharpe} for each in far],
        "luck_without": luck(rest.count, rest.variance_per_bar) if far else None,
        "deflated_sharpe_without": _or_none(deflated_of(best, rest)) if far else None,
    }


def _said(about: dict[str, Any]) -> str:
    from backtest.report.words import chance

    if about["sharpe"] is None:
        return f"{about['data']}: {_times(about['trials'], 'trial')}, none of which has a Sharpe ratio"
    return (
        f"{about['data']}: the best, {about['best']}, shows a Sharpe ratio of {about['sharpe']:.4f} a bar; the best of "
        f"{_times(about['family'], 'worthless trial')} would show {about['luck']:.4f}. "
        f"Deflated Sharpe ratio {chance(about['deflated_sharpe'])}; "
        f"{_times(about['family'], 'trial')} worth {about['effective']:.1f} independent ones"
    )


def _said_apart(about: dict[str, Any]) -> str:
    from backtest.report.words import chance

    few = about["apart"]
    names = ", ".join(f"{each['name']} ({each['sharpe']:.4f} a bar, {each['run']})" for each in few)
    lie, them = ("lies", "it") if len(few) == 1 else ("lie", "them")
    return (
        f"  {len(few)} of them {lie} so far from the others that most of their spread is due to {them}: {names}. "
        f"Without {them} luck would show {about['luck_without']:.4f}, and the deflated Sharpe ratio would be "
        f"{chance(about['deflated_sharpe_without'])}"
    )


def _entry(trial: Trial, trials: Trials) -> dict[str, Any]:
    from backtest.workspace.families import deflated_of

    return {
        **trial.model_dump(mode="json", exclude={"schema_version"}),
        "trials": trials.count,
        "deflated_sharpe": _or_none(deflated_of(trial, trials)),
    }


def _line(trial: Trial, trials: Trials) -> tuple[str, ...]:
    from backtest.report.words import chance

    entry = _entry(trial, trials)
    ratios = (_text(entry[key], digits) for key, digits in (("sharpe", 4), ("skewness", 2), ("kurtosis", 2)))
    dates = (trial.start[:10], trial.end[:10])
    about = (trial.time[:19], trial.name, f"{trial.store} {trial.data[:8]}", *dates, f"{trial.observations:,}")
    return (*about, *ratios, f"{trials.count:,}", chance(entry["deflated_sharpe"]), trial.run)


def _text(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _times(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number:,} {what}s"


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
