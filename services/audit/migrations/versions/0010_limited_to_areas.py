"""Whoever is limited to service areas sees audits, outcomes and disputes of those, by the database (docs/decisions/0027).

An audit is seen in its area, and, whatever their area, by whom it concerns: its auditors, moderator and reviewer, who owns an
action of it, to whom it was circulated or a concern was told, and the manager of its team. What of it they may read is decided
in code. And the worker reads no more than its reminders and the sending out of rounds are made of.
"""

from alembic import op

from chassis import tenancy

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCHEMA = "audit"
RECORDS = ("audit", "action", "round", "outcome", "dispute", "acknowledgement")
OF = {
    **dict.fromkeys(
        ("part", "entry", "question", "action", "review", "recipient", "escalation", "step"), ("audit", "audit_id")
    ),
    "action_step": ("action", "action_id"),
    "round_step": ("round", "round_id"),
    "dispute_change": ("dispute", "record_id"),
    "dispute_stage": ("dispute", "dispute_id"),
    "acknowledgement_change": ("acknowledgement", "record_id"),
    "acknowledgement_notice": ("acknowledgement", "acknowledgement_id"),
}
BY_OWN_AREA = ("outcome", "outcome_version", "round_case", "dispute", "acknowledgement")
# Whom an audit concerns, or did: said by no record of it, since those are seen with the audit and would ask for themselves.
SAID_BY = {
    "part": ("person", "audit_id"),
    "recipient": ("person", "audit_id"),
    "action": ("owner", "audit_id"),
    "review": ("reviewer", "audit_id"),
    "escalation": ("manager", "audit_id"),
    "audit": ("reviewer", "id"),
}
NOTE = f"""
    create function {SCHEMA}.note_concerned() returns trigger language plpgsql as $$
    declare
        who text := to_jsonb(new) ->> tg_argv[0];
    begin
        if who is not null then
            insert into {SCHEMA}.audit_person (org, audit_id, person)
            values (new.org, (to_jsonb(new) ->> tg_argv[1])::uuid, who) on conflict do nothing;
        end if;
        return null;
    end $$
"""
CONCERNS = f"""
    create function {SCHEMA}.concerns(audit_id uuid, team text) returns boolean
    language sql stable parallel safe cost 1 as $$
        select exists (select from {SCHEMA}.person p
                        where p.org = nullif(current_setting('app.org', true), '') and p.active
                          and p.subject = nullif(current_setting('app.subject', true), '')
                          and ($2 = any(p.manages)
                               or exists (select from {SCHEMA}.audit_person t
                                           where t.org = p.org and t.person = p.code and t.audit_id = $1)))
    $$
"""
# What the worker reads, by table; the rest of them, and other tables of audits at work, it has no use for.
READ_BY_WORKER = {
    "audit": "org, id, reference, case_key, case_sealed, service_area, team, worker, reviewer, state, rules, submit_by, "
    "moderate_by, allocated_on, withdrawal_reason, kind, tool, tool_version, programme, revision, moderated_on, "
    "submitted_at, shown_from, discuss_by, discussed_on, round_id",
    "part": "org, audit_id, part, person, state, due_on",
    "action": "org, id, audit_id, code, owner, due_on, status",
    "review": "org, audit_id, number, reviewer, due_on, result",
    "recipient": "org, audit_id, person, due_on, acknowledged_at",
    "escalation": "org, id, audit_id, raised_at, manager, acknowledged_at",
    "round": "org, id, programme, code, title, kind, tool, tool_version, rules, repeats, period_from, period_to, size, seed, "
    "circulate_on, submit_by, moderate_by, calendar, state, drawn_at, circulated_at, created_by, created_at, revision",
}
NOT_READ_BY_WORKER = ("entry", "question", "action_step", "step", "round_step")


def upgrade() -> None:
    for record in RECORDS:
        tenancy.create_sees(op, SCHEMA, record)
    _note_whom_audits_concern()
    op.execute(CONCERNS)
    in_rounds = "rules -> 'service_areas' ?| (select string_to_array(nullif(current_setting('app.areas', true), ''), ','))"
    conditions = {
        **dict.fromkeys(BY_OWN_AREA, tenancy.seen_by_area()),
        **{table: tenancy.seen_with(SCHEMA, record, column) for table, (record, column) in OF.items()},
        "audit": f"{tenancy.seen_by_area()} or {SCHEMA}.concerns(id, team)",
        # A round of several areas is drawn as one: whoever has one of them sees that there is one, and code asks for all.
        "round": f"{tenancy.UNLIMITED} or {in_rounds}",
    }
    for table, condition in conditions.items():
        tenancy.limit_to_areas(op, SCHEMA, table, condition)
    for table in (*READ_BY_WORKER, *NOT_READ_BY_WORKER):
        op.execute(f"revoke select on {SCHEMA}.{table} from {SCHEMA}_worker")
    for table, columns in READ_BY_WORKER.items():
        op.execute(f"grant select ({columns}) on {SCHEMA}.{table} to {SCHEMA}_worker")


def downgrade() -> None:
    for table, columns in READ_BY_WORKER.items():
        op.execute(f"revoke select ({columns}) on {SCHEMA}.{table} from {SCHEMA}_worker")
    for table in (*READ_BY_WORKER, *NOT_READ_BY_WORKER):
        op.execute(f"grant select on {SCHEMA}.{table} to {SCHEMA}_worker")
    for table in (*BY_OWN_AREA, *OF, "audit", "round"):
        tenancy.unlimit_areas(op, SCHEMA, table)
    op.execute(f"drop function {SCHEMA}.concerns")
    for table in SAID_BY:
        op.execute(f"drop trigger concerned on {SCHEMA}.{table}")
    op.execute(f"drop function {SCHEMA}.note_concerned")
    op.execute(f"drop table {SCHEMA}.audit_person")
    for record in RECORDS:
        tenancy.drop_sees(op, SCHEMA, record)


def _note_whom_audits_concern() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.audit_person (
            org text not null, person text not null, audit_id uuid not null,
            constraint audit_person_key primary key (org, person, audit_id)
        )
        """
    )
    tenancy.protect(op, SCHEMA, "audit_person", app="select, insert")
    op.execute(NOTE)
    op.execute(f"alter table {SCHEMA}.audit_person no force row level security")
    for table, (person, audit) in SAID_BY.items():
        op.execute(f"alter table {SCHEMA}.{table} no force row level security")
        op.execute(
            f"insert into {SCHEMA}.audit_person (org, person, audit_id) select distinct org, {person}, {audit} "
            f"from {SCHEMA}.{table} where {person} is not null on conflict do nothing"
        )
        op.execute(f"alter table {SCHEMA}.{table} force row level security")
        op.execute(
            f"create trigger concerned after insert or update of {person} on {SCHEMA}.{table} "
            f"for each row execute function {SCHEMA}.note_concerned('{person}', '{audit}')"
        )
    op.execute(f"alter table {SCHEMA}.audit_person force row level security")
