"""Mails about improvement plans: the queue, and that the worker, which asks for them, may read plans."""

from alembic import op

from chassis import tenancy

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

SCHEMA = "reporting"
READ = "plan, plan_workstream, plan_action, plan_milestone, plan_measure"
_IN_SCHEMA = ", ".join(f"{SCHEMA}.{each.strip()}" for each in READ.split(","))


def upgrade() -> None:
    tenancy.create_mail_table(op, SCHEMA)
    op.execute(f"grant select on {_IN_SCHEMA} to {SCHEMA}_worker")


def downgrade() -> None:
    op.execute(f"revoke select on {_IN_SCHEMA} from {SCHEMA}_worker")
    op.execute(f"drop table {SCHEMA}.mail")
