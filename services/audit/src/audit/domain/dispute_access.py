"""Who may see a dispute or an acknowledgement, who may read its words, and who may take which step.

- A quality-assurance officer, and a system that may write, do everything within their service areas.
- A senior reader, and a system that may only read, see the records but no words: neither what the concern is nor what was
  answered, and no case number.
- A manager sees what they raised, what is or was addressed to them, and what is about a team that they manage, with its words.
- Nobody answers a concern that they raised, and only who raised a dispute escalates, resolves, withdraws, reopens or corrects
  it.
"""

from dataclasses import dataclass, field
from typing import Literal

from audit.domain.directory import Person
from audit.domain.dispute import Dispute, Phase
from audit.domain.dispute_steps import LEGAL, Step

Standing = Literal["everything", "own", "records"]
"""`everything` for officers and writing systems, `own` for managers, `records` for readers without words."""

RAISERS = frozenset({Step.ESCALATE, Step.RESOLVE, Step.WITHDRAW, Step.REOPEN, Step.CORRECT})


@dataclass(frozen=True)
class Viewer:
    """Who looks: their standing, what they sign in as, who that is in the directory, and their service areas (empty: all)."""

    standing: Standing
    subject: str
    person: Person | None = None
    areas: frozenset[str] = frozenset()

    @property
    def code(self) -> str | None:
        """Their code in the directory."""
        return self.person.code if self.person is not None else None

    @property
    def manages(self) -> frozenset[str]:
        """Codes of the teams that they manage."""
        return self.person.manages if self.person is not None else frozenset()

    @property
    def reads_words(self) -> bool:
        """Whether they may read the words of what they may see."""
        return self.standing != "records"

    def within(self, service_area: str) -> bool:
        """Whether a service area is one of theirs."""
        return not self.areas or service_area in self.areas


@dataclass(frozen=True)
class Parties:
    """Who has to do with a record, as far as seeing it goes: codes of people, subjects, its area and team."""

    service_area: str
    team: str | None
    subject: str
    person: str | None
    addressed: frozenset[str] = field(default_factory=frozenset)


def may_see(viewer: Viewer, parties: Parties) -> bool:
    """Whether the record is there for the viewer at all."""
    if not viewer.within(parties.service_area):
        return False
    if viewer.standing != "own":
        return True
    mine = viewer.code is not None and (viewer.code == parties.person or viewer.code in parties.addressed)
    return mine or parties.subject == viewer.subject or (parties.team is not None and parties.team in viewer.manages)


def raised_it(viewer: Viewer, parties: Parties) -> bool:
    """Whether the viewer raised it. Who recorded it in somebody else's name did not."""
    if parties.person is not None:
        return parties.person == viewer.code
    return parties.subject == viewer.subject


def must_answer(viewer: Viewer, dispute: Dispute) -> bool:
    """Whether the current stage is addressed to the viewer, or to a team that they manage."""
    if dispute.phase is not Phase.WAITING:
        return False
    stage = dispute.current
    if stage.person is not None:
        return stage.person == viewer.code
    return stage.to_team and dispute.team is not None and dispute.team in viewer.manages


def steps_for(viewer: Viewer, parties: Parties, dispute: Dispute) -> frozenset[Step]:
    """The steps that the viewer may take now, on a dispute that they may see."""
    possible = LEGAL[dispute.phase]
    if viewer.standing == "everything":
        return possible
    if viewer.standing == "records":
        return frozenset()
    if raised_it(viewer, parties):
        return possible & RAISERS
    return possible & {Step.ANSWER} if must_answer(viewer, dispute) else frozenset()
