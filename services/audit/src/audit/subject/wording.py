"""Codes of audits in words: sections and grades as the version of the tool has them by which it was judged."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from audit.adapters.tools import definition_text
from audit.pages.audit_view import PARTS
from audit.pages.view import RAG
from chassis.subject.wording import Reader, member, named, of_organisation, reader
from chassis.unit_of_work import Transaction

_TOOL = text(
    """
    select tool, tool_version as version from audit where org = :org and id = :id
    union all select o.tool, v.tool_version from outcome o join outcome_version v on v.org = o.org and v.outcome_id = o.id
     where o.org = :org and o.id = :id order by version desc limit 1
    """
)
_GRADED = ("audit.overall", "outcome.overall", "entry.grade", "entry.first_grade")


async def wording(transaction: Transaction, _: str, ident: UUID) -> Reader:
    """How codes of a record of this service are read."""
    own: Any = await member(transaction, "audit")
    judged = (await transaction.connection.execute(_TOOL, {"org": transaction.org, "id": ident})).one_or_none()
    definition = None if judged is None else await definition_text(transaction, judged.tool, judged.version)
    tool, scale = definition or ({}, {})
    scales = [scale] if scale else own.get("scales", ())
    grades = {code: label for each in scales for code, label in named(each.get("grades"), "label").items()}
    sections = named(tool.get("sections"))
    disputes = own.get("disputes") or {}
    return reader(
        {
            **await of_organisation(transaction),
            "tool": {**named(own.get("tools")), **({tool["code"]: tool["name"]} if tool else {})},
            **dict.fromkeys(_GRADED, grades),
            "rag": RAG,
            "entry.entry": {**sections, "overall": "Overall"},
            "part": PARTS,
            "findings": named(own.get("findings")),
            "dispute.category": named(disputes.get("categories")),
            "dispute.raised_by": named(disputes.get("raised_by")),
            "dispute_stage.outcome": named(disputes.get("outcomes")),
            "acknowledgement.raised_by": named((own.get("acknowledgements") or {}).get("raised_by")),
        }
    )
