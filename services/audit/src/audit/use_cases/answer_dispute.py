"""A manager answers a dispute at its current stage: the clock of the stage stops."""

from dataclasses import dataclass, field
from datetime import date

from audit.domain import dispute_steps
from audit.domain.dispute import Answer, Dispute
from audit.domain.dispute_profile import Disputes
from audit.domain.dispute_steps import Step
from audit.use_cases.dispute_setup import DisputeSetup
from audit.use_cases.take_dispute_step import Taken, Target, take_step
from chassis.calendar import WorkingDays
from chassis.identity import Identity
from chassis.unit_of_work import Transaction


@dataclass(frozen=True)
class AnswerDispute:
    """The day of the answer and its words. `answered_by` is the level that answered, else the one that the stage is for."""

    target: Target
    answered_on: date
    answer: str = field(repr=False)
    answered_by: str | None = None


async def answer_dispute(transaction: Transaction, setup: DisputeSetup, identity: Identity, command: AnswerDispute) -> Taken:
    """Record the answer. Raises what `take_step` and `dispute_steps.answer` raise."""

    def take(dispute: Dispute, rules: Disputes, _: WorkingDays, today: date) -> Dispute:
        stage = rules.stage(dispute.current.code)
        by = command.answered_by or (stage.answered_by if stage is not None else "")
        return dispute_steps.answer(dispute, Answer(command.answered_on, by, command.answer), rules, today=today)

    return await take_step(transaction, setup, identity, command.target, Step.ANSWER, take)
