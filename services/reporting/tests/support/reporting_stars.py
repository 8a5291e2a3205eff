"""Events of outcome stars as the feedback service tells of them."""

from datetime import date
from typing import Any

from reporting_records import ident

from contracts import feedback_stars
from contracts.base import Event


def reading(person: str, point: str, on: date, *, name: str = "", corrected: bool = False, **scores: int) -> Any:
    """A reading of a person's course, from 1 to 5 on each scale; `name` tells two of the same point apart."""
    fields: dict[str, Any] = {
        "star_id": ident("star", person),
        "reading_id": ident("reading", person, point, name),
        "person": "0" * 32,
        "star": "webstar-children",
        "questionnaire": "webstar-children",
        "questionnaire_version": 1,
        "point": point,
        "taken_on": on,
        "channel": "staff",
        "answered_by": "self",
        "service_area": "send",
        "team": "send-north",
        "scores": tuple(
            feedback_stars.StarScore(scale=scale, score=score, lowest=1, highest=5)
            for scale, score in (scores or {"happy": 3}).items()
        ),
    }
    if corrected:
        return feedback_stars.StarCorrected(**fields, corrected_on=on)
    return feedback_stars.StarRecorded(**fields)


def withdrawn(person: str, point: str, on: date, name: str = "") -> feedback_stars.StarWithdrawn:
    """A reading that was a mistake."""
    key = ident("reading", person, point, name)
    return feedback_stars.StarWithdrawn(star_id=ident("star", person), reading_id=key, withdrawn_on=on)


def closed(person: str, on: date, reason: str = "end-star") -> feedback_stars.StarClosed:
    """A course that is over."""
    return feedback_stars.StarClosed(
        star_id=ident("star", person),
        person="0" * 32,
        star="webstar-children",
        service_area="send",
        closed_on=on,
        ground=reason,
    )


def reopened(person: str, on: date) -> feedback_stars.StarReopened:
    """A course that goes on."""
    return feedback_stars.StarReopened(star_id=ident("star", person), reopened_on=on)


def erased(person: str, on: date) -> feedback_stars.StarErased:
    """A course that is gone."""
    return feedback_stars.StarErased(star_id=ident("star", person), erased_on=on, ground="asked")


def one_star(person: str, on: date) -> list[Event]:
    """At least one row of every fact of stars, and of every view of them."""
    return [
        reading(person, "start", on, happy=2, safe=5),
        reading(person, "end", date(on.year + 1, on.month, on.day), happy=4, safe=5),
        reading(person, "mid", on),
        withdrawn(person, "mid", on),
        closed(person, date(on.year + 1, on.month, on.day)),
    ]
