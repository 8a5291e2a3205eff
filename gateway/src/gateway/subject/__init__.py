"""What the gateway holds of people: sign-ins of staff, what administrators did, API clients named after somebody.

It answers as the services do (`chassis.subject`), but keeps no requests: everything here is of one person, by their sign-in, so
there is nothing to tick and nothing about others to keep back.
"""

from chassis.subject.declaring import Field, KindOf, Part, Subject, clear, internal, staff
from chassis.subject.of_trail import ACTS
from gateway.access.sealing import LABEL

_PURPOSES = "To let in those who may come in, and nobody else."
_RECIPIENTS = "The organisation's administrators; the operator."

SIGN_INS = KindOf(
    "sign-ins",
    "Sign-ins of a member of staff",
    "(select org, subject, max(created_at) as at from session group by org, subject)",
    "t.subject",
    "null::text",
    "t.at",
    (
        Part(
            "session",
            "Sign-ins",
            "md5(t.subject)::uuid",
            ("session_hash",),
            (
                clear("subject", "Sign-in"),
                # Filled for made-up people of the demonstration only.
                clear("label", "Name"),
                Field("label_sealed", "Name", purpose=LABEL),
                clear("roles", "Roles"),
                clear("areas", "Service areas"),
                clear("browser", "Browser"),
                clear("created_at", "Signed in"),
                clear("last_used_at", "Last used"),
                clear("ended_at", "Ended"),
                *internal("session_hash", "provider_subject", "provider_session"),
            ),
            order="t.created_at desc",
            subject=("subject",),
        ),
    ),
    purposes=_PURPOSES,
    source="Their own sign-in, and the organisation's directory.",
    recipients=_RECIPIENTS,
    kept="Seven days after the session ended.",
    ident="md5(t.subject)::uuid",
)


def _acts(table: str, code: str, name: str, of: str) -> KindOf:
    """What somebody did with API clients or webhooks."""
    fields = (
        clear("by", "Sign-in"),
        clear("by_label", "Name"),
        clear("at", "When"),
        clear("act", "Step"),
        clear(of, "Of which"),
        Field("detail", "Codes, names of credentials, days", form="json"),
    )
    part = Part(table, name, 'md5(t."by")::uuid', ("position",), fields, order="t.position desc", subject=("by",))
    return KindOf(
        code,
        name,
        f'(select org, "by" as who, max(at) as at from {table} group by org, "by")',  # noqa: S608 - declared below
        "t.who",
        "null::text",
        "t.at",
        (part,),
        purposes=_PURPOSES,
        source="Their own acts.",
        recipients=_RECIPIENTS,
        kept="As long as the organisation is here.",
        ident="md5(t.who)::uuid",
    )


CLIENT = KindOf(
    "client",
    "API client",
    "client",
    "t.client_id",
    "null::text",
    "t.created_at",
    (
        Part(
            "client",
            "The client",
            "md5(t.client_id)::uuid",
            ("client_id",),
            (
                clear("client_id", "Client"),
                clear("name", "Name"),
                clear("created_at", "Made"),
                clear("disabled_at", "Disabled"),
                *staff("created_by", label="Made by"),
                *staff("disabled_by", label="Disabled by"),
                clear("networks", "Networks"),
            ),
            subject=("created_by", "disabled_by"),
        ),
        Part(
            "credential",
            "Its credentials",
            "md5(t.client_id)::uuid",
            ("credential_id",),
            (
                clear("name", "Name"),
                clear("mark", "Mark"),
                *staff("created_by", label="Made by"),
                *staff("revoked_by", label="Revoked by"),
                clear("last_used_on", "Last used on"),
                *internal("hash"),
            ),
            subject=("created_by", "revoked_by"),
        ),
    ),
    purposes=_PURPOSES,
    source="The organisation's administrator, or the operator.",
    recipients=_RECIPIENTS,
    kept="As long as the organisation is here.",
    ident="md5(t.client_id)::uuid",
)

SUBJECT = Subject(
    "gateway",
    "Sign-ins, and what administrators did with access",
    (
        SIGN_INS,
        CLIENT,
        _acts("client_history", "client-acts", "What was done with API clients", "client_id"),
        _acts("webhook_history", "webhook-acts", "What was done with webhooks", "subscription_id"),
        ACTS,
    ),
    None,
    {
        "sign_in_attempt": "Sign-ins under way, for minutes.",
        "account": "Which account a staff number belongs to, as a keyed hash.",
        "logout_token": "Keyed hashes of what a provider sent once.",
        "assertion": "Keyed hashes of what a client sent once.",
        "client_refusal": "Refused credentials of systems: nobody is named.",
        "rate": "How much of a rate is used, under keyed hashes.",
        "operator_key": "Keys of the operator's people, which are no organisation's: ask the operator.",
        "operator_session": "Hashes of codes and cookies of the operator's people: ask the operator.",
        "operator_pass": "Keyed hashes of passes of the operator's people: ask the operator.",
        "maintenance": "Which operator closed a service: ask the operator.",
        "webhook_subscription": "Which system is told of what: who made one stands in what was done with webhooks.",
        "webhook_message": "Events on their way to other systems, in codes and pseudonyms: they repeat what the record says.",
        "webhook_attempt": "What came of handing an event over.",
        "mail": "That a webhook ended, on its way to whom it names: an address of a system's owner, in the subscription.",
        "inbox": "Which events were looked at.",
        "dead_letter": "Events that were put aside, in codes.",
        "trail_checkpoint": "Marks of the trail.",
        "trail_beginning": "Where the trail begins: a mark.",
    },
    (
        "Audits, disputes and good practice: the audit service",
        "Surveys, worries, contact requests, calls and outcome stars: the feedback service",
        "Complaints, compliments and what came in: the complaints service",
        "Reports, figures and improvement plans: the reporting service",
    ),
)
