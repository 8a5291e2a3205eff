"""Parts of plans and files of reports carry the areas in which they are seen; the limit holds for writing (ADR 0034)."""

from alembic import op

from chassis import carried_areas, tenancy
from chassis.carried_areas import parts

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

SCHEMA = "reporting"
CARRIED = (
    *parts("plan", "plan_id", "plan_action", "plan_measure", "plan_milestone", "plan_step", "plan_workstream"),
    *parts("report_issue", "issue_id", "report_file"),
)
RECORDS = ("plan", "report_issue")


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
        (of,) = part.of
        tenancy.limit_to_areas(op, SCHEMA, part.table, tenancy.seen_with(SCHEMA, of.record, of.column))
