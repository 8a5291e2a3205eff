"""What the Ombudsman's outcome asks for, as codes; which deadline is about which; the version of a case, for its events."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SCHEMA = "complaints"


def upgrade() -> None:
    op.execute(
        f"""
        alter table {SCHEMA}.ombudsman_case
            add version integer not null default 1,             -- rises with whatever its events tell
            add remedies text[] not null default '{{}}',        -- codes of the profile
            add constraint ombudsman_remedies_of_an_outcome check (outcome is not null or remedies = '{{}}')
        """
    )
    op.execute(
        f"""
        alter table {SCHEMA}.ombudsman_deadline
            add remedy text,                                    -- code of the profile
            add constraint ombudsman_deadline_remedy_of_its_kind check (remedy is null or kind = 'remedy')
        """
    )
    op.execute(f"grant update (version, remedies) on {SCHEMA}.ombudsman_case to {SCHEMA}_app")


def downgrade() -> None:
    op.execute(f"alter table {SCHEMA}.ombudsman_deadline drop remedy")
    op.execute(f"alter table {SCHEMA}.ombudsman_case drop remedies, drop version")
