"""A decision on a request that was taken back: the stage that it began is void, and begins anew if it is accepted again.

Stage 1 may be passed over where complainant and authority agree: stage 2 begins at once, and nobody asks for it. After stage 2
a complaint may be referred to the Ombudsman without a panel. A complaint that was made in error of what came in is closed, and
counted nowhere. Once reporting was told of a request as a whole it is told so from then on, also before its stage has begun.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SCHEMA = "complaints"
STEPS = (
    "'receive', 'acknowledge', 'extend', 'respond', 'request', 'accept', 'decline', 'agree', 'suspend', 'resume', "
    "'hold-panel', 'report', 'withdraw', 'discontinue', 'confirm', 'correct', "
    "'point-add', 'point-correct', 'point-split', 'point-merge', 'point-duplicate', 'point-take-back'"
)
PHASES = "'running', 'answered', 'requested', 'declined', 'ended'"
ENDINGS = "'answered', 'withdrawn', 'discontinued'"
_TERMS = (
    "limit_days, extension_to, counts_from, acknowledge_within, draft_before, panel_report_within, panel_answer_within, void"
)

_KEPT = (
    "limit_days", "extension_to", "counts_from", "acknowledge_within", "draft_before", "panel_report_within",
    "panel_answer_within",
)  # fmt: skip
# A stage keeps the terms with which it began, whoever writes; a void one begins anew, perhaps with other terms.
_KEEP_TERMS = f"""
    create function {SCHEMA}.keep_terms() returns trigger language plpgsql as $$
    begin
        if not old.void and ({", ".join(f"new.{name}" for name in _KEPT)})
                is distinct from ({", ".join(f"old.{name}" for name in _KEPT)}) then
            raise exception 'a stage keeps the terms with which it began' using errcode = 'insufficient_privilege';
        end if;
        return new;
    end $$
"""


def upgrade() -> None:
    op.execute(f"alter table {SCHEMA}.stage add void boolean not null default false")
    # What a void stage's clock said lists nobody; it has no answer, so nothing counts it as answered.
    op.execute(f"alter table {SCHEMA}.stage add constraint stage_void_is_not_answered check (not void or responded_on is null)")
    op.execute(f"alter table {SCHEMA}.stage_request add recounted boolean not null default false")
    op.execute(_KEEP_TERMS)
    op.execute(
        f"create trigger stage_keeps_terms before update on {SCHEMA}.stage for each row execute function {SCHEMA}.keep_terms()"
    )
    op.execute(f"grant update ({_TERMS}) on {SCHEMA}.stage to {SCHEMA}_app")
    op.execute(f"grant update (recounted) on {SCHEMA}.stage_request to {SCHEMA}_app")

    op.execute(f"grant delete on {SCHEMA}.stage_request to {SCHEMA}_app")
    _known(f"{STEPS}, 'pass-over', 'refer', 'in-error'", f"{ENDINGS}, 'passed-over', 'made-in-error'")
    op.execute(
        f"alter table {SCHEMA}.complaint add referred_on date, drop constraint complaint_phase_known, "
        f"add constraint complaint_phase_known check (phase in ({PHASES}, 'referred')), "
        "add constraint complaint_referred_with_a_day check ((phase = 'referred') = (referred_on is not null))"
    )
    op.execute(f"alter table {SCHEMA}.complaint add in_error boolean not null default false")
    op.execute(f"grant update (referred_on, in_error) on {SCHEMA}.complaint to {SCHEMA}_app")


def _known(steps: str, endings: str) -> None:
    op.execute(
        f"alter table {SCHEMA}.complaint_change drop constraint change_step_known, "
        f"add constraint change_step_known check (step in ({steps}))"
    )
    op.execute(
        f"alter table {SCHEMA}.stage drop constraint stage_ending_known, "
        f"add constraint stage_ending_known check (ending in ({endings}))"
    )


def downgrade() -> None:
    for table in ("stage", "complaint_change", "complaint"):
        op.execute(f"alter table {SCHEMA}.{table} no force row level security")
    op.execute(f"alter table {SCHEMA}.complaint drop referred_on, drop in_error")
    op.execute(f"update {SCHEMA}.complaint set phase = 'answered' where phase = 'referred'")
    op.execute(f"update {SCHEMA}.complaint_change set step = 'correct' where step = 'refer'")
    op.execute(
        f"alter table {SCHEMA}.complaint drop constraint complaint_phase_known, "
        f"add constraint complaint_phase_known check (phase in ({PHASES}))"
    )
    # What was before knows no stage that was passed over; discontinued says the least that is not true.
    op.execute(f"update {SCHEMA}.stage set ending = 'discontinued' where ending in ('passed-over', 'made-in-error')")
    op.execute(f"update {SCHEMA}.complaint_change set step = 'discontinue' where step in ('pass-over', 'in-error')")
    for table in ("stage", "complaint_change", "complaint"):
        op.execute(f"alter table {SCHEMA}.{table} force row level security")
    _known(STEPS, ENDINGS)
    op.execute(f"revoke delete on {SCHEMA}.stage_request from {SCHEMA}_app")
    op.execute(f"drop trigger stage_keeps_terms on {SCHEMA}.stage")
    op.execute(f"drop function {SCHEMA}.keep_terms()")
    terms = _TERMS.removesuffix(", void")
    op.execute(f"revoke update ({terms}) on {SCHEMA}.stage from {SCHEMA}_app")
    op.execute(f"alter table {SCHEMA}.stage_request drop recounted")
    for table in ("stage", "overdue_span"):
        op.execute(f"alter table {SCHEMA}.{table} no force row level security")
    # Before there was `void` a stage that had begun was there for good; one without findings can go.
    op.execute(
        f"delete from {SCHEMA}.stage s where s.void and not exists (select from {SCHEMA}.finding f "
        "where f.org = s.org and f.complaint_id = s.complaint_id and f.stage = s.number)"
    )
    for table in ("stage", "overdue_span"):
        op.execute(f"alter table {SCHEMA}.{table} force row level security")
    op.execute(f"alter table {SCHEMA}.stage drop void")
