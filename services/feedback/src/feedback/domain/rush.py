"""Answers that come in a rush by an open link: they are held for a person to look at, none is lost, none counts unseen.

Where more than so many come in a few minutes, those of the same minutes before are held with them, although they counted: they
look like the rest, and a figure that a program can move by sixty whenever it likes is none. Of a stream that lasts a day only
what comes later is held: within it families have answered too, and a person tells them apart by the hour.

Anybody who has a poster's link can send answers by a program. Nobody's address is kept, so what can be seen is the pace. Limits
are ours: a full hall that answers together is 200 families in half an hour; a poster in a waiting room gets some in a day.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

Standing = Literal["counted", "held", "left-out"]
"""Whether an answer counts. Held: nobody has looked yet. Left out: a person decided that it does not count."""

SHORT, SHORT_MOST = timedelta(minutes=10), 60
LONG, LONG_MOST = timedelta(hours=24), 500
"""The most answers of one open link that count by themselves within these times."""

WORTH_LOOKING = 20
"""Answers in an hour from which on staff can leave them out, although none was held: the beginning of a rush counts."""


def was_told(history: Sequence[Standing], *, before_held: bool = False) -> bool:
    """Whether an answer was told to the other services, by how it stood from its first day on (nothing: counted at once).

    `before_held`: it counted until it was seen that it was the beginning of a rush.
    """
    return before_held or not history or history[0] != "held" or "counted" in history
