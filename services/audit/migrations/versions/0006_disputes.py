"""Disputes about practice with their stages, practice that was acknowledged, and what each was before it was changed.

What a person wrote and a case's own number are sealed; what is counted and listed by (codes, dates) is not. The due day of a
stage is kept with the version of the working-day calendar that it was counted by.
"""

from alembic import op

from chassis import tenancy

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = "audit"

# What stands in a history, for both kinds of record: a row a fact, what it was and what it became.
CHANGES = """
    record_id    uuid not null,
    revision     integer not null,        -- that the change made
    position     smallint not null,
    step         text not null,
    stage        smallint not null,       -- number of the stage or notice, 0 for the record as a whole
    fact         text not null,
    was          text,
    became       text,
    was_sealed   bytea,                   -- of words; what they became stands in the record, or in the next change
    secret       boolean not null,
    changed_by   text not null,
    changed_at   timestamptz not null default now(),
    constraint {name}_once primary key (org, record_id, revision, position),
    constraint {name}_of_record foreign key (org, record_id) references {{s}}.{of} (org, id),
    -- words get into a history sealed or not at all
    constraint {name}_words_are_sealed check (not secret or (was is null and became is null)),
    constraint {name}_codes_stand_open check (secret or was_sealed is null)
"""

TABLES = {
    # The running numbers of DRP-2026-014 and PA-2026-003.
    "record_number": """
        kind text not null,
        year smallint not null,
        last integer not null,
        constraint record_number_key primary key (org, kind, year),
        constraint record_number_counts_from_one check (last >= 1)
    """,
    "dispute": """
        id              uuid not null,
        reference       text not null,
        source          text not null,        -- subject of whoever recorded it
        source_reference text,                -- the number that a sending system has for it
        content_hash    bytea not null,       -- of what was sent: the same again is no conflict
        raised_person   text,                 -- person code of who raised it; the subject otherwise
        raised_on       date not null,
        raised_by       text not null,        -- their role
        category        text not null,
        service_area    text not null,
        team            text,
        limit_in_all    smallint,
        case_key        text not null,        -- keyed pseudonym, by which the case is known again
        case_sealed     bytea not null,
        concern_sealed  bytea not null,
        informal_on     date,
        informal_sealed bytea,
        -- where it stands, for lists
        phase           text not null,
        stage           text not null,
        stage_number    smallint not null,
        due_on          date,
        ended_on        date,
        open            boolean not null generated always as (phase in ('waiting', 'answered')) stored,
        -- the order of the list: open ones by the day they are due, those to be decided behind them, then the last ended first
        rank            integer not null generated always as (
            case when phase in ('waiting', 'answered') then coalesce(due_on, date '9999-12-31') - date '2000-01-01'
                 else 10000000 - (coalesce(ended_on, date '2000-01-01') - date '2000-01-01') end) stored,
        revision        integer not null default 1,
        recorded_at     timestamptz not null default now(),
        constraint dispute_key primary key (org, id),
        constraint dispute_reference_once unique (org, reference),
        -- a system's own number names one dispute, however often it is sent
        constraint dispute_source_reference_once unique (org, source, source_reference),
        constraint dispute_phase_is_known check (phase in ('waiting', 'answered', 'resolved', 'withdrawn')),
        -- an answer is due exactly while one is waited for
        constraint dispute_due_while_waiting check ((phase = 'waiting') = (due_on is not null)),
        constraint dispute_ended_has_its_day check ((phase in ('resolved', 'withdrawn')) = (ended_on is not null)),
        constraint dispute_tried_informally_with_day check ((informal_on is null) = (informal_sealed is null)),
        constraint dispute_tried_informally_before check (informal_on <= raised_on),
        constraint dispute_hash_is_whole check (octet_length(content_hash) = 32),
        constraint dispute_revision_counts_from_one check (revision >= 1)
    """,
    "dispute_stage": """
        dispute_id     uuid not null,
        number         smallint not null,
        code           text not null,
        begun_by       text not null,
        reached_on     date not null,
        -- the terms with which it began: a profile applied later changes no running clock
        limit_days     smallint not null,
        due_on         date not null,
        calendar       text not null,
        person         text,                  -- code of who must answer
        role_sealed    bytea,                 -- who that is, in words
        to_team        boolean not null,      -- any manager of the child's team may answer
        reason_sealed  bytea,                 -- why it was escalated or opened again
        answered_on    date,
        answered_by    text,                  -- the level that answered
        answer_sealed  bytea,
        left_on        date,                  -- went on or ended without an answer
        working_days   smallint,              -- until then, or until the answer
        result         text,
        ended_on       date,
        outcome        text,
        informal       boolean,
        ending_sealed  bytea,                 -- what changed for the child, or why it was withdrawn
        constraint dispute_stage_once primary key (org, dispute_id, number),
        constraint dispute_stage_of_dispute foreign key (org, dispute_id) references {s}.dispute (org, id),
        constraint dispute_stage_begun_by_is_known check (begun_by in ('raise', 'escalate', 'reopen')),
        constraint dispute_stage_first_is_raised check ((number = 1) = (begun_by = 'raise')),
        -- who raises a concern to a higher level, or again, says why
        constraint dispute_stage_has_its_reason check ((begun_by = 'raise') = (reason_sealed is null)),
        constraint dispute_stage_someone_must_answer check (person is not null or role_sealed is not null or to_team),
        constraint dispute_stage_answer_is_whole check (
            (answered_on is null) = (answered_by is null) and (answered_on is null) = (answer_sealed is null)),
        constraint dispute_stage_answered_or_left check (answered_on is null or left_on is null),
        constraint dispute_stage_counted_when_stopped check (
            (working_days is not null) = (coalesce(answered_on, left_on) is not null)),
        constraint dispute_stage_days_in_order check (
            due_on >= reached_on and answered_on >= reached_on and left_on >= reached_on
            and ended_on >= coalesce(answered_on, reached_on)),
        constraint dispute_stage_ending_is_whole check (
            (result is null) = (ended_on is null) and (result is null) = (ending_sealed is null)
            and (result is null) = (informal is null)),
        constraint dispute_stage_result_is_known check (result in ('resolved', 'withdrawn')),
        constraint dispute_stage_resolved_with_outcome check (
            (coalesce(result, '') = 'resolved') = (outcome is not null)),
        -- settled in talks is what was not answered formally
        constraint dispute_stage_informal_unanswered check (not informal or answered_on is null)
    """,
    "dispute_change": CHANGES.format(name="dispute_change", of="dispute"),
    "acknowledgement": """
        id              uuid not null,
        reference       text not null,
        source          text not null,
        source_reference text,
        content_hash    bytea not null,
        raised_person   text,
        acknowledged_on date not null,
        raised_by       text not null,
        origin          text not null,
        worker          text not null,        -- code of the staff directory, or the organisation's own of a worker
        service_area    text not null,
        team            text,
        themes          text[] not null,
        good_sealed     bytea not null,
        withdrawn_on    date,
        withdrawal_sealed bytea,
        revision        integer not null default 1,
        recorded_at     timestamptz not null default now(),
        constraint acknowledgement_key primary key (org, id),
        constraint acknowledgement_reference_once unique (org, reference),
        constraint acknowledgement_source_reference_once unique (org, source, source_reference),
        constraint acknowledgement_withdrawn_with_reason check ((withdrawn_on is null) = (withdrawal_sealed is null)),
        constraint acknowledgement_hash_is_whole check (octet_length(content_hash) = 32),
        constraint acknowledgement_revision_counts_from_one check (revision >= 1)
    """,
    "acknowledgement_notice": """
        acknowledgement_id uuid not null,
        number             smallint not null,
        person             text,              -- code of the manager; none: whoever manages the team
        told_on            date not null,
        seen_on            date,
        shared_on          date,
        constraint acknowledgement_notice_once primary key (org, acknowledgement_id, number),
        constraint acknowledgement_notice_of foreign key (org, acknowledgement_id) references {s}.acknowledgement (org, id),
        -- who shared it has seen it
        constraint acknowledgement_notice_shared_was_seen check (shared_on is null or seen_on is not null)
    """,
    "acknowledgement_change": CHANGES.format(name="acknowledgement_change", of="acknowledgement"),
}

