"""People's rights over what is held of them: requests, ticked records, decisions, statements (`chassis.subject`)."""

from alembic import op

from chassis.subject.tables import create_subject_tables, drop_subject_tables

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SCHEMA = "complaints"


def upgrade() -> None:
    create_subject_tables(op, SCHEMA)


def downgrade() -> None:
    drop_subject_tables(op, SCHEMA)
