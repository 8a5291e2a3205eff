"""Issuing by staff: the language of a link, a link that takes another's place, uploads, and what the list is narrowed by."""

from alembic import op

from chassis import tenancy

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "feedback"


def upgrade() -> None:
    op.execute(
        f"""
        alter table {SCHEMA}.invitation
            add column language text,                       -- in which it is sent and begun; null: the questionnaire's first
            add column issue    smallint not null default 1,  -- how many times a link was issued under this reference
            add column replaces uuid,                       -- the invitation whose place it takes
            -- as it is looked for: under row security PostgreSQL uses an index on lower(reference) for nobody
            add column reference_key text generated always as (lower(reference)) stored,
            drop constraint invitation_reference_once,
            add constraint invitation_reference_once unique (org, client, reference, issue),
            -- of two who press "issue again" at once, one finds that it was done
            add constraint invitation_replaced_once unique (org, replaces),
            add constraint invitation_again_replaces check ((issue = 1) = (replaces is null)),
            add constraint invitation_replaces_one_of_ours
                foreign key (org, replaces) references {SCHEMA}.invitation (org, id)
        """
    )
    # The list goes newest first by id. Nothing that answering changes is in an index: that update stays in its page.
    op.execute(f"drop index {SCHEMA}.invitation_by_questionnaire")
    op.execute(f"create index invitation_by_questionnaire on {SCHEMA}.invitation (org, questionnaire, id)")
    op.execute(f"create index invitation_by_team on {SCHEMA}.invitation (org, team, id)")
    op.execute(f"create index invitation_by_day on {SCHEMA}.invitation (org, issued_on, id)")
    op.execute(f"create index invitation_by_reference on {SCHEMA}.invitation (org, reference_key text_pattern_ops, id)")
    tenancy.create_upload_table(op, SCHEMA)


def downgrade() -> None:
    op.execute(f"drop table {SCHEMA}.upload")
    for index in ("invitation_by_reference", "invitation_by_day", "invitation_by_team", "invitation_by_questionnaire"):
        op.execute(f"drop index {SCHEMA}.{index}")
    op.execute(f"create index invitation_by_questionnaire on {SCHEMA}.invitation (org, questionnaire)")
    # Stops, with nothing changed, where a link was issued again: the older release could not tell the two apart.
    op.execute(
        f"""
        alter table {SCHEMA}.invitation
            drop constraint invitation_replaces_one_of_ours,
            drop constraint invitation_again_replaces,
            drop constraint invitation_replaced_once,
            drop constraint invitation_reference_once,
            add constraint invitation_reference_once unique (org, client, reference),
            drop column reference_key,
            drop column replaces,
            drop column issue,
            drop column language
        """
    )
