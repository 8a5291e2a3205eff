"""Complaints with points, stages, requests, findings and changes; Ombudsman cases; compliments.

Facts stand as dates. What a clock made of them (due_on, working_days) is kept beside them with the calendar version by which it
was counted, so that a calendar published later changes no figure that somebody has seen.
"""

from alembic import op

from chassis import tenancy

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "complaints"

TABLES = (
    """
    create table {s}.complaint (
        org          text not null,
        id           uuid not null,
        reference    text not null,
        procedure    text not null,
        formality    text not null,
        received_on  date not null,
        service_area text not null,
        team         text,
        need         text,
        route        text,
        raised_by    text,
        phase        text not null default 'running',
        stage        smallint not null default 1,
        due_on       date,              -- of the running stage
        due_key      date not null generated always as (coalesce(due_on, date '9999-12-31')) stored,  -- a keyset knows no null
        open         boolean not null generated always as (phase in ('running', 'requested')) stored,
        version      integer not null default 1,
        content_hash bytea not null,    -- of what was posted: the same again is no conflict
        profile      integer not null,  -- number of the profile whose codes it was checked by
        created_at   timestamptz not null default now(),
        created_by   text not null,
        constraint complaint_key primary key (org, id),
        -- the same complaint sent twice is one complaint
        constraint complaint_reference_once unique (org, reference),
        constraint complaint_formality_known check (formality in ('formal', 'informal')),
        constraint complaint_phase_known check (phase in ('running', 'answered', 'requested', 'declined')),
        constraint complaint_stage_counted check (stage between 1 and 9),
        -- a clock runs exactly while a stage runs
        constraint complaint_due_while_running check ((phase = 'running') = (due_on is not null)),
        constraint complaint_version_counted check (version >= 1)
    )
    """,
    """
    create table {s}.complaint_point (
        org          text not null,
        id           uuid not null,
        complaint_id uuid not null,
        position     smallint not null,
        reference    text not null,
        category     text not null,
        service_area text not null,
        constraint point_key primary key (org, id),
        -- a finding names complaint and point together, so that it cannot stand on another complaint's point
        constraint point_of_its_complaint unique (org, complaint_id, id),
        constraint point_reference_once unique (org, complaint_id, reference),
        constraint point_position_once unique (org, complaint_id, position),
        constraint point_complaint foreign key (org, complaint_id) references {s}.complaint (org, id)
    )
    """,
    """
    create table {s}.stage (
        org                text not null,
        complaint_id       uuid not null,
        number             smallint not null,
        -- the terms with which it began: a profile applied later changes no running clock
        limit_days         smallint not null,
        extension_to       smallint,
        counts_from        text not null,
        acknowledge_within smallint,
        -- what happened
        started_on         date not null,
        opened_on          date not null,   -- known to run: a later stage counts from its request, but runs once accepted
        acknowledged_on    date,
        extended_on        date,
        responded_on       date,
        -- what the clock made of it
        due_on             date not null,
        due_unacknowledged_on date,     -- what it was until a late acknowledgement moved it: the stage was overdue in between
        working_days       smallint,
        calendar           text not null,
        constraint stage_once primary key (org, complaint_id, number),
        constraint stage_complaint foreign key (org, complaint_id) references {s}.complaint (org, id),
        constraint stage_number_counted check (number between 1 and 9),
        constraint stage_counts_from_known check (counts_from in ('received', 'acknowledged', 'requested')),
        constraint stage_extension_is_longer check (extension_to > limit_days),
        constraint stage_extended_only_if_possible check (extended_on is null or extension_to is not null),
        constraint stage_acknowledged_only_if_due check (acknowledged_on is null or acknowledge_within is not null),
        constraint stage_dates_in_order check (
            due_on >= started_on
            and opened_on >= started_on
            and (acknowledged_on is null or acknowledged_on >= opened_on)
            and (extended_on is null or extended_on >= opened_on)
            and (responded_on is null or responded_on >= greatest(opened_on, acknowledged_on, extended_on))
        ),
        -- the days are counted when the response is sent, and only then
        constraint stage_counted_when_answered check ((responded_on is null) = (working_days is null)),
        constraint stage_working_days_counted check (working_days >= 0)
    )
    """,
    """
    create table {s}.finding (
        org          text not null,
        complaint_id uuid not null,
        stage        smallint not null,
        point_id     uuid not null,
        finding      text not null,
        -- one finding a point and stage: stage 2 stands beside stage 1
        constraint finding_once primary key (org, complaint_id, stage, point_id),
        constraint finding_stage foreign key (org, complaint_id, stage) references {s}.stage (org, complaint_id, number),
        constraint finding_point foreign key (org, complaint_id, point_id)
            references {s}.complaint_point (org, complaint_id, id),
        constraint finding_known check (
            finding in ('upheld', 'partially-upheld', 'not-upheld', 'no-finding', 'discontinued', 'withdrawn')
        )
    )
    """,
    """
    create table {s}.stage_request (
        org          text not null,
        complaint_id uuid not null,
        stage        smallint not null,
        requested_on date not null,
        late         boolean not null,  -- after its limit, taken at discretion
        decided_on   date,
        decision     text,
        constraint request_once primary key (org, complaint_id, stage),
        constraint request_complaint foreign key (org, complaint_id) references {s}.complaint (org, id),
        constraint request_stage_is_a_later_one check (stage between 2 and 9),
        constraint request_decision_known check (decision in ('accepted', 'declined')),
        constraint request_decided_with_date check ((decided_on is null) = (decision is null)),
        constraint request_decided_after_it_was_made check (decided_on >= requested_on)
    )
    """,
    """
    create table {s}.complaint_change (
        org          text not null,
        complaint_id uuid not null,
        version      integer not null,
        step         text not null,
        stage        smallint not null,
        dated_on     date not null,
        reason       bytea,             -- free text, sealed with the organisation's key
        recorded_at  timestamptz not null default now(),
        recorded_by  text not null,
        -- two writers of one version cannot both win
        constraint change_once primary key (org, complaint_id, version),
        constraint change_complaint foreign key (org, complaint_id) references {s}.complaint (org, id),
        constraint change_step_known check (
            step in ('receive', 'acknowledge', 'extend', 'respond', 'request', 'accept', 'decline')
        )
    )
    """,
    """
    create table {s}.ombudsman_case (
        org          text not null,
        id           uuid not null,
        reference    text not null,
        complaint_id uuid,
        service_area text not null,
        accepted_on  date not null,
        outcome_on   date,
        outcome      text,
        actions      smallint,
        content_hash bytea not null,
        created_at   timestamptz not null default now(),
        created_by   text not null,
        constraint ombudsman_case_key primary key (org, id),
        constraint ombudsman_reference_once unique (org, reference),
        constraint ombudsman_complaint foreign key (org, complaint_id) references {s}.complaint (org, id),
        constraint ombudsman_outcome_complete check (
            (outcome_on is null) = (outcome is null) and (outcome_on is null) = (actions is null)
        ),
        constraint ombudsman_outcome_after_acceptance check (outcome_on >= accepted_on),
        constraint ombudsman_actions_counted check (actions >= 0)
    )
    """,
    """
    create table {s}.compliment (
        org          text not null,
        id           uuid not null,
        reference    text not null,
        received_on  date not null,
        service_area text not null,
        team         text,
        source       text not null,
        external     boolean not null,  -- only those from outside count in formal figures
        content_hash bytea not null,
        created_at   timestamptz not null default now(),
        created_by   text not null,
        constraint compliment_key primary key (org, id),
        constraint compliment_reference_once unique (org, reference)
    )
    """,
)

