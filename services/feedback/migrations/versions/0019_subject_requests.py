"""People's rights over what is held of them (`chassis.subject`), for which words are read as for a third reason."""

from alembic import op

from chassis.subject.tables import create_subject_tables, drop_subject_tables

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SCHEMA = "feedback"
_WORRY = f"""exists (
    select from {SCHEMA}.concern c where c.org = response_text.org and c.response_id = response_text.response_id"""
_NOT_CLOSED = "and not (c.state = 'closed' and c.finding = 'no-concern')"


def upgrade() -> None:
    create_subject_tables(op, SCHEMA)
    _policy("when 'subject' then true ")


def downgrade() -> None:
    _policy("")
    drop_subject_tables(op, SCHEMA)


def _policy(subject: str) -> None:
    # Whoever answers a person reads all that they said; as comments, and without a reason, as migration 0009 has it.
    op.execute(f"drop policy for_a_reason on {SCHEMA}.response_text")
    op.execute(
        f"create policy for_a_reason on {SCHEMA}.response_text as restrictive for select to {SCHEMA}_app using ("
        f"case current_setting('app.reading', true) {subject}"
        f"when 'comments' then not {_WORRY} {_NOT_CLOSED}) else {_WORRY}) end)"
    )
