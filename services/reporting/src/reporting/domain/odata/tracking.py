"""What the rows of an entity set belong to: the record whose change changes them.

A row of a feed follows from the facts of one record (a complaint, a response, a course of a star), and from nothing else. So
whoever wants to know which rows changed asks which records did (ADR 0014).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Root:
    """A kind of record, and the column (of type uuid) that names it in a fact or a view."""

    kind: str
    column: str


COMPLAINT = Root("complaint", "complaint_id")
AUDIT = Root("audit", "audit_id")
OUTCOME = Root("audit", "outcome_id")
RESPONSE = Root("response", "response_id")
INVITATION = Root("invitation", "invitation_id")
STAR = Root("star", "star_id")
CASE = Root("case", "case_id")


def by(column: str) -> Root:
    """The record that a column names, called as the column is: `quote_id` names a quote."""
    return Root(column.removesuffix("_id"), column)