INDEXES = (
    # lists, newest first, as a whole and by each filter
    "create index complaint_received on {s}.complaint (org, received_on desc, id desc)",
    "create index complaint_by_procedure on {s}.complaint (org, procedure, received_on desc, id desc)",
    "create index complaint_by_area on {s}.complaint (org, service_area, received_on desc, id desc)",
    "create index complaint_by_state on {s}.complaint (org, open, received_on desc, id desc)",
    # the tracker: what is due first
    "create index complaint_open_by_due on {s}.complaint (org, due_key, id) where open",
    # overdue on a day: not answered and due before; answered late, for days that are past
    "create index stage_unanswered on {s}.stage (org, due_on) where responded_on is null",
    "create index stage_answered_late on {s}.stage (org, responded_on) where responded_on > due_on",
    "create index stage_acknowledged_late on {s}.stage (org, acknowledged_on) where due_unacknowledged_on is not null",
    "create index ombudsman_of_complaint on {s}.ombudsman_case (org, complaint_id) where complaint_id is not null",
)

GRANTS = {
    "complaint": "select, insert, update (phase, stage, due_on, version)",
    "complaint_point": "select, insert",
    "stage": (
        "select, insert, "
        "update (acknowledged_on, extended_on, responded_on, due_on, due_unacknowledged_on, working_days, calendar)"
    ),
    "finding": "select, insert",
    "stage_request": "select, insert, update (decided_on, decision)",
    "complaint_change": "select, insert",
    "ombudsman_case": "select, insert, update (outcome_on, outcome, actions)",
    "compliment": "select, insert",
}


def upgrade() -> None:
    for statement in (*TABLES, *INDEXES):
        op.execute(statement.format(s=SCHEMA))
    for table, grants in GRANTS.items():
        tenancy.protect(op, SCHEMA, table, app=grants)


def downgrade() -> None:
    for table in reversed(GRANTS):
        op.execute(f"drop table {SCHEMA}.{table}")
