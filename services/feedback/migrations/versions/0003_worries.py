"""Worries that people look at: their number, clock and state, who did what with them, and mails that tell of them."""

from alembic import op

from chassis import tenancy

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "feedback"
STATES = "'open', 'acknowledged', 'triaged', 'handed-over', 'closed'"
WORKER_SEES = "org, id, number, opened_at, read_from, due_at, state, acknowledged_at, triaged_at"
APP_CHANGES = "state, revision, looked_at_by, finding, handed_to, acknowledged_at, triaged_at, closed_at"


def upgrade() -> None:
    _concern()
    _history()
    _words()
    tenancy.create_mail_table(op, SCHEMA)
    # Whose worries there are to look after: a profile holds no personal data, and only its organisation's code is read.
    op.execute(f"create policy mechanism on {SCHEMA}.profile for select to {SCHEMA}_worker using (true)")


def _concern() -> None:
    op.execute(
        f"""
        alter table {SCHEMA}.concern
            drop constraint concern_state_is_known,
            add column number          integer,              -- its reference is W- and this
            add column in_words        text[] not null default '{{}}',  -- those of `questions` whose words opened it
            add column read_from       timestamptz,          -- when somebody reads it, by the hours that held then
            add column due_at          timestamptz,
            add column revision        integer not null default 0,
            add column looked_at_by    text,                 -- subject of who looks at it
            add column finding         text,
            add column handed_to       text,                 -- a code of the profile
            add column acknowledged_at timestamptz,          -- the first time
            add column triaged_at      timestamptz,          -- the first time: what the clock is stopped by
            add column closed_at       timestamptz
        """
    )
    # The owner is bound by row security too, and would see no row of any organisation.
    op.execute(f"alter table {SCHEMA}.concern no force row level security")
    op.execute(
        f"""
        update {SCHEMA}.concern c
           set number = n.number, read_from = c.opened_at,
               due_at = timezone('Europe/London', date_trunc('day', timezone('Europe/London', c.opened_at)) + interval '1 day')
          from (select org, id, row_number() over (partition by org order by opened_at, id) as number
                  from {SCHEMA}.concern) n
         where n.org = c.org and n.id = c.id
        """
    )
    op.execute(f"alter table {SCHEMA}.concern force row level security")
    op.execute(
        f"""
        alter table {SCHEMA}.concern
            alter column number set not null,
            alter column read_from set not null,
            alter column due_at set not null,
            add constraint concern_number_once unique (org, number),
            add constraint concern_state_is_known check (state in ({STATES})),
            add constraint concern_finding_is_known
                check (finding in ('immediate-danger', 'follow-up-today', 'no-concern')),
            add constraint concern_clock_runs_forward check (opened_at <= read_from and read_from < due_at),
            -- no step is skipped: what is triaged was acknowledged, what is handed over or closed was found to be something
            add constraint concern_steps_in_order check (
                (state = 'open') = (acknowledged_at is null)
                and (triaged_at is null or acknowledged_at is not null)
                and (triaged_at is null) = (finding is null)
                and (state in ('open', 'acknowledged') or triaged_at is not null)
                and (state <> 'handed-over' or handed_to is not null)
                and (state = 'closed') = (closed_at is not null)),
            -- nothing is closed by a machine
            add constraint concern_closed_by_somebody check (revision = 0 or looked_at_by is not null)
        """
    )
    op.execute(f"create index concern_to_do on {SCHEMA}.concern (org, due_at, id) where state <> 'closed'")
    op.execute(f"create index concern_by_time on {SCHEMA}.concern (org, opened_at)")
    op.execute(f"grant select on {SCHEMA}.concern to {SCHEMA}_app")
    op.execute(f"grant update ({APP_CHANGES}) on {SCHEMA}.concern to {SCHEMA}_app")
    op.execute(f"grant select ({WORKER_SEES}) on {SCHEMA}.concern to {SCHEMA}_worker")


def _history() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.concern_history (
            org        text not null,
            id         uuid not null,
            concern_id uuid not null,
            at         timestamptz not null,
            what       text not null
                constraint concern_history_what_is_known check (what in (
                    'opened', 'read', 'identified', 'acknowledge', 'triage', 'hand-over', 'close', 'reopen')),
            by_subject text,                  -- null for what a machine does: opening it
            by_name    bytea,                 -- sealed
            revision   integer,               -- of a step: which the worry had after it
            code       text,                  -- a finding, or to whom it was handed over
            words      bytea,                 -- sealed
            primary key (org, id),
            foreign key (org, concern_id) references {SCHEMA}.concern (org, id),
            -- two people never take the same step at once
            constraint concern_history_revision_once unique (org, concern_id, revision),
            constraint concern_history_step_has_revision
                check ((what in ('opened', 'read', 'identified')) = (revision is null)),
            constraint concern_history_says_who check ((what = 'opened') = (by_subject is null))
        )
        """
    )
    op.execute(f"create index concern_history_by_concern on {SCHEMA}.concern_history (org, concern_id, at, id)")
    # Added to and read: nobody changes what somebody did.
    tenancy.protect(op, SCHEMA, "concern_history", app="select, insert")


def _words() -> None:
    op.execute(f"grant select on {SCHEMA}.response_text to {SCHEMA}_app")
    # Words are read for one reason so far: somebody may not be safe. The words of all other answers cannot be read at all.
    op.execute(
        f"create policy only_of_worries on {SCHEMA}.response_text as restrictive for select to {SCHEMA}_app "
        f"using (exists (select from {SCHEMA}.concern c "
        f"where c.org = response_text.org and c.response_id = response_text.response_id))"
    )


def downgrade() -> None:
    op.execute(f"drop policy mechanism on {SCHEMA}.profile")
    op.execute(f"drop table {SCHEMA}.mail")
    op.execute(f"drop policy only_of_worries on {SCHEMA}.response_text")
    op.execute(f"revoke select on {SCHEMA}.response_text from {SCHEMA}_app")
    op.execute(f"drop table {SCHEMA}.concern_history")
    op.execute(f"drop index {SCHEMA}.concern_to_do, {SCHEMA}.concern_by_time")
    op.execute(f"revoke select, update on {SCHEMA}.concern from {SCHEMA}_app")
    op.execute(f"revoke select on {SCHEMA}.concern from {SCHEMA}_worker")
    op.execute(f"alter table {SCHEMA}.concern no force row level security")
    # The states before knew one only; what was done with a worry goes with its columns.
    op.execute(f"alter table {SCHEMA}.concern drop constraint concern_state_is_known, drop constraint concern_steps_in_order")
    op.execute(f"update {SCHEMA}.concern set state = 'open'")
    op.execute(f"alter table {SCHEMA}.concern force row level security")
    columns = (
        "number", "in_words", "read_from", "due_at", "revision", "looked_at_by", "finding", "handed_to", "acknowledged_at",
        "triaged_at", "closed_at",
    )  # fmt: skip
    dropped = ", ".join(f"drop column {column}" for column in columns)
    op.execute(f"alter table {SCHEMA}.concern {dropped}, add constraint concern_state_is_known check (state in ('open'))")
    op.execute(f"grant select (org, opened_at, state) on {SCHEMA}.concern to {SCHEMA}_app")
