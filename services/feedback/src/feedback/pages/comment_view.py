"""What the pages of comments and quotes show, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from feedback.adapters.comment_log import Change, Look
from feedback.adapters.quotes import Happened
from feedback.domain.likely_names import Span
from feedback.domain.profile import FeedbackProfile
from feedback.domain.quotes import State
from feedback.pages.links_desk import day, language_name, moment
from feedback.use_cases.read_comments import Comment

CONSENTS = {True: ("May be quoted", "green"), False: ("Not to quote", "red"), None: ("Not asked", "grey")}
CONSENT_CHOICES = (("yes", "May be quoted"), ("no", "Said no"), ("not-asked", "Not asked"))
QUOTE_STATES = {
    State.WAITING: ("Quote waits", "yellow"),
    State.SENT_BACK: ("Quote sent back", "yellow"),
    State.APPROVED: ("Quote approved", "blue"),
    State.WITHDRAWN: ("Quote withdrawn", "grey"),
}
CHANNELS = {"link": "link", "call": "call", "visit": "visit", "audit": "audit", "paper": "paper"}
LOOK_PAGES = {
    "list": "in a list",
    "search": "in a search",
    "comment": "on this page",
    "quote": "for a quote",
    "consent-ended": "who noted that its writer does not want to be quoted",
}
STEPS = {"redact": "Redacted", "approve": "Approved", "send-back": "Sent back", "withdraw": "Withdrawn"}
_MARK = Markup('<mark class="loop-likely">{}<span class="govuk-visually-hidden"> (likely {})</span></mark>')


@dataclass(frozen=True)
class Names:
    """What codes are called in the profile in force; what has left it is called by its code."""

    profile: FeedbackProfile

    def questionnaire(self, code: str) -> str:
        """A questionnaire."""
        found = self.profile.questionnaire(code)
        return found.name if found else code

    def question(self, questionnaire: str, version: int, code: str) -> str:
        """A question in the wording of its version, else in any."""
        found = self.profile.questionnaire(questionnaire)
        versions = [found.version(version), *reversed(found.versions)] if found else []
        questions = (each.question(code) for each in versions if each)
        return next((each.text["en"] for each in questions if each), code)

    def place(self, area: str, team: str | None) -> str:
        """Service area and team."""
        organisation = self.profile.organisation
        found, group = organisation.area(area), organisation.team(team) if team else None
        name = found.name if found else area
        return f"{name}, {group.name if group else team}" if team else name

    def theme(self, code: str) -> str:
        """A theme."""
        return next((each.name or each.code for each in self.profile.organisation.themes if each.code == code), code)

    def themes(self, codes: Sequence[str]) -> str:
        """Themes in a row."""
        return "; ".join(self.theme(code) for code in codes)


def card(comment: Comment, names: Names, query: str) -> dict[str, Any]:
    """A comment as it stands in a list. Whose letter it was is nowhere in it, and neither is the number of the response."""
    stored = comment.stored
    tags = [CONSENTS[stored.may_quote]]
    if stored.few:
        tags.append(("Few answers", "yellow"))
    if stored.read_on is None:
        tags.append(("Unread", "blue"))
    if stored.quote_state:
        tags.append(QUOTE_STATES[State(stored.quote_state)])
    return {
        "id": str(stored.id),
        "href": f"/feedback/comments/{stored.id}{query}",
        "question": names.question(stored.questionnaire, stored.version, stored.question),
        "questionnaire": names.questionnaire(stored.questionnaire),
        "from": f"{names.place(stored.service_area, stored.team)}, by {CHANNELS[stored.channel]}, {day(stored.answered_on)}",
        "language": stored.language,
        "language_name": "" if stored.language.startswith("en") else language_name(stored.language),
        "words": comment.words,
        "themes": names.themes(stored.themes),
        "tags": tags,
        "few": stored.few,
        "may_quote": bool(stored.may_quote),
        "quote": f"/feedback/quotes/{stored.quote_id}" if stored.quote_id else None,
    }


def looks(found: Sequence[Look]) -> list[str]:
    """Who saw it, in lines."""
    return [f"{each.by}, {LOOK_PAGES[each.page]}, {moment(each.at)}" for each in found]


def changes(found: Sequence[Change], names: Names) -> list[str]:
    """What was done with its themes, in lines."""
    lines = []
    for each in found:
        parts = [f"added {names.themes(each.added)}"] if each.added else []
        parts += [f"took away {names.themes(each.removed)}"] if each.removed else []
        lines.append(f"{each.by} {' and '.join(parts)}, {moment(each.at)}")
    return lines


def steps(found: Sequence[Happened], words: Mapping[str, str] = STEPS) -> list[dict[str, str]]:
    """What happened to a quote, in lines."""
    return [{"at": moment(each.at), "what": words[each.what], "by": each.by, "words": each.words} for each in found]


def marked(text: str, spans: Sequence[Span]) -> Markup:
    """A text with what may say who somebody is marked, for eyes and for screen readers."""
    parts, end = [], 0
    for span in spans:
        parts += [escape(text[end : span.start]), _MARK.format(text[span.start : span.end], span.sort.value)]
        end = span.end
    return Markup("").join([*parts, escape(text[end:])])
