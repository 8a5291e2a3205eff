"""The records of a plan as they are kept: an id, a revision, and what they are."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from reporting.domain.plan import Action, Head, Milestone, Workstream
from reporting.domain.plan_tie import Tie

Part = Literal["plan", "workstream", "action", "milestone", "measure"]


@dataclass(frozen=True)
class KeptPlan:
    """A plan without its parts."""

    id: UUID
    revision: int
    head: Head
    state: Literal["open", "closed"]
    opened_on: date
    closed_on: date | None
    changed_at: datetime


@dataclass(frozen=True)
class KeptWorkstream:
    """A workstream; `position` is its place in the plan, from 1."""

    id: UUID
    plan_id: UUID
    revision: int
    position: int
    workstream: Workstream


@dataclass(frozen=True)
class KeptAction:
    """An action; `tracked` is the action of the learning tracker that it takes up."""

    id: UUID
    plan_id: UUID
    workstream_id: UUID
    revision: int
    position: int
    set_on: date
    tracked: str | None
    action: Action
    changed_on: date | None = None


@dataclass(frozen=True)
class KeptMilestone:
    """A milestone of an action."""

    id: UUID
    plan_id: UUID
    action_id: UUID
    revision: int
    milestone: Milestone


@dataclass(frozen=True)
class KeptTie:
    """A measure or a KPI beside an action."""

    id: UUID
    plan_id: UUID
    action_id: UUID
    revision: int
    tie: Tie
    dropped: bool


@dataclass(frozen=True)
class Happened:
    """A line of the history: what was there before and after stands by its name; `note` is the reason, or what shows it."""

    id: UUID
    of_kind: Part
    of_id: UUID
    step: str
    at: datetime
    by: str
    note: str
    before: dict[str, str]
    after: dict[str, str]


@dataclass(frozen=True)
class WholePlan:
    """A plan with everything in it, in order."""

    plan: KeptPlan
    workstreams: tuple[KeptWorkstream, ...]
    actions: tuple[KeptAction, ...]
    milestones: tuple[KeptMilestone, ...]
    ties: tuple[KeptTie, ...]

    def of_workstream(self, ident: UUID) -> list[KeptAction]:
        """The actions of a workstream."""
        return [each for each in self.actions if each.workstream_id == ident]

    def milestones_of(self, action: UUID) -> list[KeptMilestone]:
        """The milestones of an action, the first due first."""
        return [each for each in self.milestones if each.action_id == action]

    def ties_of(self, action: UUID) -> list[KeptTie]:
        """What is tied to an action and stands beside it still."""
        return [each for each in self.ties if each.action_id == action and not each.dropped]

    def name_of(self, action: KeptAction) -> str:
        """Its number in the plan: 2.3 is the third action of the second workstream."""
        place = next((each.position for each in self.workstreams if each.id == action.workstream_id), 0)
        return f"{place}.{action.position}"
