"""From a number down to the records behind it: what kind they are, and where whoever may see one opens it.

Reporting knows a record by its identity, its day and its place, and nothing of what it says. The page of the service that keeps
it decides who may read that.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

OFFICER, COMPLAINTS_OFFICER, READER = "role:qa-officer", "role:complaints-officer", "role:senior-reader"


@dataclass(frozen=True)
class RecordKind:
    """A kind of record: what one is called, the address of its page, and the roles that may open that."""

    name: str
    path: str
    roles: tuple[str, ...]


COMPLAINT = RecordKind("Complaint", "/complaints/{}", (COMPLAINTS_OFFICER, READER))
OMBUDSMAN = RecordKind("Ombudsman case", "/complaints/ombudsman/{}", (COMPLAINTS_OFFICER, READER))
COMPLIMENT = RecordKind("Compliment", "/complaints/compliments/{}", (COMPLAINTS_OFFICER,))
INTAKE = RecordKind("What came in", "/complaints/intake/{}", (COMPLAINTS_OFFICER,))
LEARNING = RecordKind("Action from a complaint", "/complaints/learning/{}", (COMPLAINTS_OFFICER, READER))
OUTCOME = RecordKind("Audit outcome", "/audit/outcomes/{}", (OFFICER, READER))
AUDIT = RecordKind("Audit", "/audit/audits/{}", (OFFICER, READER))
DISPUTE = RecordKind("Dispute", "/audit/disputes/{}", (OFFICER, READER))
ACKNOWLEDGEMENT = RecordKind("Acknowledged practice", "/audit/acknowledgements/{}", (OFFICER, READER))
CHANGE = RecordKind("Published change", "/feedback/changes/{}", (OFFICER,))


@dataclass(frozen=True)
class FoundRecord:
    """A record behind a number. `counted` is False where it is only among those that a share is of."""

    kind: RecordKind
    ident: UUID
    day: date | None
    service_area: str | None
    team: str | None
    counted: bool


@dataclass(frozen=True)
class Found:
    """A page of records, newest first, and the last one's identity where more follow."""

    records: tuple[FoundRecord, ...]
    after: UUID | None


NOT_ONE_BY_ONE = (
    "What families answered, and calls and stars of one person, are not opened from a figure: they were told in confidence. "
    "Those who work with them find them in the feedback pages."
)
NOTHING_COUNTED = "This figure is not made of records: it is one that was posted, a sentence, or not in use."
