"""Programmes of calls: who is asked what by telephone, how often at least, and what is read aloud.

The profile's file `calls.yaml` (docs/guides/profiles.md); it is the feedback service's own, so an unknown key is an error.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.base import Code
from feedback.domain.words import Language, Texts


class Part(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Script(Part):
    """What is read aloud around the questions. What a programme leaves out is read as the organisation has it."""

    opening: Texts | None = None
    consent: Texts | None = None
    worry: Texts | None = None
    closing: Texts | None = None

    def over(self, general: "Script") -> "Script":
        """The same with what it leaves out taken from the general one."""
        return Script(
            opening=self.opening or general.opening,
            consent=self.consent or general.consent,
            worry=self.worry or general.worry,
            closing=self.closing or general.closing,
        )


class Programme(Part):
    """Calls of one kind. `minimum_a_month` is what each caller of it owes, None where there is no such number."""

    code: Code
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    questionnaire: Code
    service_area: Code
    minimum_a_month: int | None = Field(default=None, ge=1, le=200)
    close_after: int = Field(default=3, ge=1, le=20)
    script: Script = Script()


class Calls(Part):
    """calls.yaml. Without it nobody is called, and assisted entry reads the service's own words aloud."""

    needs_review: tuple[Language, ...] = Field(default=(), max_length=30)
    script: Script = Script()
    programmes: tuple[Programme, ...] = Field(default=(), max_length=50)

    def programme(self, code: str) -> Programme | None:
        """A programme by its code."""
        return next((each for each in self.programmes if each.code == code), None)

    def script_of(self, programme: str | None) -> Script:
        """What is read aloud in a programme; outside of any, what the organisation has for all."""
        found = self.programme(programme) if programme else None
        return found.script.over(self.script) if found else self.script
