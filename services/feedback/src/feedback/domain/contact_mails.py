"""The words of mails about families who ask to be contacted: that there are some, their references and the link.

A mail may be read on any screen. So it holds no name, no number, no word of what it is about, no questionnaire and no area.
"""

from collections.abc import Sequence

from feedback.domain.worry_mails import Words

MOST_NAMED = 20


def new_words(references: Sequence[str], link: str) -> Words:
    """That families ask to be contacted."""
    many = len(references)
    first = "A family has asked to be contacted." if many == 1 else f"{many} families have asked to be contacted."
    subject = "A family asks to be contacted" if many == 1 else f"{many} families ask to be contacted"
    return Words(subject, "\n".join([first, "", *_named(references), "", "Sign in to read how, and to take it:", link]))


def late_words(references: Sequence[str], link: str) -> Words:
    """That families wait longer than they were promised."""
    many = len(references)
    first = (
        "A family was promised that somebody contacts them, and that day is over."
        if many == 1
        else f"{many} families were promised that somebody contacts them, and that day is over."
    )
    subject = "A family waits to be contacted" if many == 1 else f"{many} families wait to be contacted"
    lines = [first, "", *_named(references), "", "Sign in and contact them today, or note that they were reached:", link]
    return Words(subject, "\n".join(lines))


def _named(references: Sequence[str]) -> list[str]:
    more = len(references) - MOST_NAMED
    return [*references[:MOST_NAMED], *([f"and {more} more"] if more > 0 else [])]
