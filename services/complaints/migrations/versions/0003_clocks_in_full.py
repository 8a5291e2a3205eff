"""Suspensions, agreed statements, panels, endings, corrections; which days a stage was overdue; what a change left behind.

`stage.answer_by` is the day to answer by: `due_on` moved by suspensions, null while one holds. `overdue_span` replaces
`due_unacknowledged_on`: the days on which a clock said that it is overdue, for lists of any past day. `complaint_change.facts`
is how the complaint stood after a change (dates, codes and references): what its clock said can be shown as it was known. A
finding whose answer turned out not to have been sent is void from a version on; it is not taken away.
"""

from alembic import op

from chassis import tenancy

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "complaints"

PHASES = "'running', 'answered', 'requested', 'declined'"
STEPS = "'receive', 'acknowledge', 'extend', 'respond', 'request', 'accept', 'decline'"
NEW_STEPS = "'agree', 'suspend', 'resume', 'hold-panel', 'report', 'withdraw', 'discontinue', 'confirm', 'correct'"
ORIGINS = "'received', 'acknowledged', 'requested'"

OVERDUE_SPAN = """
    create table {s}.overdue_span (
        org          text not null,
        complaint_id uuid not null,
        stage        smallint not null,
        first_on     date not null,
        last_on      date not null,     -- 'infinity' while nothing ends it
        constraint overdue_span_once primary key (org, complaint_id, stage, first_on),
        constraint overdue_span_stage foreign key (org, complaint_id, stage) references {s}.stage (org, complaint_id, number),
        constraint overdue_span_in_order check (last_on >= first_on)
    )
"""

# What was stored until now as dates, as spans: overdue until answered, and until a late acknowledgement moved the date.
BACKFILL = (
    "update {s}.stage set answer_by = due_on, ending = case when responded_on is not null then 'answered' end",
    """
    insert into {s}.overdue_span (org, complaint_id, stage, first_on, last_on)
    select org, complaint_id, number, due_on + 1, coalesce(responded_on - 1, date 'infinity') from {s}.stage
     where responded_on is null or responded_on > due_on + 1
    """,
    """
    insert into {s}.overdue_span (org, complaint_id, stage, first_on, last_on)
    select org, complaint_id, number, due_unacknowledged_on + 1, acknowledged_on - 1 from {s}.stage
     where acknowledged_on > due_unacknowledged_on + 1
    """,
)

STAGE_UPDATE = (
    "started_on, opened_on, acknowledged_on, agreed_on, extended_on, extended_to, panel_on, reported_on, suspensions, "
    "responded_on, ending, confirmed_on, internal_review, due_on, answer_by, working_days, calendar, recounted"
)


def upgrade() -> None:
    for table in ("stage", "complaint"):
        op.execute(f"alter table {SCHEMA}.{table} no force row level security")
    _stage()
    op.execute(OVERDUE_SPAN.format(s=SCHEMA))
    for statement in BACKFILL:
        op.execute(statement.format(s=SCHEMA))
    op.execute(f"drop index {SCHEMA}.stage_unanswered, {SCHEMA}.stage_answered_late, {SCHEMA}.stage_acknowledged_late")
    op.execute(f"alter table {SCHEMA}.stage drop column due_unacknowledged_on")
    op.execute(
        f"alter table {SCHEMA}.stage add constraint stage_ended_with_a_day check ((ending is null) = (responded_on is null))"
    )
    for table in ("stage", "complaint"):
        op.execute(f"alter table {SCHEMA}.{table} force row level security")
    tenancy.protect(op, SCHEMA, "overdue_span", app="select, insert, delete")
    op.execute(f"create index overdue_span_by_last_day on {SCHEMA}.overdue_span (org, last_on, first_on)")
    _complaint()
    _change()
    _finding()
    app = f"{SCHEMA}_app"
    op.execute(f"grant update ({STAGE_UPDATE}) on {SCHEMA}.stage to {app}")
    op.execute(f"grant update (void_from) on {SCHEMA}.finding to {app}")
    op.execute(f"grant update (requested_on, late) on {SCHEMA}.stage_request to {app}")
    op.execute(f"grant update (received_on, suspended) on {SCHEMA}.complaint to {app}")


def _stage() -> None:
    op.execute(
        f"""
        alter table {SCHEMA}.stage
            -- more terms with which it began
            add draft_before smallint,
            add panel_report_within smallint,
            add panel_answer_within smallint,
            -- more of what happened
            add agreed_on date,
            add extended_to smallint,
            add panel_on date,
            add reported_on date,
            add suspensions jsonb not null default '[]',  -- from_on, until_on and the code of its reason, in order
            add ending text,
            add confirmed_on date,
            add internal_review boolean not null default false,
            -- what the clock made of it
            add answer_by date,
            add recounted boolean not null default false, -- reporting was told its dates as a whole, and is from then on
            drop constraint stage_counts_from_known,
            drop constraint stage_dates_in_order,
            add constraint stage_counts_from_known check (counts_from in ({ORIGINS}, 'agreed')),
            add constraint stage_panel_terms_together check ((panel_report_within is null) = (panel_answer_within is null)),
            add constraint stage_panel_only_where_there_is_one check (panel_on is null or panel_report_within is not null),
            add constraint stage_panel_reports_after_it_met check (reported_on >= panel_on),
            add constraint stage_ending_known check (ending in ('answered', 'withdrawn', 'discontinued')),
            add constraint stage_extension_within_terms check (extended_to > limit_days and extended_to <= extension_to),
            add constraint stage_confirmed_after_it_ended check (confirmed_on >= responded_on),
            add constraint stage_answer_not_before_due check (answer_by >= due_on),
            add constraint stage_dates_in_order check (
                due_on >= started_on
                and opened_on >= started_on
                and (acknowledged_on is null or acknowledged_on >= opened_on)
                and (agreed_on is null or agreed_on >= started_on)
                and (extended_on is null or extended_on >= opened_on)
                and (panel_on is null or panel_on >= opened_on)
                and (responded_on is null
                     or responded_on >= greatest(opened_on, acknowledged_on, agreed_on, extended_on, panel_on, reported_on))
            )
        """
    )


