"""A decision on a request that was taken back: the stage that it began is void, and begins anew if it is accepted again.

Once reporting was told of a request as a whole it is told so from then on, also before its stage has begun.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SCHEMA = "complaints"
_TERMS = (
    "limit_days, extension_to, counts_from, acknowledge_within, draft_before, panel_report_within, panel_answer_within, void"
)


def upgrade() -> None:
    op.execute(f"alter table {SCHEMA}.stage add void boolean not null default false")
    # What a void stage's clock said lists nobody; it has no answer, so nothing counts it as answered.
    op.execute(f"alter table {SCHEMA}.stage add constraint stage_void_is_not_answered check (not void or responded_on is null)")
    op.execute(f"alter table {SCHEMA}.stage_request add recounted boolean not null default false")
    op.execute(f"grant update ({_TERMS}) on {SCHEMA}.stage to {SCHEMA}_app")
    op.execute(f"grant update (recounted) on {SCHEMA}.stage_request to {SCHEMA}_app")


def downgrade() -> None:
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
