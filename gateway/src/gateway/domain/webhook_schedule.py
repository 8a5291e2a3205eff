"""When a webhook that was not taken is sent again: the schedule that Standard Webhooks recommends, over about three days."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
"""After the first, second, … failed attempt; after the last of them it is given up. Ten attempts in 75 hours."""

TEST_WAITS = WAITS[:2]
"""The same for the message that tests a receiver: somebody is looking at the page."""

JITTER = 0.1
"""Of a wait, more or less: receivers that came back are not asked by everybody at the same moment."""

LONGEST = timedelta(hours=24)
"""That a receiver may put us off for with `Retry-After`."""

FAILING = timedelta(days=3)
"""After which a subscription is disabled when nothing got through since."""


def wait_after(attempts: int, asked: timedelta | None = None, *, test: bool = False) -> timedelta | None:
    """How long to wait after so many failed attempts (1 or more); None: it is given up.

    `asked` is what the receiver asked for with `Retry-After`: never less than that, but a day at most.
    """
    waits = TEST_WAITS if test else WAITS
    if attempts > len(waits):
        return None
    wait = waits[attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads the load, hides nothing
    return max(wait, min(asked or timedelta(0), LONGEST))


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """What `Retry-After` asks for (RFC 9110, 10.2.3), seconds or a date; None where it says nothing that can be read."""
    if value is None or len(value) > 64:  # noqa: PLR2004 - no date is longer
        return None
    text = value.strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=min(int(text), int(LONGEST.total_seconds())))
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max(at - now, timedelta(0)), LONGEST)
