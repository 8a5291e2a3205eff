"""Good practice that is recorded formally: who did what, who saw it, and whether the worker was told.

The managers of the worker's team are told: each has a notice of their own, on which they confirm that they have seen it and the
day on which they shared it with the worker. A team whose manager nobody knows has one notice for whoever manages it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from audit.domain.dispute import Difference
from audit.domain.dispute_access import Parties, Viewer, raised_it
from audit.domain.dispute_profile import Acknowledgements
from audit.domain.dispute_steps import EARLIEST, one_of
from chassis.errors import DomainError, FieldError, Kind

SECRET = frozenset({"good", "withdrawal"})
CORRECTABLE = frozenset({"acknowledged_on", "raised_by", "origin", "worker", "themes", "good"})


@dataclass(frozen=True)
class Notice:
    """One manager who is told; `person` is None where the directory knows nobody who manages the team."""

    number: int
    person: str | None
    told_on: date
    seen_on: date | None = None
    shared_on: date | None = None


@dataclass(frozen=True)
class Acknowledgement:
    """Good practice of one worker (code of the staff directory, or the organisation's own code of them)."""

    acknowledged_on: date
    raised_by: str
    origin: str
    worker: str
    service_area: str
    team: str | None
    themes: tuple[str, ...]
    notices: tuple[Notice, ...]
    good: str = field(default="", repr=False)
    withdrawn_on: date | None = None
    withdrawal: str = field(default="", repr=False)

    @property
    def seen_on(self) -> date | None:
        """When a manager first confirmed."""
        return min((notice.seen_on for notice in self.notices if notice.seen_on is not None), default=None)

    @property
    def shared_on(self) -> date | None:
        """When the worker was first told."""
        return min((notice.shared_on for notice in self.notices if notice.shared_on is not None), default=None)


def check(acknowledgement: Acknowledgement, rules: Acknowledgements, themes: frozenset[str], today: date) -> None:
    """Raise `unknown-codes`, `no-worker` or `dates-out-of-order` where it cannot be so."""
    one_of("/raised_by", acknowledgement.raised_by, [role.code for role in rules.raised_by])
    one_of("/origin", acknowledgement.origin, [origin.code for origin in rules.origins])
    for position, theme in enumerate(acknowledgement.themes):
        one_of(f"/themes/{position}", theme, sorted(themes))
    if not acknowledgement.worker:
        errors = (FieldError("/worker", "say whose practice it was"),)
        raise DomainError("no-worker", "Nobody is named. Nothing was stored.", Kind.MALFORMED, errors)
    _between(acknowledgement.acknowledged_on, EARLIEST, today, "/acknowledged_on")


def confirm(
    acknowledgement: Acknowledgement, number: int, seen_on: date, shared_on: date | None, today: date
) -> Acknowledgement:
    """A manager has seen it, and perhaps shared it with the worker; both days may be set again.

    Gives the same object back where nothing differs. Raises `no-such-notice` and on days that cannot be.
    """
    _standing(acknowledgement)
    notice = next((each for each in acknowledgement.notices if each.number == number), None)
    if notice is None:
        raise DomainError("no-such-notice", "Nobody was told under this number.", Kind.NOT_FOUND)
    _between(seen_on, acknowledgement.acknowledged_on, today, "/seen_on")
    if shared_on is not None:
        _between(shared_on, acknowledgement.acknowledged_on, today, "/shared_on")
    confirmed = replace(notice, seen_on=seen_on, shared_on=shared_on)
    if confirmed == notice:
        return acknowledgement
    return replace(acknowledgement, notices=tuple(confirmed if each is notice else each for each in acknowledgement.notices))


def correct(
    acknowledgement: Acknowledgement, given: Mapping[str, object], rules: Acknowledgements, themes: frozenset[str], today: date
) -> Acknowledgement:
    """The acknowledgement with other facts (CORRECTABLE); the same object where nothing differs. Raises as `check`."""
    _standing(acknowledgement)
    corrected = replace(acknowledgement, **{name: value for name, value in given.items() if name in CORRECTABLE})  # type: ignore[arg-type]
    if corrected == acknowledgement:
        return acknowledgement
    check(corrected, rules, themes, today)
    for notice in corrected.notices:
        for day in (notice.seen_on, notice.shared_on):
            if day is not None:
                _between(corrected.acknowledged_on, EARLIEST, day, "/acknowledged_on")
    return corrected


def withdraw(acknowledgement: Acknowledgement, on: date, reason: str, today: date) -> Acknowledgement:
    """It was recorded by mistake (another worker, another team): it counts nowhere, and says why."""
    _standing(acknowledgement)
    _between(on, acknowledgement.acknowledged_on, today, "/withdrawn_on")
    return replace(acknowledgement, withdrawn_on=on, withdrawal=reason)


def notice_of(viewer: Viewer, acknowledgement: Acknowledgement) -> Notice | None:
    """The notice that the viewer may confirm: their own, or that of a team that they manage; an officer's the first open."""
    if acknowledgement.withdrawn_on is not None:
        return None
    if viewer.standing == "everything":
        open_ones = [notice for notice in acknowledgement.notices if notice.shared_on is None]
        return next(iter([*open_ones, *acknowledgement.notices]), None)
    mine = acknowledgement.team is not None and acknowledgement.team in viewer.manages
    for notice in acknowledgement.notices:
        if (viewer.code is not None and notice.person == viewer.code) or (notice.person is None and mine):
            return notice
    return None


def may_correct(viewer: Viewer, parties: Parties) -> bool:
    """Whether the viewer may correct it: an officer, or who recorded it."""
    return viewer.standing == "everything" or (viewer.standing == "own" and raised_it(viewer, parties))


def differences(before: Acknowledgement | None, after: Acknowledgement) -> Iterator[Difference]:
    """What changed, fact by fact; from None everything is new. A fact of a notice has the notice's number as its stage."""
    was = _facts(before) if before is not None else {}
    became = _facts(after)
    for number, fact in dict.fromkeys((*became, *was)):
        old, new = was.get((number, fact)), became.get((number, fact))
        if old != new:
            yield Difference(number, fact, old, new, fact in SECRET)


def _facts(acknowledgement: Acknowledgement) -> dict[tuple[int, str], str]:
    names = (
        *("acknowledged_on", "raised_by", "origin", "worker", "service_area", "team", "good"),
        *("withdrawn_on", "withdrawal"),
    )
    found: dict[tuple[int, str], object] = {(0, name): getattr(acknowledgement, name) for name in names}
    found[0, "themes"] = ", ".join(acknowledgement.themes)
    for notice in acknowledgement.notices:
        found |= {(notice.number, name): getattr(notice, name) for name in ("person", "told_on", "seen_on", "shared_on")}
    return {key: value.isoformat() if isinstance(value, date) else str(value) for key, value in found.items() if value}


def _standing(acknowledgement: Acknowledgement) -> None:
    if acknowledgement.withdrawn_on is not None:
        raise DomainError("withdrawn", f"It was withdrawn on {acknowledgement.withdrawn_on}. Nothing was changed.")


def _between(day: date, earliest: date, latest: date, pointer: str) -> None:
    if not earliest <= day <= latest:
        errors = (FieldError(pointer, f"expected a day from {earliest} to {latest}, found {day}"),)
        raise DomainError(
            "dates-out-of-order", "A day cannot be right. Nothing was stored. See `errors`.", Kind.MALFORMED, errors
        )
