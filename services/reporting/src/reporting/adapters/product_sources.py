"""How the measures of `reporting.domain.product_measures` are computed; see `reporting.adapters.sources`."""

from reporting.adapters.source import Dimension, Source, columns

_PLACE = columns("tool", "programme", "service_area", "team")
# The view puts an action together out of five tables: once a statement, however many figures are counted from it.
SHARED = {"audit_actions": "select * from feed_audit_action where withdrawn_on is null"}

PRODUCTS = {
    "sections_graded": Source(
        "fact_audit_section f",
        "f.state = 'graded' and f.completed_on between {first} and {last}",
        columns("kind", "tool", "service_area", "team", "section", "grade"),
    ),
    "audit_actions_set": Source("audit_actions f", "f.set_on between {first} and {last}", _PLACE, shared=("audit_actions",)),
    "audit_actions_in_time": Source(
        "audit_actions f",
        "f.status <> 'dropped' and f.due_on between {first} and {last}",
        _PLACE,
        n="count(*) filter (where f.done_on <= f.due_on)",
        of="count(*)",
        shared=("audit_actions",),
    ),
    "invitations_answered": Source(
        "fact_invitation f",
        "not f.reusable and f.withdrawn_on is null and f.about_on between {first} and {last}",
        {**columns("questionnaire", "service_area", "team"), "invited_by": Dimension("f.channel")},
        n="count(*) filter (where exists (select from fact_response r where r.org = f.org "
        "and r.invitation_id = f.invitation_id))",
        of="count(*)",
    ),
}
