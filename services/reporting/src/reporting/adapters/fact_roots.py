"""Which record each fact belongs to; see `reporting.domain.odata.tracking`."""

from reporting.adapters.facts import Fact
from reporting.domain.odata.tracking import AUDIT, CASE, COMPLAINT, OUTCOME, STAR, Root, by

# Facts whose key begins with something else than the record they belong to.
_OTHERS: dict[str, Root | None] = {
    "fact_point": COMPLAINT,
    "fact_point_recount": COMPLAINT,
    "fact_finding": COMPLAINT,
    "fact_star_reading": STAR,
    "fact_star_withdrawal": STAR,
    "fact_audit_escalation": AUDIT,
    "fact_ombudsman_deadline": CASE,
    "fact_reduction": None,
}


def root_of(fact: Fact) -> Root | None:
    """The record that a fact belongs to; None where it is no record's (duties of callers, editions of questionnaires)."""
    if fact.table in _OTHERS:
        return _OTHERS[fact.table]
    column = fact.key[0]
    if {**fact.columns, **fact.own}.get(column) != "uuid":
        return None
    return OUTCOME if column == OUTCOME.column else by(column)
