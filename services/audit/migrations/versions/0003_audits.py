"""Audits at work: staff, rounds and their cases, audits with their parts and entries, actions, reviews, circulation.

What a person wrote and a case's own number are sealed; what is counted and listed by (codes, dates, grades) is not.
"""

from alembic import op

from chassis import tenancy

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "audit"

TABLES = {
    "person": """
        code         text not null,           -- the staff directory's own code
        subject      text,                    -- who they are when they sign in; none yet: they cannot
        name_sealed  bytea not null,
        email_sealed bytea,
        service_area text,
        team         text,                    -- where they work
        manages      text[] not null default '{{}}',
        line_manager text,                    -- a code; may name somebody who is not listed
        duties       text[] not null default '{{}}',
        agency       text,                    -- for which they answer in multi-agency audits; none for most
        active       boolean not null default true,
        changed_at   timestamptz not null default now(),
        primary key (org, code),
        -- one person a sign-in
        constraint person_subject_once unique (org, subject),
        constraint person_duties_are_known check (duties <@ array['auditor', 'moderator', 'reviewer', 'qa-officer'])
    """,
    "round": """
        id           uuid not null,
        programme    text,                    -- none: a targeted audit or dip sample of its own
        code         text not null,           -- of the period (2026-11, 2026-27-q3), or of the targeted audit
        title        text not null,
        kind         text not null,
        tool         text not null,
        tool_version integer not null,
        rules        jsonb not null,          -- the programme's rules as they stood when the round was begun
        repeats      uuid,                    -- the earlier round that this one is compared with
        period_from  date not null,
        period_to    date not null,
        size         integer not null,
        seed         bigint,
        circulate_on date not null,
        submit_by    date not null,
        moderate_by  date not null,
        calendar     text not null,           -- version of the working-day calendar that the days were counted by
        state        text not null default 'preparing',
        findings_sealed bytea,                -- what a targeted audit found, in words
        drawn_at     timestamptz,
        circulated_at timestamptz,
        created_by   text not null,
        created_at   timestamptz not null default now(),
        revision     integer not null default 1,
        primary key (org, id),
        constraint round_once unique nulls not distinct (org, programme, code),
        constraint round_repeats foreign key (org, repeats) references {schema}.round (org, id),
        constraint round_state_is_known check (state in ('preparing', 'drawn', 'circulated', 'closed')),
        constraint round_days_in_order check (
            period_from <= period_to and circulate_on <= submit_by and submit_by <= moderate_by),
        constraint round_has_a_size check (size between 1 and 1000)
    """,
    "round_case": """
        round_id     uuid not null,
        case_key     text not null,           -- keyed pseudonym, by which a case is known again
        case_sealed  bytea not null,
        service_area text not null,
        team         text,
        worker       text,                    -- person code of the allocated worker
        practice_on  date,                    -- what makes it eligible: the plan's date, the last review
        standing     text not null default 'listed',
        reason       text not null default '',  -- code and figures: why it was picked or left out; no free text
        place        integer,                 -- in the order of the draw
        primary key (org, round_id, case_key),
        constraint round_case_of_round foreign key (org, round_id) references {schema}.round (org, id),
        constraint round_case_standing_is_known check (standing in ('listed', 'excluded', 'picked', 'spare'))
    """,
    "round_step": """
        id       uuid not null,
        round_id uuid not null,
        at       timestamptz not null default now(),
        by       text not null,               -- subject of whoever did it
        step     text not null,
        detail   jsonb not null default '{{}}',  -- codes and figures only: a draw is shown to be fair by its seed
        primary key (org, id),
        constraint round_step_of_round foreign key (org, round_id) references {schema}.round (org, id)
    """,
    "audit": """
        id            uuid not null,
        position      bigint generated always as identity,
        reference     text not null,
        kind          text not null,
        tool          text not null,
        tool_version  integer not null,
        scale         text,
        round_id      uuid,
        programme     text,
        case_key      text,
        case_sealed   bytea,
        service_area  text not null,
        team          text,
        worker        text,
        reviewer      text,
        state         text not null default 'planned',
        rules         jsonb not null,         -- grace, review: the programme's rules as they stood
        allocated_on  date not null,
        submit_by     date not null,
        moderate_by   date,
        submitted_at  timestamptz,            -- when the last auditor submitted
        shown_from    timestamptz,            -- grace is over: the auditors see one another, the moderator sees both
        moderated_at  timestamptz,
        moderated_on  date,
        overall       text,
        suggested     text,
        rag           text,
        themes        text[] not null default '{{}}',
        findings      text[] not null default '{{}}',
        discuss_by    date,                   -- counted from the moderation
        discussed_on  date,
        discussed_by  text,
        discussion_sealed bytea,
        outcome_version integer not null default 0,
        withdrawn_on  date,
        withdrawal_reason text,
        withdrawal_sealed bytea,
        calendar      text not null,
        revision      integer not null default 1,
        created_at    timestamptz not null default now(),
        changed_at    timestamptz not null default now(),
        primary key (org, id),
        constraint audit_reference_once unique (org, reference),
        constraint audit_position_once unique (org, position),
        constraint audit_of_round foreign key (org, round_id) references {schema}.round (org, id),
        constraint audit_state_is_known check (
            state in ('planned', 'auditing', 'submitted', 'moderated', 'closed', 'withdrawn')),
        -- what is moderated was submitted, and says when
        constraint audit_moderated_has_its_day check (
            state not in ('moderated', 'closed') or (moderated_on is not null and submitted_at is not null)),
        constraint audit_withdrawn_has_its_reason check (
            (state = 'withdrawn') = (withdrawn_on is not null and withdrawal_reason is not null)),
        constraint audit_rag_is_known check (rag in ('red', 'amber', 'green'))
    """,
    "part": """
        audit_id     uuid not null,
        part         text not null,           -- lead, peer, single, agency-<code>, moderation
        person       text not null,
        state        text not null default 'open',
        due_on       date not null,
        submitted_at timestamptz,
        submissions  integer not null default 0,
        primary key (org, audit_id, part),
        constraint part_of_audit foreign key (org, audit_id) references {schema}.audit (org, id),
        constraint part_state_is_known check (state in ('open', 'submitted', 'returned')),
        constraint part_submitted_has_its_moment check ((state = 'submitted') <= (submitted_at is not null))
    """,
    "entry": """
        audit_id       uuid not null,
        part           text not null,
        entry          text not null,         -- a section or question of the tool, 'overall', 'visit', 'feedback-<who>'
        grade          text,
        not_applicable boolean not null default false,
        first_grade    text,                  -- as first submitted: what agreement between auditors is measured by
        answer         text,                  -- code of an option; the rating; how views were asked for
        ticked         text[] not null default '{{}}',  -- codes of findings
        words_sealed   bytea,
        revision       integer not null default 1,
        saved_at       timestamptz not null default now(),
        saved_by       text not null,
        primary key (org, audit_id, part, entry),
        constraint entry_of_part foreign key (org, audit_id, part) references {schema}.part (org, audit_id, part),
        -- not applicable is an answer of its own, not a grade
        constraint entry_graded_or_not_applicable check (not (not_applicable and grade is not null))
    """,
    "question": """
        id            uuid not null,
        audit_id      uuid not null,
        part          text not null,
        asked_by      text not null,
        asked_at      timestamptz not null default now(),
        asked_sealed  bytea not null,
        answered_at   timestamptz,
        answer_sealed bytea,
        primary key (org, id),
        constraint question_of_part foreign key (org, audit_id, part) references {schema}.part (org, audit_id, part)
    """,
    "action": """
        id            uuid not null,
        audit_id      uuid not null,
        code          text not null,          -- a1, a2, …: what events name it by
        what_sealed   bytea not null,
        owner         text not null,
        team          text,
        due_on        date not null,
        status        text not null default 'open',
        done_on       date,
        evidence_sealed bytea,
        set_by        text not null,
        revision      integer not null default 1,
        created_at    timestamptz not null default now(),
        changed_at    timestamptz not null default now(),
        primary key (org, id),
        constraint action_code_once unique (org, audit_id, code),
        constraint action_of_audit foreign key (org, audit_id) references {schema}.audit (org, id),
        constraint action_status_is_known check (status in ('open', 'done', 'dropped')),
        constraint action_done_has_its_day check ((status = 'done') = (done_on is not null))
    """,
    "action_step": """
        id          uuid not null,
        action_id   uuid not null,
        step        text not null,
        at          timestamptz not null default now(),
        by          text not null,
        due_on      date,
        note_sealed bytea,
        primary key (org, id),
        constraint action_step_of_action foreign key (org, action_id) references {schema}.action (org, id)
    """,
    "review": """
        audit_id     uuid not null,
        number       integer not null,
        reviewer     text not null,
        due_on       date not null,
        held_on      date,
        result       text,
        words_sealed bytea,
        primary key (org, audit_id, number),
        constraint review_of_audit foreign key (org, audit_id) references {schema}.audit (org, id),
        constraint review_result_is_known check (result in ('closed', 'reopened')),
        constraint review_held_has_a_result check ((held_on is null) = (result is null))
    """,
    "recipient": """
        audit_id        uuid not null,
        person          text not null,
        capacity        text not null,        -- worker, team-manager, group-manager, lead, peer, …
        circulated_at   timestamptz not null default now(),
        due_on          date not null,        -- by then it should be acknowledged
        acknowledged_at timestamptz,
        primary key (org, audit_id, person),
        constraint recipient_of_audit foreign key (org, audit_id) references {schema}.audit (org, id)
    """,
    "escalation": """
        id              uuid not null,
        audit_id        uuid not null,
        raised_by       text not null,
        raised_at       timestamptz not null default now(),
        words_sealed    bytea not null,
        manager         text,                 -- who was alerted; none: nobody manages the team, the QA officer must act
        acknowledged_at timestamptz,
        acknowledged_by text,
        answer_sealed   bytea,
        primary key (org, id),
        constraint escalation_of_audit foreign key (org, audit_id) references {schema}.audit (org, id)
    """,
    "step": """
        id       uuid not null,
        audit_id uuid not null,
        at       timestamptz not null default now(),
        by       text not null,               -- subject of whoever did it
        step     text not null,
        part     text,
        detail   jsonb not null default '{{}}',  -- codes and days only
        primary key (org, id),
        constraint step_of_audit foreign key (org, audit_id) references {schema}.audit (org, id)
    """,
}

