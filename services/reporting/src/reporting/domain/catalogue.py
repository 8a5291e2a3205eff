"""What the catalogue says of a measure besides what it declares: the rows behind it, and the reports that show it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reporting.domain.headlines import headlines
from reporting.domain.measure import Collection, Measure, Until
from reporting.domain.profile import Profile
from reporting.domain.tracked_measures import TRACKED

# The entity sets of the feed whose rows are what a measure counts, by what one of them is.
_ROWS: dict[str, tuple[str, ...]] = {
    "complaint": ("Complaints",),
    "complaint point": ("ComplaintPoints",),
    "complaint point at a stage": ("ComplaintFindings",),
    "stage of a complaint": ("ComplaintStages",),
    "point": ("ComplaintFindings", "ComplaintActions", "ReasonsForNoAction"),
    "Ombudsman case": ("OmbudsmanCases",),
    "deadline of an Ombudsman case": ("OmbudsmanDeadlines",),
    "compliment": ("Compliments",),
    "representation": ("Representations",),
    "audit": ("AuditOutcomes",),
    "part of an audit": ("AuditParts",),
    "review": ("AuditReviews",),
    "dispute": ("Disputes",),
    "stage of a dispute": ("DisputeStages",),
    "acknowledgement": ("PracticeAcknowledgements",),
    "response": ("SurveyResponses",),
    "answer": ("SurveyAnswers",),
    "comment": ("SurveyComments",),
    "quote": ("Quotes",),
    "change": ("PublishedChanges",),
    "call": ("Calls",),
    "attempt": ("CallAttempts",),
    "person": ("Stars",),
    "person and scale": ("Stars",),
}
_OF_MEASURES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((each.code for each in TRACKED), ("LearningActions",)),
    "audit_activity": ("AuditActivity",),
    **dict.fromkeys(("sections_graded", "sections_good_or_better"), ("AuditGrades",)),
    "invitations_answered": ("SurveyInvitations",),
    **dict.fromkeys(("audit_actions_set", "audit_actions_in_time"), ("AuditActions",)),
    **dict.fromkeys(("actions_open", "actions_overdue"), ("AuditActions", "AuditActionChanges")),
}
_COUNTED_BY_STAGE = ("stage1_", "stage2_")
NO_ROWS = {"calls_of_minimum": "The feed does not tell who called: a caller is one of the staff."}
"""Measures whose rows are in no feed, and why."""

DIMENSIONS = {
    "kind": "kind of audit",
    "need": "area of need",
    "route": "how it came in",
    "raised_by": "who raised it",
    "source": "who sent it",
    "outcome": "outcome of the Ombudsman",
    "ombudsman_remedy": "remedy of the Ombudsman",
    "rag": "rating",
    "band": "days",
    "audit_finding": "finding of an audit",
    "channel": "how it was answered",
    "star": "kind of star",
    "star_scale": "scale of a star",
    "call_programme": "programme of calls",
    "call_outcome": "outcome of a call",
    "programme": "programme of audits",
    "dispute_category": "what a dispute is about",
    "dispute_raised_by": "who raised a dispute",
    "dispute_stage": "stage of a dispute",
    "ending": "how a stage ended",
    "timing": "whether it came in time",
    "came_by": "how it came",
    "said": "what its sender said that it is",
    "representation_outcome": "what was decided that it is",
    "went_to": "where it went instead",
}
"""What dimensions are called in words, where the code does not say it."""

_UNTIL = {
    Until.PERIOD: "To the end of the period.",
    Until.TODAY: "As things stood on the last day of the period; while it goes on, today.",
    Until.YESTERDAY: "To the end of the period; while it goes on, to yesterday: nothing is late before its day is over.",
}


@dataclass(frozen=True)
class Use:
    """A report, or the dashboard, that shows a measure, with the tables that do."""

    report: str | None
    title: str
    tables: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """A measure as the catalogue shows it."""

    measure: Measure
    counted_until: str
    dimensions: tuple[str, ...]
    rows_behind: tuple[str, ...]
    no_rows: str | None
    uses: tuple[Use, ...]


def entries(profile: Profile, measures: Iterable[Measure]) -> Iterator[Entry]:
    """The measures with all that the catalogue says of them."""
    shown = uses(profile)
    for each in measures:
        words = tuple(dimension_words(name) for name in each.dimensions)
        used = tuple(shown.get(each.code, ()))
        yield Entry(each, counted_until(each), words, rows_behind(each), NO_ROWS.get(each.code), used)


def rows_behind(measure: Measure) -> tuple[str, ...]:
    """The sets of the feed in which the rows stand that a measure counts; none where NO_ROWS says why."""
    if measure.code in NO_ROWS:
        return ()
    if measure.code in _OF_MEASURES:
        return _OF_MEASURES[measure.code]
    if measure.code.startswith(_COUNTED_BY_STAGE):
        return ("Complaints", "ComplaintStages")
    if measure.collection is Collection.LEARNING and measure.grain == "action":
        return ("ComplaintActions",)
    if measure.collection is Collection.AUDITS_AT_WORK and measure.grain == "audit":
        return ("Audits",)
    return _ROWS.get(measure.grain, ())


def counted_until(measure: Measure) -> str:
    """Up to which day a measure is counted, in words."""
    return _UNTIL[measure.until]


def dimension_words(name: str) -> str:
    """What a dimension is called in a sentence."""
    return DIMENSIONS.get(name, name.replace("_", " "))


def uses(profile: Profile) -> dict[str, list[Use]]:
    """By measure: where the organisation's reports, and its dashboard, show it."""
    found: dict[str, list[Use]] = {}
    for measure in dict.fromkeys(each.measure for each in headlines(profile)):
        found.setdefault(measure, []).append(Use(None, "How we are doing", ()))
    for report in profile.reports.reports:
        shown: dict[str, list[str]] = {}
        for table in report.tables:
            for measure in dict.fromkeys(table.measures()):
                shown.setdefault(measure, []).append(table.title)
        for measure, tables in shown.items():
            found.setdefault(measure, []).append(Use(report.code, report.title, tuple(tables)))
    return found
