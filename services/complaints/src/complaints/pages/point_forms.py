"""The forms by which points are changed: their fields, and the command that each makes of what was typed."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.pages.fields import Field, Option
from chassis.unit_of_work import Transaction
from complaints.pages.labels import Labels
from complaints.pages.point_words import KINDS, change_words
from complaints.use_cases.change_points import (
    AddPoint,
    CorrectPoint,
    MarkDuplicate,
    MergePoints,
    SplitPoint,
    TakeBackPoints,
    add_point,
    changes_to_take_back,
    correct_point,
    find_point,
    mark_duplicate,
    merge_points,
    split_point,
    take_back_points,
)
from complaints.use_cases.points import NewPoint
from complaints.use_cases.read_complaints import ComplaintView
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import Taken, Target
from complaints.use_cases.view_points import PointView

OF_ONE = frozenset({"correct", "split", "duplicate"})
"""What is done to one point, which is chosen first."""

PARTS = 4
ELSEWHERE = "elsewhere"
_REASON = Field("reason", "Why", "words", "Stored encrypted, and kept in the record")
Take = Callable[[Transaction, Setup, Identity, Target, Mapping[str, Any]], Awaitable[Taken]]


@dataclass(frozen=True)
class PointForm:
    """A form: title, button, what is said before it, its fields with defaults, and what it does."""

    title: str
    button: str
    fields: tuple[Field, ...]
    take: Take
    intro: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class About:
    """What a form is about: a complaint, and (where it is about one) the point."""

    view: ComplaintView
    labels: Labels
    point: PointView | None = None

    @property
    def one(self) -> PointView:
        """The point. Raises ValueError where none was chosen."""
        if self.point is None:  # pragma: no cover - it is chosen first
            msg = "a point is chosen first"
            raise ValueError(msg)
        return self.point


def point_form(act: str, about: About) -> PointForm | None:
    """The form of what is done; None where there is no such thing."""
    make = _FORMS.get(act)
    return None if make is None else make(about)


def point_options(about: About, *, without: str = "") -> tuple[Option, ...]:
    """The live points, to choose from."""
    return tuple(
        (point.reference, f"{point.reference}. {about.labels.name('category', point.facts.category)}")
        for point in about.view.live
        if point.reference != without
    )


def _fields(about: About, at: str, group: str = "", *, optional: bool = False) -> tuple[Field, ...]:
    """What a point is about; `at` is the place of it in what a refusal names."""
    profile, labels = about.view.profile, about.labels
    procedure = profile.procedure(about.view.record.procedure)
    categories = tuple(
        (each.code, each.name)
        for each in profile.complaints.categories
        if procedure is None or procedure.code in each.procedures
    )
    needs = procedure is not None and procedure.needs and bool(profile.complaints.needs)
    areas = tuple((each.code, each.short_name) for each in profile.organisation.service_areas if "complaints" in each.used_for)
    same = "Leave it empty where it is the complaint's"
    return (
        Field(f"{at}-category", "Nature", "choice", options=categories, optional=optional, group=group),
        Field(f"{at}-service_area", "Service area", "choice", same, True, areas),
        Field(f"{at}-team", "Team", "choice", same, True, labels.options("team")),
        *((Field(f"{at}-need", "Primary area of need", "choice", same, True, labels.options("need")),) if needs else ()),
        Field(f"{at}-desired", "What the complainant wants", "choice", "", True, labels.options("desired")),
        Field(f"{at}-words", "What the point is", "words", "Stored encrypted, and in no report", True),
        Field(f"{at}-wanted", "What is wanted, in words", "words", "Stored encrypted, and in no report", True),
    )


def _point(reference: str, given: Mapping[str, Any], at: str) -> NewPoint:
    names = ("service_area", "team", "need", "desired", "words", "wanted")
    told = {name: given.get(f"{at}-{name}") or None for name in names}
    return NewPoint(reference, given.get(f"{at}-category") or "", **told)


def _defaults(about: About, at: str) -> dict[str, Any]:
    """What the point is about, as its form shows it; the complaint's own service area is left empty."""
    point, facts = about.one, asdict(about.one.facts)
    if facts["service_area"] == about.view.record.service_area:
        facts["service_area"] = ""
    return {f"{at}-{name}": value for name, value in {**facts, "words": point.words, "wanted": point.wanted}.items()}


def _add(about: About) -> PointForm:
    reference = about.view.case.book.next_number()

    async def take(transaction: Transaction, setup: Setup, identity: Identity, to: Target, given: Mapping[str, Any]) -> Taken:
        command = AddPoint(to, _point(reference, given, "point"), given["reason"])
        return await add_point(transaction, setup, identity, command)

    intro = f"It becomes point {reference}. The stage that runs, and every later one, makes a finding on it too."
    return PointForm("Add a point", "Add the point", (*_fields(about, "point"), _REASON), take, intro)


