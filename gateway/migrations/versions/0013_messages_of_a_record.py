"""Which records a message is about, so that its body goes when one of them is reduced or erased."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


def upgrade() -> None:
    op.execute("alter table gateway.webhook_message add column records uuid[] not null default '{}'")
    # As `records_of` finds them.
    op.execute("alter table gateway.webhook_message no force row level security")
    op.execute(
        f"""
        update gateway.webhook_message m set records = array(
            select distinct cast(d.value as uuid) from jsonb_each_text(m.payload::jsonb -> 'data') d
             where d.key like '%\\_id' and d.value ~ '{UUID}')
         where jsonb_typeof(m.payload::jsonb -> 'data') = 'object'
        """
    )
    op.execute("alter table gateway.webhook_message force row level security")
    op.execute("create index webhook_of_records on gateway.webhook_message using gin (records)")


def downgrade() -> None:
    op.execute("drop index gateway.webhook_of_records")
    op.execute("alter table gateway.webhook_message drop column records")
