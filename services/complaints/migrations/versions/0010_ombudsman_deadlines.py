"""What the Ombudsman asks for by a day: answers to enquiries, and the remedies of a decision."""

from alembic import op

from chassis import tenancy

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCHEMA = "complaints"


def upgrade() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.ombudsman_deadline (
            org         text not null,
            id          uuid not null,
            case_id     uuid not null,
            kind        text not null,
            due_on      date not null,
            what_sealed bytea not null,
            done_on     date,
            done_by     text,
            created_at  timestamptz not null default now(),
            created_by  text not null,
            constraint ombudsman_deadline_key primary key (org, id),
            constraint ombudsman_deadline_case foreign key (org, case_id) references {SCHEMA}.ombudsman_case (org, id),
            constraint ombudsman_deadline_kind_known check (kind in ('enquiry', 'draft', 'remedy')),
            constraint ombudsman_deadline_done_by_somebody check ((done_on is null) = (done_by is null))
        )
        """
    )
    tenancy.protect(op, SCHEMA, "ombudsman_deadline", app="select, insert, update (done_on, done_by)")
    op.execute(f"create index ombudsman_deadline_of_case on {SCHEMA}.ombudsman_deadline (org, case_id, due_on)")
    op.execute(f"create index ombudsman_deadline_open on {SCHEMA}.ombudsman_deadline (org, due_on) where done_on is null")
    op.execute(f"create index ombudsman_case_accepted on {SCHEMA}.ombudsman_case (org, accepted_on desc, id desc)")
    columns = "org, id, case_id, kind, due_on, done_on"
    op.execute(f"grant select ({columns}) on {SCHEMA}.ombudsman_deadline to {SCHEMA}_worker")
    op.execute(f"grant select (org, id, reference, service_area) on {SCHEMA}.ombudsman_case to {SCHEMA}_worker")


def downgrade() -> None:
    op.execute(f"revoke select on {SCHEMA}.ombudsman_case from {SCHEMA}_worker")
    op.execute(f"drop index {SCHEMA}.ombudsman_case_accepted")
    op.execute(f"drop table {SCHEMA}.ombudsman_deadline")
