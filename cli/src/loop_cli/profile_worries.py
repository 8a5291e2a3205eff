"""worries.yaml as models, and whether it fits together. Pure."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from loop_cli.profile_format import Label, Named, Part

Wrong = tuple[str, str]
"""A pointer into the document of all parts, and what was expected there."""

Hour = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", strict=True)]
ADDRESS = re.compile(r"[!-?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_WORDS = re.compile(r"[^\W_]+[*!]?(/[^\W_]+[*!]?)*( (\.\. )?[^\W_]+[*!]?(/[^\W_]+[*!]?)*)*")


class Reading(Part):
    """When somebody looks for worries."""

    days: Literal["working", "every"] = "working"
    from_: Hour = Field(default="09:00", alias="from")
    until: Hour = "17:00"


class Worries(Part):
    """worries.yaml."""

    escalation_email: Label | None = None
    read: Reading = Reading()
    hand_over_to: Annotated[list[Named], Field(min_length=1)] | None = None
    words: list[Annotated[str, StringConstraints(min_length=2, max_length=200, strict=True)]] = Field(default=[])


def check_worries(worries: Worries) -> Iterator[Wrong]:
    """Addresses that are none, hours that end before they begin, codes that stand twice, expressions that cannot be read."""
    if worries.escalation_email is not None and not ADDRESS.fullmatch(worries.escalation_email):
        yield "/worries/escalation_email", f"expected one mail address, found '{worries.escalation_email}'"
    if worries.read.from_ >= worries.read.until:
        yield "/worries/read/until", f"expected a time after {worries.read.from_}, found {worries.read.until}"
    seen: set[str] = set()
    for index, place in enumerate(worries.hand_over_to or []):
        if place.code in seen:
            yield f"/worries/hand_over_to/{index}/code", f"expected a code that no other entry has, found '{place.code}' again"
        seen.add(place.code)
    for index, words in enumerate(worries.words):
        if not _WORDS.fullmatch(re.sub("['\u2019]", "", words)):
            yield (
                f"/worries/words/{index}",
                f"expected words, 'word*', 'one/other' or ' .. ' between words, found '{words}'",
            )
