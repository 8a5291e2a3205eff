"""Which records changed in which transaction, and which rows left a feed: what those who pull only changes are told by.

A number of a source's log is no safe mark: a dead letter that is driven again applies an old number late, and consumers commit
out of order. The number of the writing transaction is, read against the oldest that is still open (ADR 0014).
"""

from alembic import op

from chassis import tenancy

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SCHEMA = "reporting"

# The facts in which each record stands; `reporting.adapters.fact_roots` says the same of every fact.
KNOWN = {
    "complaint": ("complaint_id", ("fact_complaint", "fact_point", "fact_point_recount", "fact_complaint_error", "fact_stage")),
    "audit": ("audit_id", ("fact_audit_work", "fact_audit_part", "fact_audit_action_state", "fact_audit_review")),
    "response": ("response_id", ("fact_response", "fact_comment", "fact_response_counting")),
    "invitation": ("invitation_id", ("fact_invitation", "fact_invitation_message")),
    "star": ("star_id", ("fact_star_reading", "fact_star_closure")),
    "dispute": ("dispute_id", ("fact_dispute",)),
    "acknowledgement": ("acknowledgement_id", ("fact_practice_acknowledgement",)),
    "call": ("call_id", ("fact_call", "fact_call_attempt")),
    "action": ("action_id", ("fact_learning_action",)),
    "quote": ("quote_id", ("fact_quote",)),
    "change": ("change_id", ("fact_change",)),
    "case": ("case_id", ("fact_ombudsman", "fact_ombudsman_case", "fact_ombudsman_deadline")),
    "compliment": ("compliment_id", ("fact_compliment",)),
    "decision": ("decision_id", ("fact_learning_none",)),
    "representation": ("representation_id", ("fact_representation", "fact_representation_decision")),
}
# Rows of a record are read by the record, and these had no way to it.
INDEXES = {
    "fact_ombudsman_deadline_by_case": "fact_ombudsman_deadline (org, case_id)",
}


def upgrade() -> None:
    # One row a record, so that it is as large as what there is and not as all that ever happened.
    op.execute(
        f"""
        create table {SCHEMA}.feed_touched (
            org text not null, kind text not null, root_id uuid not null,
            xid xid8 not null,  -- the transaction that changed it last
            constraint feed_touched_key primary key (org, kind, root_id)
        ) with (fillfactor = 85)
        """
    )
    op.execute(f"create index feed_touched_by_change on {SCHEMA}.feed_touched (org, kind, xid, root_id)")
    op.execute(
        f"""
        create table {SCHEMA}.feed_left (
            org text not null, name text not null, key text[] not null,
            area text not null,  -- the service area in which it had stood; empty where it had none
            xid xid8 not null,
            constraint feed_left_key primary key (org, name, key, area)
        )
        """
    )
    op.execute(f"create index feed_left_by_change on {SCHEMA}.feed_left (org, name, xid, key, area)")
    for table in ("feed_touched", "feed_left"):
        tenancy.protect(op, SCHEMA, table, app="select, insert, update", worker="select, insert, update, delete, truncate")
    # Counts the rebuilds: marks of before one say nothing about what is after it.
    op.execute(
        f"""
        create table {SCHEMA}.feed_epoch (
            org text primary key default '{tenancy.INSTALLATION}', number bigint not null,
            constraint feed_epoch_is_of_the_installation check (org = '{tenancy.INSTALLATION}')
        )
        """
    )
    op.execute(f"insert into {SCHEMA}.feed_epoch (number) values (1)")
    tenancy.protect(op, SCHEMA, "feed_epoch", app="select", worker="select, update", worker_sees_all=True)
    # Of no organisation, and read by each; without one, nothing is seen of this either.
    op.execute(
        f"create policy every_tenant_reads on {SCHEMA}.feed_epoch for select "
        "using (nullif(current_setting('app.org', true), '') is not null)"
    )
    for name, of in INDEXES.items():
        op.execute(f"create index {name} on {SCHEMA}.{of}")
    _know_what_there_is()
    # The worker sees which rows leave a feed when it writes what they are made of.
    op.execute(_ON_VIEWS.format(what="grant select on %s to reporting_worker"))


def downgrade() -> None:
    op.execute(_ON_VIEWS.format(what="revoke select on %s from reporting_worker"))
    for name in INDEXES:
        op.execute(f"drop index {SCHEMA}.{name}")
    op.execute(f"drop table {SCHEMA}.feed_epoch, {SCHEMA}.feed_left, {SCHEMA}.feed_touched")


_ON_VIEWS = """
    do $$ declare v regclass; begin
        for v in select c.oid from pg_class c where c.relkind = 'v' and c.relnamespace = 'reporting'::regnamespace loop
            execute format('{what}', v);
        end loop;
    end $$
"""


def _know_what_there_is() -> None:
    """What is there already counts as known: a row of it that leaves a feed has to be told."""
    op.execute(f"alter table {SCHEMA}.feed_touched no force row level security")
    for kind, (column, tables) in KNOWN.items():
        for table in tables:
            _know(kind, column, table)
    _know("audit", "outcome_id", "fact_audit")
    _know("dimension", "cast('00000000-0000-0000-0000-000000000000' as uuid)", "dim_state")
    op.execute(f"alter table {SCHEMA}.feed_touched force row level security")


def _know(kind: str, column: str, table: str) -> None:
    op.execute(f"alter table {SCHEMA}.{table} no force row level security")
    op.execute(
        f"""
        insert into {SCHEMA}.feed_touched (org, kind, root_id, xid)
        select distinct org, '{kind}', {column}, pg_current_xact_id() from {SCHEMA}.{table}
        on conflict (org, kind, root_id) do nothing
        """
    )
    op.execute(f"alter table {SCHEMA}.{table} force row level security")
