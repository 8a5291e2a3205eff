"""What stands in the way of an allocation, in words that say what to do about it."""

from audit.domain.allocation import MOST_AUDITS
from audit.domain.audit import AGENCY, LEAD, MODERATION, PEER, SINGLE
from audit.domain.conflicts import REVIEW

PART_WORDS = {
    LEAD: "lead auditor",
    PEER: "peer auditor",
    SINGLE: "auditor",
    MODERATION: "moderator",
    REVIEW: "reviewer",
}

NOBODY: dict[str, str] = {
    "active": "nobody in the staff directory is active",
    "duty-auditor": "nobody may be given audits: mark auditors in the staff directory",
    "duty-moderator": "nobody may moderate: mark moderators in the staff directory",
    "duty-reviewer": "nobody may review: mark reviewers in the staff directory",
    "responsible": "no auditor manages the case's team or is the line manager of its worker",
    "service-area": "no auditor is of the service area that the programme asks for",
    "own-work": "the only one who could is the case's own worker",
    "management-line": "everybody who could stands in the case's management line",
    "moderator-area": "no moderator is of the case's service area",
    "not-responsible": "everybody who could is responsible for the case",
    "agency": "nobody answers for the agency: set it in the staff directory",
    MOST_AUDITS: "everybody who could has, or would have, as many audits in the month as the programme allows",
    "independent-moderator": "every moderator audits the case or stands below one of its auditors",
}
"""By rule, where it leaves nobody."""

SOMEBODY: dict[str, str] = {
    "active": "is not active in the staff directory",
    "duty-auditor": "may not be given audits",
    "duty-moderator": "may not moderate",
    "duty-reviewer": "may not review",
    "responsible": "neither manages the case's team nor is the line manager of its worker",
    "service-area": "is not of the service area that the programme asks for",
    "own-work": "is the case's own worker",
    "management-line": "stands in the case's management line",
    "moderator-area": "is not of the case's service area",
    "not-responsible": "is responsible for the case",
    "agency": "does not answer for the agency",
    "independent-moderator": "audits the case or stands below one of its auditors",
}
"""By rule, where somebody breaks it."""


def part_words(part: str) -> str:
    """A part of an audit, as people call whoever has it."""
    return PART_WORDS.get(part) or f"auditor for {part.removeprefix(AGENCY)}"
