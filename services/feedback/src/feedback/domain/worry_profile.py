"""What an organisation says about worries: who is told, when somebody reads, who takes them over, which words open one.

The profile's file `worries.yaml` (docs/guides/profiles.md); it is the feedback service's own, so an unknown key is an error.
"""

from datetime import time
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis.word_list import WordList
from contracts.base import Code

Hour = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Part(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(Part):
    """Somebody to whom a worry is handed over."""

    code: Code
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]


PLACES = (
    Place(code="front-door", name="Children's social care front door"),
    Place(code="emergency-duty-team", name="Emergency duty team (out of hours)"),
    Place(code="police", name="Police"),
    Place(code="social-worker", name="The child's social worker"),
    Place(code="line-manager", name="Line manager"),
    Place(code="designated-officer", name="Designated officer (allegations against people who work with children)"),
)
"""To whom a worry is handed over where the profile does not say."""


class ReadingHours(Part):
    """When somebody looks for worries: on which days, and from when to when by British time."""

    days: Literal["working", "every"] = "working"
    from_: Hour = Field(default="09:00", alias="from")
    until: Hour = "17:00"

    @property
    def begins(self) -> time:
        """The time of day at which reading begins."""
        return time.fromisoformat(self.from_)

    @property
    def ends(self) -> time:
        """The time of day at which reading ends."""
        return time.fromisoformat(self.until)


class Worries(Part):
    """worries.yaml. Without it nobody is told a second time, and no word opens a worry."""

    escalation_email: str | None = Field(default=None, max_length=254)
    read: ReadingHours = ReadingHours()
    hand_over_to: tuple[Place, ...] = Field(default=PLACES, min_length=1, max_length=30)
    words: tuple[Annotated[str, StringConstraints(min_length=2, max_length=200)], ...] = Field(default=(), max_length=1000)

    def place(self, code: str) -> Place | None:
        """A place by its code."""
        return next((each for each in self.hand_over_to if each.code == code), None)

    @cached_property
    def listed(self) -> WordList:
        """The word list, ready to look for."""
        return WordList(self.words)
