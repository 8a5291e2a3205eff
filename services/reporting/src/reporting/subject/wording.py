"""Codes of reports and plans in words."""

from uuid import UUID

from chassis.subject.wording import Reader, member, named, of_organisation, reader
from chassis.unit_of_work import Transaction


async def wording(transaction: Transaction, _: str, __: UUID) -> Reader:
    """How codes of a record of this service are read."""
    reports, kpis = await member(transaction, "reports"), await member(transaction, "kpis")
    return reader(
        {
            **await of_organisation(transaction),
            "report": named(reports.get("reports"), "title"),
            "kpi": named(kpis.get("kpis")),
            "state": {
                "open": "Open",
                "closed": "Closed",
                "prepared": "Prepared",
                "checked": "Checked",
                "sent-back": "Sent back",
                "issued": "Issued",
                "withdrawn": "Withdrawn",
            },
        }
    )
