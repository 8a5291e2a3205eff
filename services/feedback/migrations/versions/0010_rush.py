"""Answers of an open link that came in a rush: how they stand, by whom."""

from alembic import op

from chassis import tenancy

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCHEMA = "feedback"


def upgrade() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.response_standing (
            org         text not null,
            response_id uuid not null,
            revision    integer not null,       -- the highest one holds; a response without any counts
            standing    text not null
                constraint response_standing_is_known check (standing in ('counted', 'held', 'left-out')),
            changed_at  timestamptz not null,
            changed_by  text,                   -- null: held by the pace at which answers came
            primary key (org, response_id, revision),
            foreign key (org, response_id) references {SCHEMA}.response (org, id),
            -- a machine only holds, and only as the first; whether an answer counts is for a person to say
            constraint response_standing_by_a_person check ((changed_by is null) = (standing = 'held' and revision = 1)),
            constraint response_standing_from_the_first_on check (revision >= 1)
        )
        """
    )
    tenancy.protect(op, SCHEMA, "response_standing", app="select, insert")
    # How many answers a poster had in the last minutes, asked with every one that comes in; letters are counted nowhere.
    op.execute(
        f"create index response_by_invitation on {SCHEMA}.response (org, invitation_id, submitted_at) "
        "where invitation_id is not null"
    )


def downgrade() -> None:
    op.execute(f"drop index {SCHEMA}.response_by_invitation")
    op.execute(f"drop table {SCHEMA}.response_standing")