INDEXES = (
    "person_manages on {schema}.person using gin (manages)",
    "round_to_circulate on {schema}.round (org, circulate_on) where state in ('preparing', 'drawn')",
    "round_newest on {schema}.round (org, period_from desc, id)",
    "round_case_key on {schema}.round_case (org, case_key)",
    "round_step_of_round on {schema}.round_step (org, round_id, at)",
    "audit_of_round on {schema}.audit (org, round_id, reference)",
    "audit_of_case on {schema}.audit (org, case_key) where case_key is not null",
    # what the list is narrowed to, in its order
    "audit_by_state on {schema}.audit (org, state, position desc)",
    "audit_of_tool on {schema}.audit (org, tool, position desc)",
    "audit_of_programme on {schema}.audit (org, programme, position desc)",
    "audit_of_team on {schema}.audit (org, team, position desc)",
    "audit_of_area on {schema}.audit (org, service_area, position desc)",
    "audit_to_discuss on {schema}.audit (org, team, discuss_by) where discuss_by is not null and discussed_on is null",
    "audit_not_discussed on {schema}.audit (org, discuss_by) where discuss_by is not null and discussed_on is null",
    # work lists: what is still to do, by whom, and what of it is late
    "part_to_do on {schema}.part (org, person, due_on) where state <> 'submitted'",
    "part_open on {schema}.part (org, due_on) where state <> 'submitted'",
    "part_of_person on {schema}.part (org, person, audit_id)",
    "action_by_status on {schema}.action (org, status, due_on, id)",
    "action_of_owner on {schema}.action (org, owner, status, due_on)",
    "action_of_team on {schema}.action (org, team, status, due_on)",
    "review_to_do on {schema}.review (org, reviewer, due_on) where result is null",
    "review_open on {schema}.review (org, due_on) where result is null",
    "recipient_to_do on {schema}.recipient (org, person, due_on) where acknowledged_at is null",
    "recipient_open on {schema}.recipient (org, due_on) where acknowledged_at is null",
    "recipient_of_person on {schema}.recipient (org, person, audit_id)",
    "escalation_open on {schema}.escalation (org, raised_at) where acknowledged_at is null",
    "escalation_of_audit on {schema}.escalation (org, audit_id)",
    "question_of_audit on {schema}.question (org, audit_id)",
    "action_step_of_action on {schema}.action_step (org, action_id, at)",
    "step_of_audit on {schema}.step (org, audit_id, at)",
    # Outcomes of a service area, and how many there are of each tool: counted from the index alone.
    "outcome_by_area on {schema}.outcome (org, service_area, tool, completed_on)",
)

