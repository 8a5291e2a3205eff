"""The tables of people's rights, for the migrations of a service."""

from chassis.tenancy import Operations, protect

RIGHTS = ("access", "rectification", "portability", "restriction")
OUTCOMES = ("answered", "partly", "refused", "withdrawn")


def create_subject_tables(op: Operations, schema: str) -> None:
    """Requests with their clock, records that were ticked, what was decided of pieces of them, and statements beside records.

    Who asked, what is known of them and all words are sealed. A decision is about what stood there when it was taken: `seen`.
    """
    op.execute(
        f"""
        create table {schema}.subject_request (
            org          text not null,
            id           uuid not null,
            reference    text not null,      -- of the request, as the council numbers it: the same in every service
            entitlement  text not null,      -- which right
            received_on  date not null,
            starts_on    date not null,      -- received, or identity confirmed: from here the month runs
            due_on       date not null,
            extended_on  date,               -- when the person was told that it takes two months more
            extension    bytea,              -- sealed: why
            asked        bytea not null,     -- sealed: what is known of the person, by which they are looked for
            closed_on    date,
            outcome      text,
            made_by      text not null,
            made_at      timestamptz not null default now(),
            constraint subject_request_key primary key (org, id),
            -- one clock a request
            constraint subject_request_once unique (org, reference),
            constraint subject_request_right_known check (entitlement in {RIGHTS}),
            constraint subject_request_in_order check (starts_on >= received_on and due_on > starts_on),
            constraint subject_request_extended_with_reason check ((extended_on is null) = (extension is null)),
            constraint subject_request_closed_with_outcome check ((closed_on is null) = (outcome is null)),
            constraint subject_request_outcome_known check (outcome in {OUTCOMES})
        )
        """
    )
    op.execute(
        f"""
        create table {schema}.subject_record (
            org        text not null,
            request_id uuid not null,
            kind       text not null,
            record_id  uuid not null,
            role       text not null,        -- what the person is in it, as somebody said who looked
            found      bytea not null,       -- sealed: why it was proposed, and which rows are theirs
            added_by   text not null,
            added_at   timestamptz not null default now(),
            constraint subject_record_key primary key (org, request_id, kind, record_id),
            constraint subject_record_of foreign key (org, request_id) references {schema}.subject_request (org, id)
        )
        """
    )
    op.execute(
        f"""
        create table {schema}.subject_decision (
            org        text not null,
            request_id uuid not null,
            kind       text not null,
            record_id  uuid not null,
            piece      text not null,        -- table, row and column
            choice     text not null,
            seen       text not null,        -- keyed hash of what stood there
            words      bytea,                -- sealed: what is left of it
            reason     bytea,                -- sealed
            by_subject text not null,
            at         timestamptz not null default now(),
            constraint subject_decision_key primary key (org, request_id, kind, record_id, piece),
            constraint subject_decision_of foreign key (org, request_id, kind, record_id)
                references {schema}.subject_record (org, request_id, kind, record_id) on delete cascade,
            constraint subject_decision_known check (choice in ('give', 'redact', 'keep')),
            constraint subject_decision_redacted_has_words check ((choice = 'redact') = (words is not null))
        )
        """
    )
    op.execute(
        f"""
        create table {schema}.subject_note (
            org        text not null,
            id         uuid not null,
            kind       text not null,
            record_id  uuid not null,
            request_id uuid,
            says       bytea not null,       -- sealed: what the person says is wrong
            decision   text not null,
            reason     bytea not null,       -- sealed: what was corrected and how, or why not
            decided_on date not null,
            by_subject text not null,
            by_name    bytea not null,       -- sealed
            at         timestamptz not null default now(),
            constraint subject_note_key primary key (org, id),
            constraint subject_note_of foreign key (org, request_id) references {schema}.subject_request (org, id),
            constraint subject_note_decision_known check (decision in ('corrected', 'noted', 'refused'))
        )
        """
    )
    op.execute(f"create index subject_request_open on {schema}.subject_request (org, due_on) where closed_on is null")
    op.execute(f"create index subject_note_of_record on {schema}.subject_note (org, kind, record_id, at)")
    changed = "update (due_on, extended_on, extension, asked, closed_on, outcome)"
    protect(op, schema, "subject_request", app=f"select, insert, {changed}")
    protect(op, schema, "subject_record", app="select, insert, update (role, found), delete")
    decided = "update (choice, seen, words, reason, by_subject, at)"
    protect(op, schema, "subject_decision", app=f"select, insert, {decided}, delete")
    protect(op, schema, "subject_note", app="select, insert")


def drop_subject_tables(op: Operations, schema: str) -> None:
    """Take them away again."""
    for table in ("subject_note", "subject_decision", "subject_record", "subject_request"):
        op.execute(f"drop table {schema}.{table}")