def _correct(about: About) -> PointForm:
    reference = about.one.reference

    async def take(transaction: Transaction, setup: Setup, identity: Identity, to: Target, given: Mapping[str, Any]) -> Taken:
        command = CorrectPoint(to, _point(reference, given, "point"), given["reason"])
        return await correct_point(transaction, setup, identity, command)

    intro = "For what was recorded wrongly. What it was before stays in the record, and so do its findings."
    fields = (*_fields(about, "point"), _REASON)
    return PointForm(f"Correct point {reference}", "Correct the point", fields, take, intro, _defaults(about, "point"))


def _split(about: About) -> PointForm:
    reference = about.one.reference
    parts = about.view.case.book.next_parts(reference, PARTS)
    fields = tuple(
        each
        for place, part in enumerate(parts)
        for each in _fields(about, f"into-{place}", f"Point {part}{' (optional)' if place > 1 else ''}", optional=place > 1)
    )

    async def take(transaction: Transaction, setup: Setup, identity: Identity, to: Target, given: Mapping[str, Any]) -> Taken:
        into = [_point(part, given, f"into-{place}") for place, part in enumerate(parts)]
        _no_part_without_nature(into)
        command = SplitPoint(to, reference, tuple(each for each in into if each.category), given["reason"])
        return await split_point(transaction, setup, identity, command)

    found = " What was found on it stands for each part, until a stage finds otherwise." if about.one.standings else ""
    intro = f"Point {reference} stays in the record, and is answered and counted as its parts.{found} Each has a nature."
    return PointForm(f"Split point {reference}", "Split the point", (*fields, _REASON), take, intro, _defaults(about, "into-0"))


def _no_part_without_nature(parts: list[NewPoint]) -> None:
    errors = tuple(
        FieldError(f"/into/{place}/category", "choose one, or leave all of this part empty")
        for place, each in enumerate(parts)
        if not each.category and any((each.service_area, each.team, each.need, each.desired, each.words, each.wanted))
    )
    if errors:
        raise DomainError("malformed-payload", "A part has no nature. Nothing was stored.", Kind.MALFORMED, errors)


def _merge(about: About) -> PointForm:
    reference = about.view.case.book.next_number()
    which = Field(
        "points", "Which points are one", "several", "Two or more, which were found alike", options=point_options(about)
    )

    async def take(transaction: Transaction, setup: Setup, identity: Identity, to: Target, given: Mapping[str, Any]) -> Taken:
        command = MergePoints(to, given["points"], _point(reference, given, "into"), given["reason"])
        return await merge_points(transaction, setup, identity, command)

    group = f"The one that they are: point {reference}"
    intro = "They stay in the record, and are answered and counted as one."
    return PointForm("Merge points", "Merge the points", (which, *_fields(about, "into", group), _REASON), take, intro)


def _duplicate(about: About) -> PointForm:
    reference = about.one.reference
    options = (*point_options(about, without=reference), (ELSEWHERE, "A point of another complaint"))
    fields = (
        Field("same_as", "It is the same as", "radios", options=options),
        Field("complaint", "Reference of the other complaint", "line", "If it is a point of another complaint", True),
        Field("other", "Reference of its point there", "line", "Needed where that complaint has several", True),
        _REASON,
    )

    async def take(transaction: Transaction, setup: Setup, identity: Identity, to: Target, given: Mapping[str, Any]) -> Taken:
        same_as = await _same_as(transaction, identity, about.view, given)
        command = MarkDuplicate(to, reference, same_as, given["reason"])
        return await mark_duplicate(transaction, setup, identity, command)

    intro = f"Point {reference} stays in the record, and is not answered and counted any more."
    return PointForm(f"Mark point {reference} as a duplicate", "Mark as a duplicate", fields, take, intro)


async def _same_as(transaction: Transaction, identity: Identity, view: ComplaintView, given: Mapping[str, Any]) -> UUID:
    if given["same_as"] != ELSEWHERE:
        return next(point.id for point in view.live if point.reference == given["same_as"])
    return await find_point(transaction, identity, given["complaint"], given["other"])


def _take_back(about: About) -> PointForm:
    options = tuple(
        (str(each.number), f"{change_words(each)} ({KINDS[each.kind]}, {about.labels.day(each.on)})")
        for each in changes_to_take_back(about.view.case)
    )

    async def take(transaction: Transaction, setup: Setup, identity: Identity, to: Target, given: Mapping[str, Any]) -> Taken:
        command = TakeBackPoints(to, int(given["change"]), given["reason"])
        return await take_back_points(transaction, setup, identity, command)

    which = Field("change", "What was done in error", "radios", options=options)
    intro = "Possible while nothing was built on it: no later change of these points, and no answer since."
    return PointForm("Take back a change of points", "Take it back", (which, _REASON), take, intro)


_FORMS: Mapping[str, Callable[[About], PointForm]] = {
    "add": _add,
    "correct": _correct,
    "split": _split,
    "merge": _merge,
    "duplicate": _duplicate,
    "take-back": _take_back,
}
