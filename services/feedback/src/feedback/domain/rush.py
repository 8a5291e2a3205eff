"""Answers that come in a rush by an open link: they are held for a person to look at, none is lost, none counts unseen.

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


def was_told(history: Sequence[Standing]) -> bool:
    """Whether an answer was told to the other services, by how it stood from its first day on (nothing: counted at once)."""
    return not history or history[0] != "held" or "counted" in history