def _complaint() -> None:
    op.execute(
        f"""
        alter table {SCHEMA}.complaint
            drop constraint complaint_phase_known,
            drop constraint complaint_due_while_running,
            add suspended boolean not null default false,
            add constraint complaint_phase_known check (phase in ({PHASES}, 'ended')),
            add constraint complaint_suspended_while_running check (phase = 'running' or not suspended),
            -- the day to answer by of the stage that runs; none while it is suspended, unless it was overdue before
            add constraint complaint_due_while_running check (
                case when phase = 'running' then suspended or due_on is not null else due_on is null end
            )
        """
    )


def _change() -> None:
    op.execute(
        f"""
        alter table {SCHEMA}.complaint_change
            add code text,      -- of the reason of a suspension; which date was corrected
            add facts jsonb,    -- how the complaint stood after it
            drop constraint change_step_known,
            add constraint change_step_known check (step in ({STEPS}, {NEW_STEPS}))
        """
    )


def _finding() -> None:
    op.execute(
        f"""
        alter table {SCHEMA}.finding
            add version integer not null default 1,  -- of the complaint, with which it was recorded
            add void_from integer,                   -- the version with which it no longer stood
            drop constraint finding_once,
            add constraint finding_once primary key (org, complaint_id, stage, point_id, version),
            add constraint finding_void_later check (void_from > version)
        """
    )
    # one finding a point and stage: stage 2 stands beside stage 1
    keys = "(org, complaint_id, stage, point_id) where void_from is null"
    op.execute(f"create unique index finding_stands_once on {SCHEMA}.finding {keys}")


def downgrade() -> None:
    app = f"{SCHEMA}_app"
    for table in ("stage", "complaint", "complaint_change", "finding"):
        op.execute(f"alter table {SCHEMA}.{table} no force row level security")
    op.execute(f"delete from {SCHEMA}.finding where void_from is not null")
    op.execute(
        f"""
        alter table {SCHEMA}.finding drop constraint finding_once, drop version, drop void_from,
            add constraint finding_once primary key (org, complaint_id, stage, point_id)
        """
    )
    op.execute(f"revoke update (requested_on, late) on {SCHEMA}.stage_request from {app}")
    op.execute(f"revoke update (received_on) on {SCHEMA}.complaint from {app}")
    op.execute(f"drop table {SCHEMA}.overdue_span")
    # What the older version has no word for: it ended, and a stage that stands still runs.
    op.execute(f"update {SCHEMA}.complaint set phase = 'answered' where phase = 'ended'")
    op.execute(
        f"""
        update {SCHEMA}.complaint c set due_on = s.due_on from {SCHEMA}.stage s
         where c.phase = 'running' and s.org = c.org and s.complaint_id = c.id and s.number = c.stage
        """
    )
    op.execute(f"update {SCHEMA}.stage set counts_from = 'requested' where counts_from = 'agreed'")
    op.execute(f"update {SCHEMA}.complaint_change set step = 'acknowledge' where step in ({NEW_STEPS})")
    op.execute(
        f"""
        alter table {SCHEMA}.complaint_change drop code, drop facts, drop constraint change_step_known,
            add constraint change_step_known check (step in ({STEPS}))
        """
    )
    op.execute(
        f"""
        alter table {SCHEMA}.complaint
            drop constraint complaint_phase_known, drop constraint complaint_due_while_running, drop suspended,
            add constraint complaint_phase_known check (phase in ({PHASES})),
            add constraint complaint_due_while_running check ((phase = 'running') = (due_on is not null))
        """
    )
    op.execute(
        f"""
        alter table {SCHEMA}.stage
            drop constraint stage_ended_with_a_day, drop constraint stage_dates_in_order,
            drop constraint stage_counts_from_known,
            drop draft_before, drop panel_report_within, drop panel_answer_within, drop agreed_on, drop extended_to,
            drop panel_on, drop reported_on, drop suspensions, drop ending, drop confirmed_on, drop internal_review,
            drop answer_by, drop recounted,
            add due_unacknowledged_on date,
            add constraint stage_counts_from_known check (counts_from in ({ORIGINS})),
            add constraint stage_dates_in_order check (
                due_on >= started_on
                and opened_on >= started_on
                and (acknowledged_on is null or acknowledged_on >= opened_on)
                and (extended_on is null or extended_on >= opened_on)
                and (responded_on is null or responded_on >= greatest(opened_on, acknowledged_on, extended_on))
            )
        """
    )
    for index in (
        "stage_unanswered on {s}.stage (org, due_on) where responded_on is null",
        "stage_answered_late on {s}.stage (org, responded_on) where responded_on > due_on",
        "stage_acknowledged_late on {s}.stage (org, acknowledged_on) where due_unacknowledged_on is not null",
    ):
        op.execute(f"create index {index.format(s=SCHEMA)}")
    columns = "acknowledged_on, extended_on, responded_on, due_on, due_unacknowledged_on, working_days, calendar"
    op.execute(f"grant update ({columns}) on {SCHEMA}.stage to {app}")
    for table in ("stage", "complaint", "complaint_change", "finding"):
        op.execute(f"alter table {SCHEMA}.{table} force row level security")
