"""Whoever is limited to service areas sees links, answers, worries, calls and stars of those, by the database (ADR 0027).

What says no area of its own is seen with the record that it belongs to: words with their response, a draft and a message with
their link, the readings of a star with the star, which moves when the person does.
"""

from alembic import op

from chassis import tenancy

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SCHEMA = "feedback"
RECORDS = ("invitation", "response", "response_text", "quote", "concern", "contact_request", "call", "change_made", "star")
BY_OWN_AREA = ("invitation", "response", "approved_quote", "call", "entry", "contact_request", "change_made", "star")
OF = {
    **dict.fromkeys(("link", "draft", "sending", "send_address", "message"), ("invitation", "invitation_id")),
    **dict.fromkeys(("response_text", "response_standing"), ("response", "response_id")),
    # Comments and quotes are read as their words are: for a reason that the transaction says (migration 0009).
    **dict.fromkeys(("comment_mark", "comment_history", "comment_look", "quote"), ("response_text", "comment_id")),
    "quote_history": ("quote", "of_id"),
    "concern_history": ("concern", "concern_id"),
    "contact_history": ("contact_request", "contact_id"),
    "call_log": ("call", "call_id"),
    "change_history": ("change_made", "of_id"),
    **dict.fromkeys(("star_reading", "star_history"), ("star", "star_id")),
}


def upgrade() -> None:
    for record in RECORDS:
        tenancy.create_sees(op, SCHEMA, record)
    conditions = {
        **dict.fromkeys(BY_OWN_AREA, tenancy.seen_by_area()),
        **{table: tenancy.seen_with(SCHEMA, record, column) for table, (record, column) in OF.items()},
        # What somebody asked for on a page has an area of its own, what an answer showed has that of the response.
        "concern": f"{tenancy.seen_by_area()} or {SCHEMA}.sees_response(response_id)",
        # A link stays in the area in which it was issued, the star may have moved since.
        "star_link": f"{tenancy.seen_with(SCHEMA, 'star', 'star_id')} or {SCHEMA}.sees_invitation(invitation_id)",
    }
    for table, condition in conditions.items():
        tenancy.limit_to_areas(op, SCHEMA, table, condition)


def downgrade() -> None:
    for table in (*BY_OWN_AREA, *OF, "concern", "star_link"):
        tenancy.unlimit_areas(op, SCHEMA, table)
    for record in RECORDS:
        tenancy.drop_sees(op, SCHEMA, record)
