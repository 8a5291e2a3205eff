"""Messages with survey links: sent, reminded, could not be delivered, and who wants no reminders.

Nothing here tells whether a link was answered: the row of a message would change with the answers, and so point to them.
"""

from alembic import op

from chassis import tenancy

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SCHEMA = "reporting"
TABLES = {
    # `message` is 0 for the link and 1 or 2 for a reminder. Sent and found undelivered are told by two events, in any order.
    "fact_invitation_message": """
        invitation_id uuid not null, message integer not null, channel text not null, sent_on date, undelivered_on date,
        primary key (org, invitation_id, message),
        constraint message_reminders_at_most_two check (message between 0 and 2)
    """,
    "fact_reminder_refusal": "invitation_id uuid not null, declined_on date not null, primary key (org, invitation_id)",
}


def upgrade() -> None:
    for table, columns in TABLES.items():
        common = "org text not null, occurred_at timestamptz not null, changed_at timestamptz not null"
        op.execute(f"create table {SCHEMA}.{table} ({common}, changed_sequence bigint not null, {columns})")
        tenancy.protect(op, SCHEMA, table, app="select", worker="select, insert, update, delete, truncate")
    op.execute(f"create index fact_invitation_message_by_day on {SCHEMA}.fact_invitation_message (org, sent_on)")
    op.execute(
        f"""
        create view {SCHEMA}.feed_survey_message with (security_invoker = true) as
        select m.org, m.invitation_id, m.message, m.channel, i.questionnaire, i.service_area, i.team, i.issued_on, m.sent_on,
               m.undelivered_on, r.declined_on, m.occurred_at,
               greatest(m.changed_at, i.changed_at, r.changed_at) as changed_at,
               greatest(m.changed_sequence, i.changed_sequence, r.changed_sequence) as changed_sequence
          from {SCHEMA}.fact_invitation_message m
          left join {SCHEMA}.fact_invitation i on i.org = m.org and i.invitation_id = m.invitation_id
          left join {SCHEMA}.fact_reminder_refusal r on r.org = m.org and r.invitation_id = m.invitation_id
        """
    )
    op.execute(f"grant select on {SCHEMA}.feed_survey_message to {SCHEMA}_app")


def downgrade() -> None:
    op.execute(f"drop view {SCHEMA}.feed_survey_message")
    for table in reversed(TABLES):
        op.execute(f"drop table {SCHEMA}.{table}")
