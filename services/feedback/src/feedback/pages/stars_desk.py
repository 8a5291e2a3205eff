"""What the staff pages of outcome stars have in common: who may see them, words for codes, lines of lists, forms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Depends

from chassis.access import requires
from chassis.errors import DomainError, not_found
from chassis.identity import Identity
from chassis.pages import Form
from chassis.pages.days import typed_day
from chassis.storable import whole
from feedback.domain.profile import FeedbackProfile
from feedback.domain.star_profile import BY_END_STAR, StarKind
from feedback.domain.stars import AnsweredBy, Aside, Closure, Direction, Due, Movement, Point, Range, When
from feedback.pages.links_desk import OFFICER, READER, Desk, Errors, day, day_in, tidy
from feedback.use_cases.see_stars import Line

PATH = "/feedback/stars"
MANAGER = "role:manager"
Practitioner = Annotated[Identity, Depends(requires(OFFICER, MANAGER))]
"""Who sees people: officers, and managers of teams, of their service areas."""
Reader = Annotated[Identity, Depends(requires(OFFICER, MANAGER, READER))]
"""Who sees what many people's stars add up to."""

POINTS = {Point.START: "Start", Point.MID: "Midway", Point.END: "End"}
ANSWERED_BY = {
    AnsweredBy.SELF: "The person alone",
    AnsweredBy.WITH_HELP: "The person with a worker’s help",
    AnsweredBy.FOR_THEM: "Somebody for them, such as a parent",
    AnsweredBy.WORKER: "The worker, as they see it",
}
CHANNELS = {"staff": "Entered here", "link": "By a link", "system": "From your case system"}
ASIDE = {
    Aside.NO_STARS: "no star was given",
    Aside.HAS_START: "there was a start already",
    Aside.NO_START: "there was no start",
    Aside.CLOSED: "the star was closed",
    Aside.SAME_DAY: "there was one midway of that day already",
    Aside.OUT_OF_ORDER: "the days were out of order",
}
WHEN = {
    When.OVERDUE: ("Overdue", "red"), When.TODAY: ("Today", "yellow"), When.THIS_WEEK: ("This week", "blue"),
    When.LATER: ("Later", "grey"),
}  # fmt: skip
WAYS = {Direction.IMPROVED: "improved", Direction.SAME: "the same", Direction.WORSE: "worse"}
MOST = 100

# What the API says of a field for a machine, as a person can use it.
_IN_WORDS = {
    "taken_on": "Write a day that is not ahead, on which this star was in use",
    "service_area": "Choose a service area that takes this star and is in use on that day",
    "team": "Choose a team of that service area, in use on that day",
    "point": "Choose a point that this star has",
    "reference": "Write the person’s reference in your case system",
    "worker": f"Make it {MOST} characters or fewer",
    "reason": "Choose why there is no end star",
    "language": "Choose a language that this questionnaire has",
}


def kind_or_404(profile: FeedbackProfile, code: str) -> StarKind:
    """A kind of star of the profile. Raises `not-found`."""
    kind = profile.stars.kind(code)
    if kind is None:
        raise not_found("star")
    return kind


def errors_of(error: DomainError, default: str) -> list[tuple[str, str]]:
    """What is wrong, beside its fields, in words for people; the refusal itself beside `default`."""
    found = []
    for each in error.errors:
        name = each.pointer.strip("/")
        field = "score" if name == "scores" else name.replace("scores/", "score-")
        words = "Give at least one star" if field == "score" else _IN_WORDS.get(field, each.detail)
        found.append((field, words))
    return found or [(default, error.detail)]


def movement_words(moved: Movement | None) -> str:
    """A change in words: 2 → 4, improved."""
    if moved is None:
        return "no change to see yet"
    top = ", began at the top" if moved.at_top else ""
    return f"{moved.first} → {moved.last}, {WAYS[moved.direction]}{top}"


def movement_list(line: Line) -> list[str]:
    """The change on each scale that has one; without any, where the person began."""
    if line.kind is None:
        return []
    if line.moved:
        return [f"{each.name}: {movement_words(line.moved[each.code])}" for each in line.kind.scales if each.code in line.moved]
    starts = [each for each in line.taken if each.counted and each.point is Point.START]
    if not starts:
        return ["Nothing yet"]
    scores = starts[0].scores
    given = [f"{each.name} {scores[each.code]}" for each in line.kind.scales if each.code in scores]
    return [f"Start only: {', '.join(given)}"]


def due_words(due: Due | None, today: date) -> str:
    """What is due next, and by when."""
    if due is None:
        return "–"
    late = f", {WHEN[due.when(today)][0].lower()}" if due.when(today) in {When.OVERDUE, When.TODAY} else ""
    return f"{POINTS[due.point]} by {day(due.by)}{late}"


