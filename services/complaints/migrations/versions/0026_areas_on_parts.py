"""Parts of complaints carry the service areas in which they are seen, and the limit holds for writing (docs/decisions/0034).

A count over all stages asked the complaint of each by a function: 1.8 s for 40,000 of them. Now a row says it itself.
"""

from alembic import op

from chassis import carried_areas, tenancy
from chassis.carried_areas import OWN_AREA, Of, Part, parts

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

SCHEMA = "complaints"
COMPLAINT = Of("complaint", "complaint_id")
REPRESENTATION = Of("representation", "representation_id")
OPENED = ("complaint", "representation", "compliment", "letter")
CARRIED = (
    *parts(
        "complaint", "complaint_id", "complaint_change", "complaint_person", "complaint_point", "finding", "letter",
        "letter_draft", "overdue_span", "point_change", "point_change_part", "point_version", "stage", "stage_request",
    ),
    # Found in its own area, and with its complaint.
    *(
        Part(table, (COMPLAINT,), OWN_AREA, ("service_area",))
        for table in ("learning_action", "learning_ask", "learning_none", "ombudsman_case")
    ),
    # Of no area yet: everybody's who sees what comes in, until somebody says whose it is. Then also with what became of it.
    Part(
        "representation",
        (COMPLAINT, Of("compliment", "compliment_id"), Of("comment", "comment_id")),
        f"array[coalesce({{row}}.service_area, '{carried_areas.EVERYBODY}')]",
        ("service_area",),
    ),
    *parts("representation", "representation_id", "representation_change", "representation_person", "sender_found_by"),
    *parts("complaint_person", "person_id", "person_found_by"),
    *parts("learning_action", "action_id", "learning_step"),
    *parts("ombudsman_case", "case_id", "ombudsman_deadline"),
    *parts("comment", "comment_id", "comment_passed_on"),
    *parts("compliment", "compliment_id", "compliment_passed_on", "compliment_words"),
    # A draft is a family's, who fills in the form.
    Part(
        "attachment",
        (COMPLAINT, REPRESENTATION),
        f"case when {{row}}.draft_id is not null then array['{carried_areas.EVERYBODY}'] end",
        ("draft_id",),
    ),
    Part("opened", tuple(Of(each, "record_id", f"{{row}}.record = '{each}'") for each in OPENED), "", ("record",)),
)  # fmt: skip
# What 0021 limited by asking the record, and how; for the way down.
RECORDS = (
    "complaint", "comment", "compliment", "learning_action", "ombudsman_case", "representation", "letter", "complaint_person",
)  # fmt: skip


def upgrade() -> None:
    for part in CARRIED:
        tenancy.unlimit_areas(op, SCHEMA, part.table)
    for record in RECORDS:
        tenancy.drop_sees(op, SCHEMA, record)
    carried_areas.carry(op, SCHEMA, CARRIED)
    carried_areas.hold_writing_too(op, SCHEMA)
    for part in CARRIED:
        carried_areas.hold_to_areas(op, SCHEMA, part.table, carried_areas.seen_where_carried())


def downgrade() -> None:
    for part in CARRIED:
        tenancy.unlimit_areas(op, SCHEMA, part.table)
    carried_areas.hold_reading_only(op, SCHEMA)
    carried_areas.drop(op, SCHEMA, CARRIED)
    for record in RECORDS:
        tenancy.create_sees(op, SCHEMA, record)
    for part in CARRIED:
        tenancy.limit_to_areas(op, SCHEMA, part.table, _as_before(part))


def _as_before(part: Part) -> str:
    own = tenancy.seen_by_area(or_null=part.table == "representation") if "service_area" in part.columns else tenancy.UNLIMITED
    draft = ["draft_id is not null"] if part.table == "attachment" else []
    asked = (
        f"({of.when.format(row=part.table)} and {SCHEMA}.sees_{of.record}({of.column}))"
        if of.when
        else f"{SCHEMA}.sees_{of.record}({of.column})"
        for of in part.of
    )
    return " or ".join((own, *draft, *asked))
