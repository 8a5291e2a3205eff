"""A sheet of calls to be made: its columns."""

from collections.abc import Sequence

from chassis.spreadsheet.layout import Choice, Column, Layout, Limits
from feedback.domain.profile import FeedbackProfile

MOST_CALLS = 1000
LIMITS = Limits(rows=MOST_CALLS)
COLUMNS = {
    "reference": "reference",
    "due_on": "due by",
    "caller": "caller",
    "language": "language",
    "team": "team",
    "about_on": "about on",
}
"""The fields of a call, and the columns in which they stand."""


def layout_of(profile: FeedbackProfile, callers: Sequence[tuple[str, str]]) -> Layout:
    """The columns of a list of calls; `callers` are (subject, name)."""
    languages = sorted({language for each in profile.questionnaires for language in each.languages})
    return Layout(
        "Calls",
        (
            Column(
                name="reference",
                help="The number of the person or case in your case-management system. Once a month. No names, no numbers.",
                required=True,
                example="FC-0417",
                aliases=("case", "case number", "case reference", "ref"),
            ),
            Column(
                name="due by",
                help="Day by which the call is made. Empty: what you choose on the page.",
                kind="day",
                example="2026-12-31",
                aliases=("due", "due on"),
            ),
            Column(
                name="caller",
                help="Who calls, as they stand under 'Who makes calls'. Empty: whoever takes it.",
                choices=_callers(callers),
            ),
            Column(
                name="language",
                help="Language of the call. Empty: the questionnaire's first.",
                example="en",
                choices=tuple(Choice(language, language) for language in languages),
            ),
            Column(
                name="team",
                help="Team in whose figures the answers count. May be empty.",
                choices=tuple(Choice(team.code, team.name) for team in profile.organisation.teams),
            ),
            Column(
                name="about on",
                help="Day of what it is about, such as the closure. Answers count in its quarter. Empty: the day of the call.",
                kind="day",
                aliases=("about", "closed on"),
            ),
        ),
    )


def _callers(callers: Sequence[tuple[str, str]]) -> tuple[Choice, ...]:
    """Callers to choose: by their name where nobody else has it, always by their sign-in."""
    names = [name.casefold() for _, name in callers]
    return tuple(
        Choice(subject, name if names.count(name.casefold()) == 1 else f"{name} ({subject})") for subject, name in callers
    )
