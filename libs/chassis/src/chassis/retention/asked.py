"""What was decided for people's requests about a record goes with it; while a request is open, the record stays.

`subject_record`, `subject_decision` and `subject_note` repeat words of the record they are about, and so does
`subject_restriction` of a use that is not restricted any more. Whose request is not answered may still need the record: so it
is held until then, as by a hold (`chassis.retention.holding.in_force`).
"""

from uuid import UUID

from sqlalchemy import text

from chassis.retention.kinds import Delete, Empty, Kind, Sealed
from chassis.unit_of_work import Transaction

_TABLES = ("subject_restriction", "subject_note", "subject_decision", "subject_record")
"""In the order in which they can go."""


async def clear(transaction: Transaction, kind: Kind, ident: UUID) -> dict[str, int]:
    """Delete what was decided and stated about a record and what goes with it; answers how many rows of which table."""
    parts = text(f"select {kind.parts} from {kind.table} r where r.id = :id")  # noqa: S608 - constants that services declare
    ids = (await transaction.connection.execute(parts, {"id": ident})).scalar_one_or_none() or []
    gone = {}
    for table in _TABLES:
        statement = text(f"delete from {table} where record_id = any(cast(:ids as uuid[]))")  # noqa: S608 - constants
        gone[table] = (await transaction.connection.execute(statement, {"ids": list(ids)})).rowcount
    return gone


REQUEST = Kind(
    code="request",
    name="Requests of people for their data",
    goes="the request's reference, what is known of who asked, why it was extended, which records were ticked, what was "
    "decided of their pieces, who did",
    stays="which right, when it came, was due and closed, and how it ended. A person's statement beside a record stays with "
    "the record",
    counts_from="It is over when it is closed; its time counts from that day.",
    table="subject_request",
    reference="r.reference",
    names="array[r.reference]",
    over="r.closed_on is not null",
    since="r.closed_on",
    steps=(
        Delete("subject_decision", "t.request_id = :id"),
        Delete("subject_record", "t.request_id = :id"),
        Empty("subject_note", "t.request_id = :id", {"request_id": "null"}),
        Empty("subject_request", "t.id = :id and t.extension is not null", {"extension": Sealed("subject")}),
        Empty(
            "subject_request",
            "t.id = :id",
            {
                "reference": "'deleted-' || replace(cast(t.id as text), '-', '')",
                "asked": Sealed("subject", "{}"),
                "made_by": "'deleted'",
            },
        ),
    ),
)
"""Of every service: whoever asked is known by the request."""
