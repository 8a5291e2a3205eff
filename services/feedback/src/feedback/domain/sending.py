"""Messages that bring a link: to which address, when one is due, and what may still be sent.

A message is a row: number 0 brings the link, 1 and 2 remind of it. An address is kept as long as something may still be sent to
it, and a little longer so that whoever issued it can see that it went out.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, get_args

from chassis.mail.message import is_address
from contracts.feedback import MessageChannel

CHANNELS: tuple[MessageChannel, ...] = get_args(MessageChannel)
MOST_REMINDERS = 2
KEPT_AFTER_LAST = timedelta(days=3)
"""How long an address is kept after the last message went out."""

GIVE_UP_AFTER = timedelta(days=7)
"""An unsent message is given up after so long. Nothing goes out on the four days of Easter, and then there is time to mend
what stands in the way."""

State = Literal["waiting", "sending", "sent", "failed", "stopped"]
MessageStands = Literal["waiting", "sent", "delivered", "undelivered", "stopped"]
"""State and delivery of a link's last message in one word."""

Delivery = Literal["none", "unknown", "pending", "delivered", "failed"]

_BETWEEN = re.compile(r"[\s().\-–]+")
_MOBILE = re.compile(r"(?:\+44|0044|44|0)?7([1-57-9]\d{8}|624\d{6})")
"""United Kingdom mobiles begin with 07 and have eleven digits; 070 is no mobile, and 076 a pager but for 07624 (Ofcom's
National Telephone Numbering Plan). Workbooks drop the 0 in front."""

_TRUNK = "(0)"


def is_channel(channel: str) -> bool:
    """Whether messages can be sent by a channel of invitations."""
    return channel in CHANNELS


def channel_of(channel: str) -> MessageChannel | None:
    """A channel of invitations as one of messages; None where it is none."""
    return next((each for each in CHANNELS if each == channel), None)


def read_address(channel: MessageChannel, typed: str) -> str | None:
    """An address as it is sent to: a mail address as written, a mobile number in E.164 form; None for what is neither."""
    typed = typed.strip()
    if channel == "email":
        return typed if is_address(typed) else None
    found = _MOBILE.fullmatch(_BETWEEN.sub("", typed.replace(_TRUNK, "")))
    return f"+447{found[1]}" if found else None


def wrong_address(channel: MessageChannel) -> str:
    """What is said about an address that is none. The address itself is not repeated."""
    if channel == "email":
        return "This is not a mail address. Write one, like name@example.org"
    return "This is not a mobile number of the United Kingdom. Write one, like 07700 900123"


def hint_of(channel: MessageChannel, address: str) -> str:
    """What whoever issued a link is shown of its address: enough to tell a slip, not enough to use it."""
    return f"{address[0]}•••@…" if channel == "email" else f"•••{address[-3:]}"


def last_number(remind_after: Sequence[int]) -> int:
    """The number of the last message that goes out."""
    return min(len(remind_after), MOST_REMINDERS)


def due_reminder(first_on: date, last_on: date, last: int, remind_after: Sequence[int], today: date) -> int | None:
    """The number of the reminder that is due, None where none is. `last` is the last message's number, sent on `last_on`.

    Days are counted from the link. Where the worker stood still for a while one reminder goes out and not two at once: the
    second keeps its distance to the first.
    """
    number = last + 1
    if number > last_number(remind_after):
        return None
    after = remind_after[number - 1]
    apart = after - (remind_after[number - 2] if number > 1 else 0)
    return number if today >= max(first_on + timedelta(days=after), last_on + timedelta(days=apart)) else None


LOOKS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
LATER_LOOKS = timedelta(hours=6)
LOOK_FOR = timedelta(days=4)
"""A carrier tries for three days to deliver (GOV.UK Notify's "Message status"); after a fourth nothing more is heard."""


def next_look(looks: int) -> timedelta:
    """How long until a carrier is asked again what became of a message, after so many times."""
    return LOOKS[looks] if looks < len(LOOKS) else LATER_LOOKS
