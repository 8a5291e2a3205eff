"""What was recorded of a dispute was wrong: a day, a code, a name of who must answer, words. What it was before is kept."""

from dataclasses import dataclass, field
from datetime import date

from audit.domain.dispute import Dispute
from audit.domain.dispute_correction import Correction, correct
from audit.domain.dispute_place import check_place, within_areas
from audit.domain.dispute_profile import Disputes
from audit.domain.dispute_steps import Step
from audit.use_cases.dispute_setup import DisputeSetup
from audit.use_cases.take_dispute_step import Taken, Target, take_step
from chassis.calendar import WorkingDays
from chassis.identity import Identity
from chassis.unit_of_work import Transaction


@dataclass(frozen=True)
class CorrectDispute:
    """What is to stand instead."""

    target: Target
    correction: Correction = field(repr=False)


async def correct_dispute(transaction: Transaction, setup: DisputeSetup, identity: Identity, command: CorrectDispute) -> Taken:
    """Correct a dispute; its clocks are counted anew. Raises what `take_step` and `correct` raise, and `unknown-codes`."""
    profile = await setup.profile(transaction)
    given = command.correction

    def take(dispute: Dispute, rules: Disputes, calendar: WorkingDays, today: date) -> Dispute:
        corrected = correct(dispute, given, rules, calendar=calendar, today=today)
        place = (corrected.service_area, corrected.team)
        if place != (dispute.service_area, dispute.team):
            within_areas(identity.areas, corrected.service_area)
            check_place(profile, *place, corrected.raised_on)
        return corrected

    named = {f"/stages/{number}/person": values["person"] for number, values in given.stages.items() if "person" in values}
    return await take_step(transaction, setup, identity, command.target, Step.CORRECT, take, named=named)
