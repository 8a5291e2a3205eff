"""Parts of audits, rounds and disputes carry the areas in which they are seen; the limit holds for writing (ADR 0034).

Whom an audit concerns in whatever area is gathered once a statement: the audits of one person are few.
"""

from alembic import op

from chassis import carried_areas, tenancy
from chassis.carried_areas import Part, parts

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SCHEMA = "audit"
OF_AUDIT = ("part", "entry", "question", "action", "review", "recipient", "escalation", "step")
CARRIED = (
    *parts("audit", "audit_id", *OF_AUDIT),
    *parts("action", "action_id", "action_step"),
    # A round of several areas is drawn as one: whoever has one of them sees that there is one.
    Part("round", (), "array(select jsonb_array_elements_text({row}.rules -> 'service_areas'))", ("rules",)),
    *parts("round", "round_id", "round_step"),
    *parts("dispute", "record_id", "dispute_change"),
    *parts("dispute", "dispute_id", "dispute_stage"),
    *parts("acknowledgement", "record_id", "acknowledgement_change"),
    *parts("acknowledgement", "acknowledgement_id", "acknowledgement_notice"),
)
# With the rights of the owner, whom no limit holds: it reads the tables whose limit it decides. Said to cost nothing, for the
# few who are limited; see `reporting.reached`.
_SET = (
    "returns setof uuid language plpgsql stable parallel safe cost 1 rows 100 "
    f"security definer set search_path = {SCHEMA}, pg_temp"
)
_PERSON = (
    "p.org = nullif(current_setting('app.org', true), '') and p.active "
    "and p.subject = nullif(current_setting('app.subject', true), '')"
)
CONCERNING = f"""
    create function {SCHEMA}.concerning() {_SET} as $$
    begin
        return query
            select t.audit_id from {SCHEMA}.person p join {SCHEMA}.audit_person t on t.org = p.org and t.person = p.code
             where {_PERSON}
            union
            select a.id from {SCHEMA}.person p join {SCHEMA}.audit a on a.org = p.org and a.team = any(p.manages)
             where {_PERSON};
    end $$
"""
CONCERNING_ACTIONS = f"""
    create function {SCHEMA}.concerning_actions() {_SET} as $$
    begin
        return query select a.id from {SCHEMA}.action a join {SCHEMA}.concerning() c (id) on c.id = a.audit_id
                      where a.org = nullif(current_setting('app.org', true), '');
    end $$
"""
CONCERNS = f"""
    create function {SCHEMA}.concerns(audit_id uuid, team text) returns boolean
    language sql stable parallel safe cost 1 as $$
        select exists (select from {SCHEMA}.person p where {_PERSON}
                          and ($2 = any(p.manages)
                               or exists (select from {SCHEMA}.audit_person t
                                           where t.org = p.org and t.person = p.code and t.audit_id = $1)))
    $$
"""
RECORDS = ("audit", "action", "round", "outcome", "dispute", "acknowledgement")
_IN_ROUNDS = "rules -> 'service_areas' ?| (select string_to_array(nullif(current_setting('app.areas', true), ''), ','))"

# As in 0007, and with the column that the limit reads: without it, every row of entry is fetched for it.
ENTRY_GRADES = (
    f"create index entry_grades on {SCHEMA}.entry (org, audit_id, part, entry) "
    "include (grade, first_grade, not_applicable{more}) where grade is not null or not_applicable"
)


def upgrade() -> None:
    for table in ("audit", *(part.table for part in CARRIED)):
        tenancy.unlimit_areas(op, SCHEMA, table)
    for record in RECORDS:
        tenancy.drop_sees(op, SCHEMA, record)
    op.execute(f"drop function {SCHEMA}.concerns")
    carried_areas.carry(op, SCHEMA, CARRIED)
    op.execute(f"drop index {SCHEMA}.entry_grades")
    op.execute(ENTRY_GRADES.format(more=", seen_in"))
    op.execute(CONCERNING)
    op.execute(CONCERNING_ACTIONS)
    for name in ("concerning", "concerning_actions"):
        op.execute(f"revoke execute on function {SCHEMA}.{name}() from public")
        op.execute(f"grant execute on function {SCHEMA}.{name}() to {SCHEMA}_app")
    carried_areas.hold_writing_too(op, SCHEMA)
    concerned = f"in (select {SCHEMA}.concerning())"
    whose = {
        **dict.fromkeys(OF_AUDIT, f"audit_id {concerned}"),
        "action_step": f"action_id in (select {SCHEMA}.concerning_actions())",
    }
    carried_areas.hold_to_areas(op, SCHEMA, "audit", f"{tenancy.seen_by_area()} or id {concerned}")
    for part in CARRIED:
        others = (whose[part.table],) if part.table in whose else ()
        # A round is made and changed by who has all of its areas.
        check = carried_areas.within_carried() if part.table == "round" else ""
        carried_areas.hold_to_areas(op, SCHEMA, part.table, carried_areas.seen_where_carried(*others), check)


def downgrade() -> None:
    for table in ("audit", *(part.table for part in CARRIED)):
        tenancy.unlimit_areas(op, SCHEMA, table)
    carried_areas.hold_reading_only(op, SCHEMA)
    op.execute(f"drop index {SCHEMA}.entry_grades")
    carried_areas.drop(op, SCHEMA, CARRIED)
    op.execute(ENTRY_GRADES.format(more=""))
    op.execute(f"drop function {SCHEMA}.concerning_actions")
    op.execute(f"drop function {SCHEMA}.concerning")
    for record in RECORDS:
        tenancy.create_sees(op, SCHEMA, record)
    op.execute(CONCERNS)
    tenancy.limit_to_areas(op, SCHEMA, "audit", f"{tenancy.seen_by_area()} or {SCHEMA}.concerns(id, team)")
    for part in CARRIED:
        asked = [f"{SCHEMA}.sees_{of.record}({of.column})" for of in part.of] or [_IN_ROUNDS]
        tenancy.limit_to_areas(op, SCHEMA, part.table, " or ".join((tenancy.UNLIMITED, *asked)))
