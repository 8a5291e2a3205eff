"""How messages stand, in words for staff. No address is here but the hint for whoever issued the link."""

from feedback.adapters.invitation_list import Messages
from feedback.adapters.sendings import Sent
from feedback.pages.links_desk import CHANNEL_NAMES, day, moment
from feedback.use_cases.find_links import FoundLink

SENT_NAMES = {
    "to-send": "Waits to be sent",
    "sent": "Sent by us",
    "delivered": "Delivered",
    "undelivered": "Could not be delivered",
    "reminded": "Reminded",
    "declined": "Wants no reminders",
}
_WHICH = {0: "The link", 1: "First reminder", 2: "Second reminder"}
_DELIVERY = {
    "pending": "Sent on {at}; not known yet whether it arrived",
    "delivered": "Sent on {at}, delivered",
    "failed": "Sent on {at}, but could not be delivered",
    "unknown": "Sent on {at}; whether it arrived is not known",
}
UNREACHABLE = {"unreachable": "there is no such address", "failed": "the telephone was off, the mailbox full, or the like"}


def in_short(messages: Messages | None) -> tuple[str, str]:
    """How the messages of a link stand, for a list, and the colour of the words; empty where we send none."""
    if messages is None:
        return "", "grey"
    if messages.delivery == "failed" or messages.state == "failed":
        return "Not delivered", "red"
    if messages.declined:
        return "Wants no reminders", "grey"
    if messages.reminders:
        return f"Reminded {'once' if messages.reminders == 1 else 'twice'}", "blue"
    if messages.state == "sent":
        return ("Delivered", "green") if messages.delivery == "delivered" else ("Sent", "blue")
    return ("Waits to be sent", "yellow") if messages.state in {"waiting", "sending"} else ("Not sent", "grey")


def facts(found: FoundLink) -> list[tuple[str, str]]:
    """What is known of the messages of a link."""
    standing = found.standing
    if standing is None:
        return []
    known = [("Sent by", CHANNEL_NAMES[standing.channel])]
    if found.sent_to is not None:
        known.append(("To", found.sent_to))
    else:
        known.append(("To", "Shown to whoever issued it" if standing.hint is not None else "The address is deleted"))
    known += [(_WHICH[each.number], _stands(each)) for each in standing.messages]
    if standing.said_no_on is not None:
        known.append(("Reminders", f"Wants none, said on {day(standing.said_no_on)}"))
    return known


def undelivered(found: FoundLink) -> bool:
    """Whether the last message of a link did not get through, so that a letter is needed."""
    messages = found.standing.messages if found.standing else ()
    return bool(messages) and (messages[-1].state == "failed" or messages[-1].delivery == "failed")


def _stands(each: Sent) -> str:
    if each.state == "sent" and each.sent_at is not None:
        words = _DELIVERY[each.delivery].format(at=moment(each.sent_at))
        return f"{words}: {UNREACHABLE[each.last_error]}" if each.last_error in UNREACHABLE else words
    if each.state == "failed":
        return f"Could not be sent: {each.last_error}"
    if each.state == "stopped":
        return "Not sent: it is not needed any more"
    return f"Waits to be sent: {each.last_error}" if each.last_error else "Waits to be sent"
