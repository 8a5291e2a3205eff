"""Codes of complaints in words, as the profile names them."""

from typing import Any
from uuid import UUID

from chassis.subject.wording import Reader, member, named, of_organisation, reader
from chassis.unit_of_work import Transaction
from complaints.pages.intake_words import OUTCOMES
from complaints.pages.labels import STANDINGS, STEPS

_YES = {"complaint": "A complaint", "compliment": "A compliment", "comment": "A comment", "not-sure": "Not sure"}
_CAME_BY = {
    "public-form": "The council's page", "post": "Post", "phone": "Telephone", "e-mail": "E-mail", "in-person": "In person",
    "councillor-or-mp": "A councillor or MP", "other-system": "Another system",
}  # fmt: skip


async def wording(transaction: Transaction, _: str, __: UUID) -> Reader:
    """How codes of a record of this service are read."""
    own: Any = await member(transaction, "complaints")
    findings = named(own.get("findings"))
    return reader(
        {
            **await of_organisation(transaction),
            "procedure": named(own.get("procedures")),
            "category": named(own.get("categories")),
            "need": named(own.get("needs")),
            "route": named(own.get("routes")),
            "raised_by": named(own.get("raised_by")),
            "source": named(own.get("sources")),
            "finding.finding": findings,
            "finding.remedies": named([*own.get("remedies", ()), *own.get("ombudsman_remedies", ())]),
            "ombudsman_case.outcome": named(own.get("ombudsman_outcomes")),
            "complaint.phase": STANDINGS,
            "complaint_change.step": STEPS,
            "representation.said": _YES,
            "representation.outcome": OUTCOMES,
            "representation_change.outcome": OUTCOMES,
            "came_by": _CAME_BY,
        }
    )
