"""Measures that are a plain count of rows of one set, said so that other languages can count them: SQL and DAX.

Only those are here that come out the same as in the reports, which a test holds (`test_plain_counts.py`). What is counted up to
today or yesterday, of states as they stood on a past day, or by what the profile says (favourable answers) is not among them.
"""

from dataclasses import dataclass
from typing import Literal

Test = Literal["is", "is not", "in", "empty", "filled"]


@dataclass(frozen=True)
class Where:
    """A condition on a column. `values` are what it is compared with."""

    column: str
    test: Test
    values: tuple[str | int | bool, ...] = ()


@dataclass(frozen=True)
class PlainCount:
    """Rows of a set by a day, that meet all of `where`; for a share, how many of them meet all of `n` as well."""

    measure: str
    set: str
    day: str
    where: tuple[Where, ...] = ()
    n: tuple[Where, ...] | None = None


def _is(column: str, value: str | int | bool) -> Where:  # noqa: FBT001 - a value like any other
    return Where(column, "is", (value,))


def _empty(column: str) -> Where:
    return Where(column, "empty")


def _filled(column: str) -> Where:
    return Where(column, "filled")


def _in(column: str, *values: str) -> Where:
    return Where(column, "in", values)


_FORMAL = _is("formality", "formal")
_NO_ERROR = _empty("made_in_error_on")
_COUNTS = _empty("withdrawn_on")
_STAGE_2 = (_is("stage", 2), _FORMAL, _NO_ERROR)

PLAIN_COUNTS = (
    PlainCount("complaints_received", "Complaints", "received_on", (_FORMAL, _NO_ERROR)),
    PlainCount("complaint_points", "ComplaintPoints", "received_on", (_FORMAL,)),
    PlainCount("points_with_finding", "ComplaintPoints", "received_on", (_FORMAL, _filled("stage1_finding"))),
    PlainCount(
        "points_upheld",
        "ComplaintPoints",
        "received_on",
        (_FORMAL, _in("stage1_finding", "upheld", "partially-upheld", "not-upheld", "no-finding")),
        n=(_in("stage1_finding", "upheld", "partially-upheld"),),
    ),
    PlainCount("stage2_requested", "ComplaintStages", "received_on", (*_STAGE_2, _filled("requested_on"))),
    PlainCount("stage2_declined", "ComplaintStages", "received_on", (*_STAGE_2, _is("decision", "declined"))),
    PlainCount("compliments_received", "Compliments", "received_on", (_is("external", value=True),)),
    PlainCount("representations_received", "Representations", "received_on"),
    PlainCount("audits_completed", "AuditOutcomes", "completed_on"),
    PlainCount("audits_with_grade", "AuditOutcomes", "completed_on", (_filled("overall"),)),
    PlainCount("audits_allocated", "Audits", "allocated_on", (_COUNTS,)),
    PlainCount("disputes_raised", "Disputes", "raised_on"),
    PlainCount("practice_acknowledged", "PracticeAcknowledgements", "acknowledged_on", (_COUNTS,)),
    PlainCount("responses_received", "SurveyResponses", "about_on", (_is("left_out", value=False),)),
    PlainCount("quotes_released", "Quotes", "released_on", (_COUNTS,)),
    PlainCount("changes_published", "PublishedChanges", "published_on", (_COUNTS,)),
    PlainCount("call_attempts", "CallAttempts", "attempted_on"),
    PlainCount("calls_made", "CallAttempts", "attempted_on", (_is("outcome", "done"),)),
    PlainCount("calls_declined", "CallAttempts", "attempted_on", (_is("outcome", "declined"),)),
    PlainCount("call_attempts_reached", "CallAttempts", "attempted_on", n=(_in("outcome", "done", "declined", "call-back"),)),
)
