"""Files of complaints, of what came in, and of what somebody is about to send on the public form."""

from alembic import op

from chassis import tenancy
from chassis.attachments.tables import create_file_tables, drop_file_tables

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SCHEMA = "complaints"


def upgrade() -> None:
    create_file_tables(op, SCHEMA)
    op.execute(
        f"""
        create table {SCHEMA}.attachment (
            org               text not null,
            file_id           uuid not null,
            complaint_id      uuid,
            representation_id uuid,
            draft_id          bytea,           -- not sent yet: it goes with the draft
            added_by          text not null,
            added_by_name     bytea,           -- sealed; of a system and of the public form there is none
            added_at          timestamptz not null default now(),
            removed_by        text,
            removed_by_name   bytea,           -- sealed
            removed_at        timestamptz,
            removed_reason    bytea,           -- sealed
            constraint attachment_key primary key (org, file_id),
            constraint attachment_file foreign key (org, file_id)
                references {SCHEMA}.stored_file (org, id) on delete cascade,
            constraint attachment_complaint foreign key (org, complaint_id) references {SCHEMA}.complaint (org, id),
            constraint attachment_representation foreign key (org, representation_id)
                references {SCHEMA}.representation (org, id),
            constraint attachment_draft foreign key (org, draft_id) references {SCHEMA}.intake_draft (org, id),
            -- it came in one place; a complaint has those of what became it by way of that
            constraint attachment_of_one check (num_nonnulls(complaint_id, representation_id, draft_id) = 1),
            -- who took it away, and why, stays
            constraint attachment_removed_says_who_and_why check (
                num_nonnulls(removed_by, removed_by_name, removed_at, removed_reason) in (0, 4))
        )
        """
    )
    for column in ("complaint_id", "representation_id", "draft_id"):
        op.execute(f"create index attachment_of_{column} on {SCHEMA}.attachment (org, {column}) where {column} is not null")
    removed = "removed_by, removed_by_name, removed_at, removed_reason"
    tenancy.protect(
        op,
        SCHEMA,
        "attachment",
        app=f"select, insert, update (representation_id, draft_id, {removed})",
        # Old drafts are cleared away for all organisations, with their files.
        worker="select (org, file_id, draft_id)",
        worker_sees_all=True,
    )
    # Which file was opened; null: the words.
    op.execute(f"alter table {SCHEMA}.opened add column file_id uuid")
    op.execute(
        f"alter table {SCHEMA}.opened add constraint opened_file foreign key (org, file_id) "
        f"references {SCHEMA}.stored_file (org, id)"
    )


def downgrade() -> None:
    op.execute(f"alter table {SCHEMA}.opened drop column file_id")
    op.execute(f"drop table {SCHEMA}.attachment")
    drop_file_tables(op, SCHEMA)
