"""What an organisation says of its dispute resolution process and of acknowledged practice: two parts of audit.yaml.

Both may be left out by an organisation that has no such thing. docs/guides/profiles.md documents the fields.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis.errors import DomainError, FieldError, unknown_code
from contracts.base import Code

Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
WorkingDayCount = Annotated[int, Field(ge=1, le=250)]
Prefix = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$")]
"""How the numbers of records begin: DRP-2026-014."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Coded(_Part):
    """A code with its label."""

    code: Code
    name: Label


Names = Annotated[tuple[Coded, ...], Field(min_length=1, max_length=100)]


class StageRules(_Part):
    """A stage of the process: the level of management that answers, and within how many working days."""

    code: Code
    name: Label
    answered_by: Code
    limit: WorkingDayCount


class Disputes(_Part):
    """`disputes` of audit.yaml. Stages stand in their order, the first is that of the child's own team.

    `limit_in_all` is the working days for the process as a whole (20 by the IRO Handbook, 6.2), or null for no such limit.
    """

    prefix: Prefix = "DRP"
    limit_in_all: WorkingDayCount | None = None
    stages: Annotated[tuple[StageRules, ...], Field(min_length=1, max_length=9)]
    categories: Names
    outcomes: Names
    raised_by: Names
    answered_by: Names

    @cached_property
    def order(self) -> dict[str, int]:
        """Position of each stage's code, 0 the first."""
        return {stage.code: position for position, stage in enumerate(self.stages)}

    def stage(self, code: str) -> StageRules | None:
        """A stage by its code."""
        return next((stage for stage in self.stages if stage.code == code), None)

    def later(self, code: str) -> tuple[StageRules, ...]:
        """The stages behind one; all of them for a stage that the profile no longer has."""
        return self.stages[self.order[code] + 1 :] if code in self.order else self.stages


class Acknowledgements(_Part):
    """`acknowledgements` of audit.yaml: who may acknowledge good practice, and how it came to light."""

    prefix: Prefix = "PA"
    raised_by: Names
    origins: Names


def required_disputes(disputes: Disputes | None) -> Disputes:
    """The organisation's process. Raises `no-dispute-process` where its profile has none."""
    if disputes is None:
        detail = "Your organisation's profile has no dispute resolution process (`disputes` in audit.yaml). Nothing was stored."
        raise DomainError("no-dispute-process", detail)
    return disputes


def required_acknowledgements(acknowledgements: Acknowledgements | None) -> Acknowledgements:
    """How the organisation acknowledges practice. Raises `no-acknowledgements` where its profile says nothing of it."""
    if acknowledgements is None:
        detail = "Your organisation's profile has no practice acknowledgement (`acknowledgements` in audit.yaml)."
        raise DomainError("no-acknowledgements", f"{detail} Nothing was stored.")
    return acknowledgements


def check_disputes(disputes: Disputes | None, acknowledgements: Acknowledgements | None) -> Iterator[FieldError]:
    """Codes that stand twice, and levels of management that are not in the list of those who answer."""
    lists: dict[str, Sequence[Coded | StageRules]] = {}
    if disputes is not None:
        for name in ("stages", "categories", "outcomes", "raised_by", "answered_by"):
            lists[f"/audit/disputes/{name}"] = getattr(disputes, name)
        levels = [level.code for level in disputes.answered_by]
        for position, stage in enumerate(disputes.stages):
            if stage.answered_by not in levels:
                yield unknown_code(f"/audit/disputes/stages/{position}/answered_by", stage.answered_by, levels)
    if acknowledgements is not None:
        for name in ("raised_by", "origins"):
            lists[f"/audit/acknowledgements/{name}"] = getattr(acknowledgements, name)
    for pointer, listed in lists.items():
        seen: set[str] = set()
        for position, each in enumerate(listed):
            if each.code in seen:
                yield FieldError(f"{pointer}/{position}/code", f"'{each.code}' stands twice; a code is unique in its list.")
            seen.add(each.code)
