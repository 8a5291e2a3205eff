"""What is learned: actions of points with their history, reasons for none; which points ask for one."""

from alembic import op

from chassis import tenancy

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = "complaints"

_FINDINGS = "('upheld', 'partially-upheld', 'not-upheld', 'no-finding', 'discontinued', 'withdrawn')"
TABLES = (
    f"""
    create table {SCHEMA}.learning_action (
        org             text not null,
        id              uuid not null,
        complaint_id    uuid not null,
        point_id        uuid not null,
        code            text not null,
        reference       text not null,      -- the complaint's, so that a reminder need not look at complaints
        stage           smallint not null,  -- whose finding asked for it, which a later stage may replace
        finding         text not null,
        service_area    text not null,
        team            text,
        what_sealed     bytea not null,
        owner_sealed    bytea,              -- name, sign-in and address of whoever sees to it
        owner_key       text,               -- keyed hashes of the sign-in and of the name, by which somebody's are found
        owner_name_key  text,
        due_on          date not null,
        first_due_on    date not null,      -- what was promised first, however often it was moved
        themes          text[] not null default '{{}}',
        status          text not null default 'open',
        done_on         date,
        evidence_sealed bytea,
        reviewed_on     date,
        difference      text,
        recorded_on     date not null,
        revision        integer not null default 1,
        created_at      timestamptz not null default now(),
        created_by      text not null,
        constraint learning_action_key primary key (org, id),
        constraint learning_action_code_once unique (org, complaint_id, code),
        constraint learning_action_point foreign key (org, complaint_id, point_id)
            references {SCHEMA}.complaint_point (org, complaint_id, id),
        constraint learning_action_finding_known check (finding in {_FINDINGS}),
        constraint learning_action_status_known check (status in ('open', 'done', 'reviewed', 'dropped')),
        -- somebody sees to it, a person or a team
        constraint learning_action_has_owner check (owner_sealed is not null or team is not null),
        constraint learning_action_found_by_sign_in_of_a_person check (owner_key is null or owner_sealed is not null),
        constraint learning_action_found_by_name_of_a_person check ((owner_name_key is null) = (owner_sealed is null)),
        -- done is done with evidence, and reviewed is done before
        constraint learning_action_done_with_evidence check (
            (done_on is null) = (evidence_sealed is null)
            and (status not in ('done', 'reviewed') or done_on is not null)
            and (status <> 'open' or done_on is null)
        ),
        constraint learning_action_review_says_what_came_of_it check (
            (status = 'reviewed') = (reviewed_on is not null) and (reviewed_on is null) = (difference is null)
        ),
        constraint learning_action_difference_known check (difference in ('yes', 'partly', 'no')),
        constraint learning_action_revision_counted check (revision >= 1)
    )
    """,
    f"""
    create table {SCHEMA}.learning_step (
        org         text not null,
        id          uuid not null,
        action_id   uuid not null,
        revision    integer not null,   -- of the action after it
        step        text not null,
        due_on      date,               -- where it set or moved the day
        note_sealed bytea,
        at          timestamptz not null default now(),
        by          text not null,
        constraint learning_step_key primary key (org, id),
        -- two writers of one revision cannot both win
        constraint learning_step_once unique (org, action_id, revision),
        constraint learning_step_action foreign key (org, action_id) references {SCHEMA}.learning_action (org, id),
        constraint learning_step_known check (
            step in ('set', 'changed', 'noted', 'done', 'reopened', 'dropped', 'moved', 'reviewed')
        )
    )
    """,
    f"""
    create table {SCHEMA}.learning_none (
        org           text not null,
        id            uuid not null,
        complaint_id  uuid not null,
        point_id      uuid not null,
        stage         smallint not null,
        finding       text not null,
        service_area  text not null,
        reason_sealed bytea not null,
        decided_on    date not null,
        decided_by    text not null,
        created_at    timestamptz not null default now(),
        replaced_on   date,             -- by an action; the decision and its reason stay
        constraint learning_none_key primary key (org, id),
        constraint learning_none_point foreign key (org, complaint_id, point_id)
            references {SCHEMA}.complaint_point (org, complaint_id, id),
        constraint learning_none_of_what_asks check (finding in ('upheld', 'partially-upheld')),
        constraint learning_none_replaced_later check (replaced_on >= decided_on)
    )
    """,
    # What asks now, kept by the triggers below: of 60,000 points a few ask, and asking all of them took a second.
    f"""
    create table {SCHEMA}.learning_ask (
        org          text not null,
        point_id     uuid not null,
        complaint_id uuid not null,
        service_area text not null,
        stage        smallint not null,
        finding      text not null,
        since        date not null,         -- the day on which the stage was answered
        constraint learning_ask_key primary key (org, point_id),
        constraint learning_ask_point foreign key (org, complaint_id, point_id)
            references {SCHEMA}.complaint_point (org, complaint_id, id)
    )
    """,
)
INDEXES = (
    # one reason at a time stands for a point
    f"create unique index learning_none_stands_once on {SCHEMA}.learning_none (org, point_id) where replaced_on is null",
    f"create index learning_none_decided on {SCHEMA}.learning_none (org, decided_on)",
    # lists by due date: all, of an area, of a person; and what is open
    f"create index learning_action_by_status on {SCHEMA}.learning_action (org, status, due_on, id)",
    f"create index learning_action_by_area on {SCHEMA}.learning_action (org, service_area, due_on, id)",
    f"create index learning_action_of_owner on {SCHEMA}.learning_action (org, owner_key, due_on, id)",
    f"create index learning_action_of_name on {SCHEMA}.learning_action (org, owner_name_key, due_on, id)",
    f"create index learning_action_of_point on {SCHEMA}.learning_action (org, point_id)",
    f"create index learning_action_recorded on {SCHEMA}.learning_action (org, recorded_on)",
    f"create index learning_action_finished on {SCHEMA}.learning_action (org, done_on) where done_on is not null",
    # the latest finding of a point
    f"create index finding_of_point on {SCHEMA}.finding (org, point_id, stage)",
    f"create index learning_ask_since on {SCHEMA}.learning_ask (org, since, point_id)",
    f"create index learning_ask_by_area on {SCHEMA}.learning_ask (org, service_area, since, point_id)",
)
_CHANGED = (
    "service_area, team, what_sealed, owner_sealed, owner_key, owner_name_key, due_on, themes, status, done_on, "
    "evidence_sealed, reviewed_on, difference, revision"
)
# A point asks while its latest finding says so and nothing stands for it: no action but dropped ones, no reason for none.
_ASKING = f"""
    insert into {SCHEMA}.learning_ask (org, point_id, complaint_id, service_area, stage, finding, since)
    select f.org, f.point_id, f.complaint_id, p.service_area, f.stage, f.finding, coalesce(s.responded_on, s.opened_on)
      from {SCHEMA}.finding f
      join {SCHEMA}.complaint_point p on p.org = f.org and p.id = f.point_id
      join {SCHEMA}.stage s on s.org = f.org and s.complaint_id = f.complaint_id and s.number = f.stage
     where f.finding in ('upheld', 'partially-upheld') and f.void_from is null
       and not exists (select from {SCHEMA}.finding l
                        where l.org = f.org and l.point_id = f.point_id and l.stage > f.stage and l.void_from is null)
       and not exists (select from {SCHEMA}.learning_action a
                        where a.org = f.org and a.point_id = f.point_id and a.status <> 'dropped')
       and not exists (select from {SCHEMA}.learning_none n
                        where n.org = f.org and n.point_id = f.point_id and n.replaced_on is null)
"""
# In the database, so that no way in which a finding is made or changed can forget it; at the end of the transaction, when
# everything that it is about has been written. With the rights, and the row-level security, of whoever writes.
_REFRESH = f"""
    create function {SCHEMA}.refresh_learning_ask() returns trigger language plpgsql as $$
    declare
        its_org text := coalesce(new.org, old.org);
        its_point uuid := coalesce(new.point_id, old.point_id);
    begin
        delete from {SCHEMA}.learning_ask k where k.org = its_org and k.point_id = its_point;
        {_ASKING} and f.org = its_org and f.point_id = its_point;
        return null;
    end $$
"""
_ASKED = ("finding", "learning_action", "learning_none")
_READ = ("finding", "complaint_point", "stage")
GRANTS = {
    "learning_ask": ("select, insert, delete", ""),
    "learning_action": (f"select, insert, update ({_CHANGED})", "select"),
    "learning_step": ("select, insert", ""),
    "learning_none": ("select, insert, update (replaced_on)", ""),
}


