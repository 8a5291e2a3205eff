"""A review panel met, or sent its report: each ends a leg of the stage and begins the next."""

from dataclasses import dataclass
from datetime import date

from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_repository import NewChange
from complaints.domain import stages
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import Taken, Target, take_step


@dataclass(frozen=True)
class HoldPanel:
    """The day on which the panel met."""

    target: Target
    panel_on: date


@dataclass(frozen=True)
class ReportPanel:
    """The day on which the panel's report, with its recommendations, was sent."""

    target: Target
    reported_on: date


async def hold_panel(transaction: Transaction, setup: Setup, identity: Identity, command: HoldPanel) -> Taken:
    """Record the panel. Raises what `take_step` and `stages.hold_panel` raise."""
    number, day = command.target.stage, command.panel_on
    change = NewChange("hold-panel", number, day, identity.subject, recounts=True)
    return await take_step(
        transaction,
        setup,
        identity,
        command.target,
        change,
        lambda case, _, today: stages.hold_panel(case, number, day, today=today),
    )


async def report_panel(transaction: Transaction, setup: Setup, identity: Identity, command: ReportPanel) -> Taken:
    """Record the report. Raises what `take_step` and `stages.report` raise."""
    number, day = command.target.stage, command.reported_on
    change = NewChange("report", number, day, identity.subject, recounts=True)
    return await take_step(
        transaction,
        setup,
        identity,
        command.target,
        change,
        lambda case, _, today: stages.report(case, number, day, today=today),
    )
