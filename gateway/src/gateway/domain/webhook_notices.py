"""What a mail says when a subscription was disabled by itself."""

from dataclasses import dataclass

SUBJECT = "Learning Loop no longer tells another system of events"

_WHY = {
    "gone": "Its receiver answered that it is gone for good (status 410).",
    "failing": "Nothing got through to it for three days.",
}


@dataclass(frozen=True)
class Notice:
    """Subject and body of a mail."""

    subject: str
    body: str


def disabled_notice(name: str, reason: str, link: str) -> Notice:
    """The mail of one that was disabled; `link` is its page.

    Says what happened, what is not lost, and what to do next. `name` is what somebody called the system.
    """
    shown = "".join(each for each in name if each.isprintable())
    body = f"""The subscription “{shown}” was disabled. {_WHY.get(reason, "")}

Nothing is lost yet: what happens is kept for it for thirty days from now.

What to do:
- Ask whoever runs that system whether it should still be told. Its address may have changed, or its certificate have ended.
- When it takes messages again, an administrator opens the page below and chooses “Let it go on”. What waits is sent at once.
- If it is not needed any more, an administrator deletes it there.

{link}

This mail goes to the address that the subscription names, or to who runs Learning Loop where it names none.
"""
    return Notice(SUBJECT, body)
