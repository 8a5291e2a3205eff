"""What the rows of an entity set belong to: the record whose change changes them.

A row of a feed follows from the facts of one record (a complaint, a response, a course of a star), and from nothing else. So
whoever wants to know which rows changed asks which records did (ADR 0014).
"""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Root:
    """A kind of record, and the column (of type uuid) that names it in a fact or a view.

    Without a column there is one record of the kind in an organisation: all rows change together. `source` names the rows whose
    column `source` says so, where the column names records of several kinds.
    """

    kind: str
    column: str = ""
    source: str = ""

    def of(self, row: str) -> str:
        """What names the record of a row, in SQL."""
        return f"{row}.{self.column}" if self.column else f"cast('{WHOLE}' as uuid)"


WHOLE = UUID(int=0)

COMPLAINT = Root("complaint", "complaint_id")
AUDIT = Root("audit", "audit_id")
OUTCOME = Root("audit", "outcome_id")
RESPONSE = Root("response", "response_id")
INVITATION = Root("invitation", "invitation_id")
STAR = Root("star", "star_id")
CASE = Root("case", "case_id")
DIMENSIONS = Root("dimension")


def by(column: str) -> Root:
    """The record that a column names, called as the column is: `quote_id` names a quote."""
    return Root(column.removesuffix("_id"), column)
