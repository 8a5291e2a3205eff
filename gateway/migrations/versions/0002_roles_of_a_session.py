"""A session carries every role of its person: who moderates audits may read reports too."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In place, in one step: `using` reaches every organisation's rows, which an update under forced row-level security does
    # not, and only the demonstration has sessions, whose gateway does not run while it migrates.
    op.execute("alter table gateway.session alter column role type text[] using array[role]")
    op.execute("alter table gateway.session rename column role to roles")
    # Somebody without a role may do nothing anywhere: that is no session.
    op.execute("alter table gateway.session add constraint session_has_a_role check (cardinality(roles) > 0)")


def downgrade() -> None:
    op.execute("alter table gateway.session drop constraint session_has_a_role")
    op.execute("alter table gateway.session rename column roles to role")
    op.execute("alter table gateway.session alter column role type text using role[1]")
