"""Parts of links, answers, calls and stars carry the areas in which they are seen; the limit holds for writing (ADR 0034)."""

from alembic import op

from chassis import carried_areas, tenancy
from chassis.carried_areas import OWN_AREA, Of, Part, parts

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SCHEMA = "feedback"
CARRIED = (
    *parts("invitation", "invitation_id", "link", "draft", "sending", "send_address", "message"),
    *parts("response", "response_id", "response_text", "response_standing"),
    # Comments and quotes are seen with their words.
    *parts("response_text", "comment_id", "comment_mark", "comment_history", "comment_look", "quote"),
    *parts("quote", "of_id", "quote_history"),
    # What somebody asked for on a page has an area of its own, what an answer showed has that of the response.
    Part("concern", (Of("response", "response_id"),), OWN_AREA, ("service_area",)),
    *parts("concern", "concern_id", "concern_history"),
    *parts("contact_request", "contact_id", "contact_history"),
    *parts("call", "call_id", "call_log"),
    *parts("change_made", "of_id", "change_history"),
    *parts("star", "star_id", "star_reading", "star_history"),
    # A link stays in the area in which it was issued, the star may have moved since.
    Part("star_link", (Of("star", "star_id"), Of("invitation", "invitation_id"))),
)
# What 0017 limited by asking the record; for the way down.
RECORDS = ("invitation", "response", "response_text", "quote", "concern", "contact_request", "call", "change_made", "star")


def upgrade() -> None:
    for part in CARRIED:
        tenancy.unlimit_areas(op, SCHEMA, part.table)
    for record in RECORDS:
        tenancy.drop_sees(op, SCHEMA, record)
    carried_areas.carry(op, SCHEMA, CARRIED)
    carried_areas.hold_writing_too(op, SCHEMA)
    for part in CARRIED:
        carried_areas.hold_to_areas(op, SCHEMA, part.table, carried_areas.seen_where_carried())


def downgrade() -> None:
    for part in CARRIED:
        tenancy.unlimit_areas(op, SCHEMA, part.table)
    carried_areas.hold_reading_only(op, SCHEMA)
    carried_areas.drop(op, SCHEMA, CARRIED)
    for record in RECORDS:
        tenancy.create_sees(op, SCHEMA, record)
    for part in CARRIED:
        own = tenancy.seen_by_area() if part.own else tenancy.UNLIMITED
        asked = (f"{SCHEMA}.sees_{of.record}({of.column})" for of in part.of)
        tenancy.limit_to_areas(op, SCHEMA, part.table, " or ".join((own, *asked)))
