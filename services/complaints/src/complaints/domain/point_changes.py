"""Changing the points of a complaint: which change is possible when, and what it makes of the complaint. Pure.

    add, split, merge     while a stage runs, or is asked for: what is answered stands
    correct               always; what a point is about was recorded wrongly
    duplicate             always, but a complaint keeps a point, and no finding is lost by it
    take back             what nothing was built on: no later change of these points, and no answer since

A change that says the same as one that stands gives back the same object: recording it twice changes nothing. Findings stay on
the points on which they were made. For a point that was made later that of its origins stands (`Case.standing`), so only
points that were found alike can be merged, or be the same.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from chassis.errors import DomainError, FieldError, Kind
from complaints.domain.case import Case, Finding
from complaints.domain.points import NewPoint, Point, PointChange

MOST_POINTS = 100
"""Points of one complaint that are answered at a time; as many as it can come in with."""

MOST_PARTS = 20

Findings = Mapping[int, Finding]
"""The finding that stands for a point, by the stage."""


def add(case: Case, new: NewPoint, *, number: int, today: date) -> Case:
    """A point was not recorded, or came up later. Raises `complaint-closed`, `points-not-distinct`, `too-many-points`."""
    return _changed(case, PointChange(number, "add", today, points=(new,)), lambda: _made(case, (new,)))


def correct(case: Case, right: NewPoint, *, number: int, today: date) -> Case:
    """What a point is about was recorded wrongly; its findings stay. Raises `no-such-point`, `superseded`."""
    point = case.book.points.get(right.reference)
    if point is not None and point.live and point.facts == right.facts:
        return case
    change = PointChange(number, "correct", today, (right.reference,), (right,))
    return replace(case, changes=(*case.changes, _checked(change, lambda: _live(case, right.reference))))


def split(case: Case, reference: str, parts: Sequence[NewPoint], *, number: int, today: date) -> Case:
    """A point is several. What was found on it stands for each part until a stage finds otherwise.

    Raises `no-such-point`, `superseded`, `complaint-closed`, `too-few-parts`, `points-not-distinct`, `too-many-points`.
    """

    def check() -> None:
        _live(case, reference)
        if not 2 <= len(parts) <= MOST_PARTS:  # noqa: PLR2004 - one part is a correction
            raise _malformed("too-few-parts", "/into", f"A point is split into 2 to {MOST_PARTS} parts.")
        _made(case, parts)

    return _changed(case, PointChange(number, "split", today, (reference,), tuple(parts)), check)


def merge(case: Case, references: Sequence[str], into: NewPoint, *, number: int, today: date) -> Case:
    """Several points are one.

    Raises `no-such-point`, `superseded`, `complaint-closed`, `too-few-points`, `findings-differ`, `points-not-distinct`.
    """
    of = tuple(dict.fromkeys(references))

    def check() -> None:
        for reference in of:
            _live(case, reference)
        if len(of) < 2:  # noqa: PLR2004 - one point is a correction
            raise _malformed("too-few-points", "/points", "Two points or more are merged into one.")
        for place, one in enumerate(of):
            for other in of[place + 1 :]:
                _found_alike(findings_on(case, one), findings_on(case, other), one, f"point {other}")
        _made(case, (into,))

    return _changed(case, PointChange(number, "merge", today, of, (into,)), check)


def duplicate(
    case: Case,
    reference: str,
    same_as: str | None = None,
    *,
    elsewhere: str | None = None,
    found: Findings | None = None,
    number: int,
    today: date,
) -> Case:
    """A point is the same as another one, of this complaint or `elsewhere`, where `found` stands for it.

    Raises `no-such-point`, `superseded`, `duplicate-of-itself`, `last-point`, `findings-differ`, `finding-would-be-lost`.
    """

    def check() -> None:
        _live(case, reference)
        if same_as is not None:
            _live(case, same_as, "/same_as")
        if reference == same_as:
            raise _malformed("duplicate-of-itself", "/same_as", "A point is the same as itself: choose another one.")
        _keeps_a_point(case, {reference})
        own, other = findings_on(case, reference), found or {}
        what = "the other point" if same_as is None else f"point {same_as}"
        if same_as is not None:
            other = findings_on(case, same_as)
        _found_alike(own, other, reference, what)
        if lost := own.keys() - other.keys():
            detail = f"Stage {min(lost)} made a finding on point {reference}, and none on {what}. It would be counted no more."
            raise DomainError("finding-would-be-lost", f"{detail} Mark the other one as the duplicate. Nothing was changed.")

    return _changed(case, PointChange(number, "duplicate", today, (reference,), (), same_as, elsewhere), check)


def take_back(case: Case, number: int, *, held: Collection[str] = (), today: date) -> Case:
    """A change was made in error. `held` are points of this complaint that others elsewhere are duplicates of.

    Raises `no-such-change`, `changed-since`, `answered-since`, `has-duplicates`, `last-point`.
    """
    place = next((at for at, each in enumerate(case.changes) if each.number == number), None)
    if place is None:
        raise DomainError("no-such-change", f"Change {number} of this complaint is no change of its points.", Kind.NOT_FOUND)
    change = case.changes[place]
    if not change.stands:
        return case
    _not_built_on(case, place)
    if held_by := [each for each in change.made if each in held]:
        detail = f"Points of other complaints are recorded as the same as point {held_by[0]}."
        raise DomainError("has-duplicates", f"{detail} Take that back there first. Nothing was changed.")
    if change.kind == "add":
        _keeps_a_point(case, set(change.made))
    changes = list(case.changes)
    changes[place] = replace(change, taken_back_on=today)
    return replace(case, changes=tuple(changes))


def can_be_taken_back(case: Case, change: PointChange) -> bool:
    """Whether taking a change back makes sense to offer; what stands elsewhere may still be against it."""
    try:
        return take_back(case, change.number, today=change.on) is not case
    except DomainError:
        return False


def findings_on(case: Case, reference: str) -> dict[int, Finding]:
    """The finding that stands for a point at each stage that made one."""
    stood = ((stage.number, case.standing(stage.number, reference)) for stage in case.stages)
    return {number: standing.finding for number, standing in stood if standing is not None}


def _changed(case: Case, change: PointChange, check: Callable[[], None]) -> Case:
    if any(each.stands and each.says_as(change) for each in case.changes):
        return case
    if change.kind != "duplicate" and not case.open:
        detail = "Points are added, split and merged while a stage runs or is asked for. What was answered stands."
        raise DomainError("complaint-closed", f"{detail} A wrong code is corrected; nothing was changed.")
    return replace(case, changes=(*case.changes, _checked(change, check)))


def _checked(change: PointChange, check: Callable[[], object]) -> PointChange:
    check()
    return change


def _made(case: Case, new: Sequence[NewPoint]) -> None:
    """New points have references that nothing else has or had. Raises `points-not-distinct`, `too-many-points`."""
    references = [each.reference for each in new]
    taken = [each for at, each in enumerate(references) if each in case.book.points or each in references[:at]]
    if taken:
        raise _malformed("points-not-distinct", "/reference", f"'{taken[0]}' is, or was, another point of the complaint.")
    if len(case.live) + len(new) > MOST_POINTS:
        raise DomainError("too-many-points", f"A complaint has {MOST_POINTS} points at most. Put some of them together.")


def _live(case: Case, reference: str, pointer: str = "/point") -> Point:
    point = case.book.points.get(reference)
    if point is None:
        raise _malformed("no-such-point", pointer, f"There is no point '{reference}'. Points: {', '.join(case.live)}.")
    if not point.live:
        raise DomainError("superseded", f"Point {reference} {became_words(point)}. Nothing was changed.")
    return point


def became_words(point: Point) -> str:
    """What became of a point, as its sentence goes on."""
    into = " and ".join((", ".join(point.into[:-1]), point.into[-1])) if len(point.into) > 1 else "".join(point.into)
    match point.became:
        case "split":
            return f"was split into {into}"
        case "merged":
            return f"was merged into point {into}"
        case "duplicate":
            return f"is the same as point {into}" if into else "is the same as a point of another complaint"
        case _:
            return "was recorded in error, and taken back"


def _keeps_a_point(case: Case, without: Collection[str]) -> None:
    if not set(case.live) - set(without):
        detail = "A complaint keeps at least one point. If all of it is another complaint's, discontinue it and say so."
        raise DomainError("last-point", f"{detail} Nothing was changed.")


def _found_alike(own: Findings, other: Findings, reference: str, what: str) -> None:
    for number in sorted(own.keys() & other.keys()):
        if own[number] != other[number]:
            detail = f"Stage {number} found point {reference} {own[number]} and {what} {other[number]}: they stay apart."
            raise DomainError("findings-differ", f"{detail} Nothing was changed.")


def _not_built_on(case: Case, place: int) -> None:
    change = case.changes[place]
    about = {*change.of, *change.made}
    for later in case.changes[place + 1 :]:
        touched = {*later.of, *later.made} & about or ({later.same_as} & set(change.made))
        if later.stands and touched:
            detail = f"Point {min(each for each in touched if each)} was changed since (change {later.number})."
            raise DomainError("changed-since", f"{detail} Take that back first. Nothing was changed.")
    if change.kind == "correct":
        return
    for stage in case.stages:
        if stage.findings and stage.points_changed > place:
            detail = f"Stage {stage.number} was answered since, on the points as they were then. What was answered stands."
            raise DomainError("answered-since", f"{detail} Nothing was changed.")


def _malformed(slug: str, pointer: str, detail: str) -> DomainError:
    return DomainError(slug, f"{detail} Nothing was stored.", Kind.MALFORMED, (FieldError(pointer, detail),))