# History is added to and never changed.
GRANTS = {
    "step": "select, insert",
    "round_step": "select, insert",
    "action_step": "select, insert",
    "round_case": "select, insert, update, delete",
}

# The worker reads all of them for reminders, one organisation after the other, and sends out rounds on their day.
WORKER = {
    "audit": "select, update (state, allocated_on, revision, changed_at)",
    "round": "select, update (state, seed, drawn_at, circulated_at, revision)",
    "step": "select, insert",
    "round_step": "select, insert",
}


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"create table {SCHEMA}.{table} (org text not null, {columns.format(schema=SCHEMA)})")
    for index in INDEXES:
        op.execute(f"create index {index.format(schema=SCHEMA)}")
    for table in TABLES:
        app, worker = GRANTS.get(table, "select, insert, update"), WORKER.get(table, "select")
        tenancy.protect(op, SCHEMA, table, app=app, worker=worker)
    op.execute(f"grant insert on {SCHEMA}.outbox to {SCHEMA}_worker")
    # Whom there is to remind: a profile holds no personal data, and only its organisation's code is read.
    op.execute(f"create policy mechanism on {SCHEMA}.profile for select to {SCHEMA}_worker using (true)")


def downgrade() -> None:
    op.execute(f"revoke insert on {SCHEMA}.outbox from {SCHEMA}_worker")
    op.execute(f"drop index {SCHEMA}.outcome_by_area")
    op.execute(f"drop policy mechanism on {SCHEMA}.profile")
    for table in reversed(TABLES):
        op.execute(f"drop table {SCHEMA}.{table}")
