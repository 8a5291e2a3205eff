"""What API clients may be allowed to do, and what the operator may."""

SCOPES: dict[str, str] = {
    "audit:outcomes:write": "Post audit outcomes",
    "audit:outcomes:read": "Read the audit outcomes that this client posted",
    "audit:people:read": "Read the directory of staff: names, mail addresses, teams",
    "audit:people:write": "Keep the directory of staff who audit, moderate, review and manage teams",
    "audit:cases:write": "Post the lists of cases from which a round of audits is drawn",
    "audit:audits:read": "Read audits and their progress, never what was written in them",
    "audit:disputes:write": "Record disputes about practice and acknowledged good practice, with their words",
    "audit:disputes:read": "Read disputes and acknowledged practice, without their words",
    "feedback:invitations:write": "Issue and withdraw survey links",
    "feedback:invitations:read": "Read the state of survey links, never answers",
    "feedback:responses:write": "Enter answers that were given by telephone, on a visit or on paper",
    "feedback:stars:write": "Post outcome stars, their corrections and why one is closed",
    "feedback:stars:read": "Read outcome stars by the case system's own references",
    "feedback:quotes:read": "Read quotes of families that two people approved, without names",
    "feedback:calls:write": "Add calls to be made to the lists of callers",
    "feedback:calls:read": "Read how calls stand, never what was said",
    "complaints:write": "Post complaints, compliments and what becomes of them",
    "complaints:read": "Read complaints and their clocks",
    "reporting:read": "Read reports, measures and the BI feeds",
    "reporting:kpis:write": "Post observations of key performance indicators",
    "webhooks:manage": "Subscribe itself to events, of what it may read",
    "trail:read": "Read who read or changed what, by ids and never by names",
    "subject:read": "Look for all that is held of a person, and fetch the package that was reviewed",
    "subject:write": "Open requests of people for what is held of them",
}
"""Scopes that a client may hold, with what each is for."""

OPERATOR_GRANTS = frozenset({"operator", "profile:write", *SCOPES})

ROLES: dict[str, str] = {
    "qa-officer": "Quality-assurance officer",
    "complaints-officer": "Complaints officer",
    "senior-reader": "Senior reader",
    "safeguarding-duty": "Safeguarding duty, who reads worries that families tell",
    "family-contact": "Family contact, who calls families that asked for it",
    "caller": "Caller, who asks families and carers by telephone",
    "manager": "Manager who audits, moderates, reviews or answers for a team",
    "data-protection": "Data protection officer, who sees who read or changed what",
    "administrator": "Administrator, who gives other systems their credentials",
}
"""Roles of staff. What a role may do is for each service to say."""


def parse_scope(text: str) -> frozenset[str]:
    """Read OAuth2's space-separated scope (RFC 6749, 3.3)."""
    return frozenset(text.split())