def closed_words(closed: Closure | None, profile: FeedbackProfile) -> str:
    """Whether it is over, and why."""
    if closed is None:
        return "Goes on"
    if closed.reason == BY_END_STAR:
        return f"Closed on {day(closed.on)} with its end star"
    names = {each.code: each.name for each in profile.stars.closed_without}
    return f"Closed on {day(closed.on)} without an end star: {names.get(closed.reason, closed.reason)}"


def row(line: Line, profile: FeedbackProfile, today: date) -> dict[str, Any]:
    """A person in a list."""
    star = line.star
    team = profile.organisation.team(star.team) if star.team else None
    area = profile.organisation.area(star.service_area)
    return {
        "href": f"{PATH}/{star.id}",
        "reference": star.reference,
        "star": line.kind.name if line.kind else star.kind,
        "moved": movement_list(line),
        "team": team.name if team else area.name if area else star.service_area,
        "worker": star.worker or "–",
        "due": due_words(line.due, today) if star.closed is None else "Closed",
        "urgent": line.due.when(today) if line.due else None,
        "aside": line.aside,
    }


def places(at: Desk, kind: StarKind) -> dict[str, list[tuple[str, str]]]:
    """Service areas of a star that this person works in, and their teams."""
    organisation, mine = at.profile.organisation, at.identity.areas
    areas = [each for each in organisation.service_areas if each.code in kind.service_areas and (not mine or each.code in mine)]
    names = {each.code: each.name for each in areas}
    teams = [each for each in organisation.teams if each.service_area in names]
    return {
        "areas": list(names.items()),
        "teams": [(each.code, f"{each.name} ({names[each.service_area]})") for each in teams],
    }


@dataclass(frozen=True)
class ReadingForm:
    """A form of a reading as it was sent; `errors` are what can be seen without the rules."""

    given: dict[str, Any]
    taken_on: date | None
    scores: dict[str, int]
    errors: Errors

    @property
    def point(self) -> Point:
        """The point of a form without errors."""
        return Point(self.given["point"])


def read_reading(form: Form, scales: Mapping[str, Range]) -> ReadingForm:
    """Read point, day, who answered, and the scores that were given."""
    given: dict[str, Any] = {
        name: tidy(form.text(name)) for name in ("point", "answered_by", "reference", "service_area", "team", "worker")
    }
    given["taken_on"] = typed_day(form, "taken_on")
    given["scores"] = {scale: tidy(form.text(f"score-{scale}"))[:3] for scale in scales}
    errors: list[tuple[str, str]] = []
    if given["point"] not in set(Point):
        errors.append(("point", "Choose start, midway or end"))
    taken_on = None
    try:
        taken_on = day_in(form, "taken_on")
        if taken_on is None:
            errors.append(("taken_on", "Write the day on which it was taken"))
    except (ValueError, OverflowError):
        errors.append(("taken_on", "Write a real day in numbers, like 27 3 2027"))
    if given["answered_by"] not in set(AnsweredBy):
        errors.append(("answered_by", "Choose who gave the stars"))
    scores = {}
    for scale, width in scales.items():
        value = given["scores"][scale]
        if value and not width.holds(whole(value)):
            errors.append((f"score-{scale}", f"Choose {width.lowest} to {width.highest}, or no answer"))
        elif value:
            scores[scale] = int(value)
    if not scores and not errors:
        errors.append((f"score-{next(iter(scales))}", "Give at least one star"))
    return ReadingForm(given, taken_on, scores, errors)


def fields(kind: StarKind, scales: Mapping[str, Range], given: Mapping[str, Any], points: Sequence[Point]) -> dict[str, Any]:
    """What the fields of a reading show."""
    return {
        "scales": [
            (each.code, each.name, list(range(scales[each.code].lowest, scales[each.code].highest + 1)))
            for each in kind.scales
            if each.code in scales
        ],
        "points": [(point.value, POINTS[point], "") for point in points],
        "answered_by": [(who.value, words, "") for who, words in ANSWERED_BY.items()],
        "given": given,
    }


def today_typed(today: date) -> dict[str, str]:
    """A day as it stands in three fields."""
    return {"day": str(today.day), "month": str(today.month), "year": str(today.year)}


def fixed(errors: Sequence[tuple[str, str]], scales: Mapping[str, Range]) -> list[tuple[str, str]]:
    """Errors that point to fields that the page has."""
    first = f"score-{next(iter(scales))}" if scales else "point"
    return [(first if field == "score" else field, words) for field, words in errors]