def upgrade() -> None:
    for statement in (*TABLES, *INDEXES):
        op.execute(statement)
    for table, (app, worker) in GRANTS.items():
        tenancy.protect(op, SCHEMA, table, app=app, worker=worker)
    _ask_of_what_is_there()
    op.execute(_REFRESH)
    for table in _ASKED:
        op.execute(
            f"create constraint trigger {table}_asks after insert or update or delete on {SCHEMA}.{table} "
            f"deferrable initially deferred for each row execute function {SCHEMA}.refresh_learning_ask()"
        )
    # The worker goes from organisation to organisation, and learns from their profiles which there are.
    op.execute(f"create policy mechanism on {SCHEMA}.profile for select to {SCHEMA}_worker using (true)")


def _ask_of_what_is_there() -> None:
    """Findings that were made before; the owner sees past row-level security for this one statement."""
    touched = (*_READ, *GRANTS)
    for table in touched:
        op.execute(f"alter table {SCHEMA}.{table} no force row level security")
    op.execute(_ASKING)
    for table in touched:
        op.execute(f"alter table {SCHEMA}.{table} force row level security")


def downgrade() -> None:
    op.execute(f"drop policy mechanism on {SCHEMA}.profile")
    op.execute(f"drop trigger finding_asks on {SCHEMA}.finding")
    for table in ("learning_ask", "learning_none", "learning_step", "learning_action"):
        op.execute(f"drop table {SCHEMA}.{table}")
    op.execute(f"drop function {SCHEMA}.refresh_learning_ask()")
    op.execute(f"drop index {SCHEMA}.finding_of_point")
