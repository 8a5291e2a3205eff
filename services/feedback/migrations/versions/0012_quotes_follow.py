"""Quotes follow what becomes of their comment: its themes, and a yes to being quoted that is taken back."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SCHEMA = "feedback"
_PAGES = ("list", "search", "comment", "quote")
_ENDED = "consent-ended"


def upgrade() -> None:
    op.execute(f"grant update (themes) on {SCHEMA}.approved_quote to {SCHEMA}_app")
    # What somebody answered is never changed, but for one thing: a yes to being quoted can be taken back, and never given here.
    op.execute(f"grant update (may_quote) on {SCHEMA}.response to {SCHEMA}_app")
    op.execute(
        f"create policy consent_is_only_taken_back on {SCHEMA}.response as restrictive for update to {SCHEMA}_app "
        "using (may_quote) with check (not may_quote)"
    )
    _pages(*_PAGES, _ENDED)


def downgrade() -> None:
    op.execute(f"update {SCHEMA}.comment_look set page = 'comment' where page = '{_ENDED}'")
    _pages(*_PAGES)
    op.execute(f"drop policy consent_is_only_taken_back on {SCHEMA}.response")
    op.execute(f"revoke update (may_quote) on {SCHEMA}.response from {SCHEMA}_app")
    op.execute(f"revoke update (themes) on {SCHEMA}.approved_quote from {SCHEMA}_app")


def _pages(*known: str) -> None:
    listed = ", ".join(f"'{each}'" for each in known)
    op.execute(
        f"alter table {SCHEMA}.comment_look drop constraint comment_look_page_is_known, "
        f"add constraint comment_look_page_is_known check (page in ({listed}))"
    )
