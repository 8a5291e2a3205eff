"""Questionnaires that staff published on the pages, an edition a row: reports know their questions without an operator."""

from alembic import op

from chassis import tenancy

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = "reporting"


def upgrade() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.fact_questionnaire_edition (
            org text not null, questionnaire text not null, edition integer not null, label text not null,
            versions jsonb not null,   -- as the event tells them, newest last
            occurred_at timestamptz not null, changed_at timestamptz not null, changed_sequence bigint not null,
            primary key (org, questionnaire, edition)
        )
        """
    )
    tenancy.protect(op, SCHEMA, "fact_questionnaire_edition", app="select", worker="select, insert, update, delete, truncate")


def downgrade() -> None:
    op.execute(f"drop table {SCHEMA}.fact_questionnaire_edition")
