"""People's rights over what is held of them: requests, ticked records, decisions, statements (`chassis.subject`)."""

from alembic import op

from chassis.subject.tables import create_subject_tables, drop_subject_tables

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SCHEMA = "audit"


def upgrade() -> None:
    create_subject_tables(op, SCHEMA)


def downgrade() -> None:
    drop_subject_tables(op, SCHEMA)
