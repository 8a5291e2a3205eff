"""Working copies of questionnaires that officers edit, and what was published of them, by whom and when."""

from alembic import op

from chassis import tenancy

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "feedback"


def upgrade() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.questionnaire_copy (
            org        text not null,
            code       text not null,            -- of the questionnaire
            id         uuid not null,            -- of this copy: a second click on "publish" finds what became of it
            document   jsonb not null,
            base       jsonb,                    -- the questionnaire as it was when the copy was begun; null: a new one
            revision   integer not null default 1,
            begun_at   timestamptz not null,
            changed_at timestamptz not null,
            changed_by text not null,            -- subject
            changed_by_name bytea not null,      -- sealed
            constraint questionnaire_copy_one_each primary key (org, code),
            constraint questionnaire_copy_id_once unique (org, id),
            constraint questionnaire_copy_revision_counts check (revision > 0),
            constraint questionnaire_copy_is_an_object check (jsonb_typeof(document) = 'object')
        )
        """
    )
    tenancy.protect(op, SCHEMA, "questionnaire_copy", app="select, insert, delete")
    # Which questionnaire it is of stays as it was begun.
    changed = "document, base, revision, changed_at, changed_by, changed_by_name"
    op.execute(f"grant update ({changed}) on {SCHEMA}.questionnaire_copy to {SCHEMA}_app")
    op.execute(
        f"""
        create table {SCHEMA}.questionnaire_publication (
            org        text not null,
            id         uuid not null,            -- of the copy that was published
            code       text not null,
            edition    integer not null,
            version    integer not null,
            begins_on  date not null,            -- from which day the version is asked
            becomes    text not null,
            profile_number integer not null,     -- the profile that has it
            changes    jsonb not null,           -- in words: wording of questionnaires is public
            sources    jsonb not null,           -- translations that were made from another English
            at         timestamptz not null,
            by_subject text not null,
            by_name    bytea not null,           -- sealed
            constraint questionnaire_publication_key primary key (org, id),
            -- of two who publish at once one waits and is refused
            constraint questionnaire_publication_edition_once unique (org, code, edition),
            constraint questionnaire_publication_becomes_is_known check (becomes in ('wording', 'version', 'new')),
            constraint questionnaire_publication_counts check (edition > 0 and version > 0)
        )
        """
    )
    # Added to and read: nobody changes what somebody published.
    tenancy.protect(op, SCHEMA, "questionnaire_publication", app="select, insert")


def downgrade() -> None:
    op.execute(f"drop table {SCHEMA}.questionnaire_publication")
    op.execute(f"drop table {SCHEMA}.questionnaire_copy")