INDEXES = (
    # the list as a whole, and by what it is narrowed to most
    "dispute_ranked on {s}.dispute (org, rank, id)",
    # work lists and reminders: what waits for an answer
    "dispute_waiting on {s}.dispute (org, due_on) where phase = 'waiting'",
    "dispute_by_area on {s}.dispute (org, service_area, rank, id)",
    "dispute_by_stage on {s}.dispute (org, stage, rank, id)",
    "dispute_by_category on {s}.dispute (org, category, rank, id)",
    # what was raised, and what was answered or left, in a quarter
    "dispute_raised on {s}.dispute (org, raised_on)",
    "dispute_of_case on {s}.dispute (org, case_key)",
    "dispute_stage_stopped on {s}.dispute_stage (org, (coalesce(answered_on, left_on)))",
    # what is one manager's
    "dispute_of_source on {s}.dispute (org, source)",
    "dispute_of_person on {s}.dispute (org, raised_person) where raised_person is not null",
    "dispute_of_team on {s}.dispute (org, team) where team is not null",
    "dispute_stage_of_person on {s}.dispute_stage (org, person, dispute_id) where person is not null",
    # what waits for an answer, by whom: for work lists and reminders
    "dispute_stage_to_answer on {s}.dispute_stage (org, due_on) where answered_on is null and left_on is null",
    "acknowledgement_newest on {s}.acknowledgement (org, acknowledged_on desc, id desc)",
    "acknowledgement_by_area on {s}.acknowledgement (org, service_area, acknowledged_on desc, id desc)",
    "acknowledgement_to_confirm on {s}.acknowledgement_notice (org, person) where shared_on is null",
)

GRANTS = {
    "dispute": (
        "select, insert, update (raised_on, raised_by, category, service_area, team, case_key, case_sealed, concern_sealed, "
        "informal_on, informal_sealed, phase, stage, stage_number, due_on, ended_on, revision)"
    ),
    "acknowledgement": (
        "select, insert, update (acknowledged_on, raised_by, origin, worker, themes, good_sealed, withdrawn_on, "
        "withdrawal_sealed, revision)"
    ),
    "acknowledgement_notice": "select, insert, update (seen_on, shared_on)",
    # History is added to and never changed.
    "dispute_change": "select, insert",
    "acknowledgement_change": "select, insert",
}
# The worker reads what waits for somebody, for reminders; it has no business with words.
WORKER = {
    "dispute": "select (org, id, reference, service_area, team, phase, stage, stage_number, due_on, raised_person, source)",
    "dispute_stage": "select (org, dispute_id, number, code, reached_on, due_on, person, to_team, answered_on, left_on)",
    "acknowledgement": "select (org, id, reference, service_area, team, acknowledged_on, withdrawn_on)",
    "acknowledgement_notice": "select",
}


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"create table {SCHEMA}.{table} (org text not null, {columns.format(s=SCHEMA)})")
    for index in INDEXES:
        op.execute(f"create index {index.format(s=SCHEMA)}")
    for table in TABLES:
        tenancy.protect(op, SCHEMA, table, app=GRANTS.get(table, "select, insert, update"), worker=WORKER.get(table, ""))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"drop table {SCHEMA}.{table}")
