"""Everything that is recorded of one complaint, gathered for its case file. That it is opened is logged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.attachments import Attachment, Attachments
from complaints.adapters.learning import KeptStep, LearningRepository
from complaints.adapters.letters import Letters, Sent
from complaints.adapters.ombudsman_cases import CaseRow, OmbudsmanCases, StoredDeadline
from complaints.adapters.opened import Opening, openings
from complaints.use_cases.files import FileDesk
from complaints.use_cases.keep_people import WhoIsWho, see_people
from complaints.use_cases.learn import PointLearning, learning_of
from complaints.use_cases.read_complaints import ComplaintView, read_complaint
from complaints.use_cases.see_representations import Seen, see_representation
from complaints.use_cases.setup import Setup

MOST_OPENINGS = 1000


@dataclass(frozen=True)
class CaseFile:
    """A complaint as a whole: what came in, who is who, stages, findings, learning, the Ombudsman, papers, who opened it."""

    view: ComplaintView
    who: WhoIsWho
    came: Seen | None
    learned: Sequence[PointLearning]
    steps: Mapping[UUID, Sequence[KeptStep]]
    ombudsman: Sequence[tuple[CaseRow, Sequence[StoredDeadline]]]
    letters: Sequence[Sent]
    files: Sequence[Attachment]
    openings: Sequence[Opening]


async def read_case_file(
    transaction: Transaction, setup: Setup, files: FileDesk, identity: Identity, complaint_id: UUID
) -> CaseFile:
    """All of it, as it stands today. Raises `not-found`."""
    view = await read_complaint(transaction, setup, identity, complaint_id, None, reasons=True)
    who = await see_people(transaction, setup, identity, complaint_id)
    came = who.representation and await see_representation(transaction, setup, identity, who.representation)
    learned = await learning_of(transaction, setup, view.record)
    repository, cases = LearningRepository(transaction, setup.secrets), OmbudsmanCases(transaction, setup.secrets)
    steps = {action.id: await repository.steps(action.id) for point in learned for action in point.actions}
    ombudsman = []
    for accepted in view.record.ombudsman:
        case = await cases.one(accepted.id)
        if case is not None:
            ombudsman.append((case, await cases.deadlines(case.id)))
    letters = Letters(transaction, setup.secrets)
    sent = [await letters.one(each.about.id) or each for each in await letters.of(complaint_id)]
    attached = await Attachments(transaction, setup.secrets, files.store).of("complaint", complaint_id)
    opened = await openings(transaction, setup.secrets, "complaint", complaint_id, MOST_OPENINGS)
    return CaseFile(view, who, came or None, learned, steps, ombudsman, sent, attached, opened)
