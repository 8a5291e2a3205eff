"""What the pages of a round say: what is to be done next, and what each step does before it is confirmed."""

from collections.abc import Callable, Sequence
from datetime import date

from audit.domain.audit import State
from audit.domain.round import RoundState
from audit.pages import round_view as view
from audit.pages.view import day
from audit.use_cases.read_rounds import RoundView

_RUNNING = frozenset({State.PLANNED.value, State.AUDITING.value, State.SUBMITTED.value})


def next_step(found: RoundView, waiting: int) -> tuple[str, list[str]]:
    """What is to be done with a round next, and the steps that are open, the one first. `waiting` cases have no audit yet."""
    of, listed = found.round, sum(found.standings.values())
    running = sum(audit.state in _RUNNING for audit in found.audits)
    if of.state is RoundState.PREPARING:
        if not listed:
            return "Load the list of cases from which the sample is drawn.", ["load"]
        return f"{listed:,} on the list. Draw the sample when the list is complete.", ["draw", "load"]
    if waiting:
        steps = ["allocate"] if found.audits else ["allocate", "undo-draw"]
        return f"Picked and not yet given to auditors: {waiting}.", steps
    if of.state is RoundState.DRAWN:
        itself = f" It goes out by itself on {day(of.circulate_on)}." if of.goes_out_itself else ""
        return f"Everybody has their part. Look the allocation over, then circulate it.{itself}", ["circulate"]
    if of.state is RoundState.CIRCULATED:
        return (f"Still at work: {running}.", []) if running else ("All of it is moderated or withdrawn.", ["close"])
    return "The round is closed. Reviews that are still to be held go on.", []


def step_words(name: str, found: RoundView, today: date) -> Sequence[str]:
    """What a step does, a paragraph each."""
    return _WORDS[name](found, today)


def _draw(found: RoundView, _today: date) -> list[str]:
    of = found.round
    listed, strata = found.standings.get("listed", 0), view.STRATA[of.rules.sample.stratify_by]
    how = f"{of.size} of the {listed:,} cases on the list are drawn, {strata}."
    return [
        f"{how} Every case keeps the reason why it was picked or left out.",
        "After that the list is fixed. The seed is kept, so that the draw can be repeated and shown to be fair.",
    ]


def _undo_draw(_found: RoundView, _today: date) -> list[str]:
    return [
        "Take the draw back only to put the list right.",
        "Everybody who looks at the round sees that there was a draw, and its seed.",
    ]


def _allocate(found: RoundView, _today: date) -> list[str]:
    most = found.round.rules.allocation.most_audits_a_month
    limit = f" Nobody is given more than {most} audits in the month." if most else ""
    even = "Every picked case is given to its auditors, moderator and reviewer under the conflict rules, and evenly."
    return [
        f"{even}{limit}",
        "Nobody sees their audits before you circulate them, and you can still give single parts to somebody else.",
    ]


def _circulate(found: RoundView, today: date) -> list[str]:
    of = found.round
    number = sum(audit.state == State.PLANNED.value for audit in found.audits)
    early = [f"This is before {day(of.circulate_on)}, the day that was planned."] if today < of.circulate_on else []
    late = ["The day of submission is over: all of them would be late at once."] if today > of.submit_by else []
    return [
        f"{number} go to their auditors now. They submit by {day(of.submit_by)}, and moderation is due {day(of.moderate_by)}.",
        *early,
        *late,
    ]


def _close(_found: RoundView, _today: date) -> list[str]:
    return ["All of its audits are moderated or withdrawn. Reviews and actions go on after a round is closed."]


_WORDS: dict[str, Callable[[RoundView, date], list[str]]] = {
    "draw": _draw,
    "undo-draw": _undo_draw,
    "allocate": _allocate,
    "circulate": _circulate,
    "close": _close,
}
