"""The worker reads where complaints stand, to remind of their limits: codes and dates, no word and nobody.

An index for what stages took that were answered of late, from which the tracker says who may be late.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SCHEMA = "complaints"


def upgrade() -> None:
    op.execute(f"grant select on {SCHEMA}.complaint, {SCHEMA}.stage to {SCHEMA}_worker")
    columns = "(org, responded_on) include (complaint_id, number, working_days, answer_by, due_on)"
    where = "ending = 'answered' and panel_report_within is null"
    op.execute(f"create index stage_answered on {SCHEMA}.stage {columns} where {where}")


def downgrade() -> None:
    op.execute(f"drop index {SCHEMA}.stage_answered")
    op.execute(f"revoke select on {SCHEMA}.complaint, {SCHEMA}.stage from {SCHEMA}_worker")
