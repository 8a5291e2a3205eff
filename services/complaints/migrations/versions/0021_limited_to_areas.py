"""Whoever is limited to service areas sees complaints, and all that is theirs, of those, by the database (docs/decisions/0027).

A complaint is of one area, and its points, stages, letters and people are seen with it. What can lie elsewhere than the
complaint it came from (an action, an Ombudsman case) is seen in both; what came in is seen with what was made of it.
"""

from alembic import op

from chassis import tenancy

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SCHEMA = "complaints"
RECORDS = (
    "complaint",
    "comment",
    "compliment",
    "learning_action",
    "ombudsman_case",
    "representation",
    "letter",
    "complaint_person",
)
OF_COMPLAINT = (
    "complaint_change", "complaint_person", "complaint_point", "finding", "letter", "letter_draft", "overdue_span",
    "point_change", "point_change_part", "point_version", "stage", "stage_request",
)  # fmt: skip
OF = {
    "comment_passed_on": ("comment", "comment_id"),
    "compliment_passed_on": ("compliment", "compliment_id"),
    "compliment_words": ("compliment", "compliment_id"),
    "learning_step": ("learning_action", "action_id"),
    "ombudsman_deadline": ("ombudsman_case", "case_id"),
    "representation_change": ("representation", "representation_id"),
    "representation_person": ("representation", "representation_id"),
    "sender_found_by": ("representation", "representation_id"),
    "person_found_by": ("complaint_person", "person_id"),
    **dict.fromkeys(OF_COMPLAINT, ("complaint", "complaint_id")),
}
# Found in its own area, and with its complaint.
OF_BOTH = ("learning_action", "learning_ask", "learning_none", "ombudsman_case")
OPENED = ("complaint", "representation", "compliment", "letter")


def upgrade() -> None:
    for record in RECORDS:
        tenancy.create_sees(op, SCHEMA, record)
    conditions = {
        **dict.fromkeys(("complaint", "comment", "compliment"), tenancy.seen_by_area()),
        **{table: tenancy.seen_with(SCHEMA, record, column) for table, (record, column) in OF.items()},
        **dict.fromkeys(OF_BOTH, f"{tenancy.seen_by_area()} or {_sees('complaint')}"),
        # Of no area yet: everybody's who sees what comes in, until somebody says whose it is.
        "representation": f"{tenancy.seen_by_area(or_null=True)} or "
        + " or ".join(_sees(each) for each in ("complaint", "compliment", "comment")),
        # A draft is a family's, who fills in the form.
        "attachment": f"{tenancy.UNLIMITED} or draft_id is not null or {_sees('complaint')} or {_sees('representation')}",
        "opened": f"{tenancy.UNLIMITED} or "
        + " or ".join(f"(record = '{each}' and {_sees(each, 'record_id')})" for each in OPENED),
    }
    for table, condition in conditions.items():
        tenancy.limit_to_areas(op, SCHEMA, table, condition)


def downgrade() -> None:
    for table in ("complaint", "comment", "compliment", *OF, *OF_BOTH, "representation", "attachment", "opened"):
        tenancy.unlimit_areas(op, SCHEMA, table)
    for record in RECORDS:
        tenancy.drop_sees(op, SCHEMA, record)


def _sees(record: str, column: str = "") -> str:
    return f"{SCHEMA}.sees_{record}({column or f'{record}_id'})"
