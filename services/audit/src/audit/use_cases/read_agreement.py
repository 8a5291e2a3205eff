"""Read how far auditors agree: everybody's for those who oversee, their own for everybody else."""

from collections.abc import Iterable
from dataclasses import replace

from audit.adapters.agreement_reader import AgreementReader, Disagreement, Filters
from audit.context import Context
from audit.domain.agreement_report import Comparison, ToolAgreement, report
from audit.use_cases.see_audit import Viewer
from chassis.errors import not_found
from chassis.unit_of_work import Transaction

MOST_AUDITS = 5
"""Audits that are named for one section: what a workshop gets through in an hour."""


async def read_agreement(
    transaction: Transaction, context: Context, filters: Filters, *, auditors: bool = True
) -> tuple[ToolAgreement, ...]:
    """Agreement by tool within the filters; `auditors` says whether by auditor too."""
    profile = (await context.profiles.current(transaction)).profile
    return report(await AgreementReader(transaction.connection).counts(filters, auditors=auditors), profile)


async def read_auditor(
    transaction: Transaction, context: Context, viewer: Viewer, auditor: str, filters: Filters
) -> tuple[ToolAgreement, ...]:
    """Agreement of one auditor (a code of the directory) with the moderator and with whoever audited the same cases.

    Raises `DomainError` (not-found) for anybody but themselves and those who oversee, whether there is such a code or not.
    """
    if auditor != viewer.code and not viewer.is_overseer:
        raise not_found("auditor")
    return await read_agreement(transaction, context, replace(filters, auditor=auditor))


async def widest_disagreements(
    transaction: Transaction, filters: Filters, tools: Iterable[ToolAgreement], comparison: Comparison
) -> list[Disagreement]:
    """Audits in which a comparison differs, a few for each section: further apart before nearer, later before earlier.

    One question for each scale that the tools are graded on, which is one nearly always.
    """
    reader = AgreementReader(transaction.connection)
    scales = {tool.scale.code: tool.scale for tool in tools}
    found = [
        await reader.disagreements(filters, comparison, code, [grade.code for grade in scale.grades], MOST_AUDITS)
        for code, scale in scales.items()
    ]
    return [each for some in found for each in some]
