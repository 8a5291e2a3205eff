"""Kinds of record of this service as `chassis.retention` reduces them: what goes, what stays, and from when their time counts.

Choices, scores and codes stay, for figures are made of them; words, names and the references under which people are known go.
"""

# ruff: noqa: S608 - SQL of constants of this module: nothing of a request is in it

import json

from chassis.retention.asked import REQUEST
from chassis.retention.kinds import GONE, NOBODY, Declared, Delete, Empty, Events, Kind, Sealed
from chassis.retention.known import sql_of
from chassis.retention.none_needed import OF_EVERY_SERVICE
from contracts.feedback import ResponseSubmitted
from feedback.adapters import sealing

_ID = "cast(:id as uuid)"
_BY = f"'{NOBODY}'"
_NAMELESS = f"'{NOBODY}-' || replace(cast(t.id as text), '-', '')"
_STAFF = Sealed(sealing.STAFF, NOBODY)


def _letters(of: str) -> tuple[Delete | Empty, ...]:
    """Letters (never posters): the reference of whom they went to, and everything that opens or carries them."""
    sent = f"t.invitation_id in ({of})"
    return (
        Delete("draft", sent),
        Delete("link", sent),
        Delete("send_address", sent),
        Empty("message", sent, {"carrier_id": "null", "last_error": "null"}),
        # Found by nobody: it is no hash of anything.
        Empty("sending", sent, {"no_hash": f"'{NOBODY}-' || replace(cast(t.invitation_id as text), '-', '')"}),
        Empty("invitation", f"t.id in ({of})", {"reference": "null", "fingerprint": "''"}),
    )


_LETTER = (
    f"select i.id from invitation i join response p on p.org = i.org and p.invitation_id = i.id where p.id = {_ID} "
    "and not i.reusable"
)
# Asked for a quote that is in use: what it was allowed by is kept with it.
_CONSENT = (
    "case when exists (select from approved_quote a where a.org = t.org and a.response_id = t.id "
    "and a.withdrawn_on is null) then t.may_quote end"
)
_OF_LETTER = (
    "array(select 'invitation' || chr(31) || i.client || chr(31) || i.reference from invitation i where i.org = r.org "
    "and i.id = {0} and not i.reusable and i.reference is not null)"
)
_COMMENTS = f"select c.id from response_text c where c.response_id = {_ID}"
_QUOTES = f"select q.id from quote q where q.comment_id in ({_COMMENTS})"

RESPONSE = Kind(
    code="response",
    name="Survey answers",
    goes="what was written, who read or marked it, quotes that are not released, the reference of the letter or of who "
    "was asked, the moment of sending (the day stays), the consent to be quoted",
    stays="choices and scores, days, questionnaire, language, service area, team, themes; quotes that were redacted, checked "
    "by two people and released, until somebody withdraws them",
    counts_from="It is over when a worry that came of it, if there is one, has been reduced; its time counts from the day of "
    "answering.",
    table="response",
    reference="r.reference",
    area="r.service_area",
    names="array_remove(array[r.reference, (select i.reference from invitation i where i.org = r.org and "
    "i.id = r.invitation_id)], null)",
    covers="array_remove(array[r.id, r.invitation_id], null) || array(select c.id from concern c where c.org = r.org and "
    "c.response_id = r.id) || array(select c.id from call c where c.org = r.org and c.response_id = r.id)",
    parts="array[r.id] || array(select i.id from invitation i where i.org = r.org and i.id = r.invitation_id "
    "and not i.reusable)",
    posted=f"{sql_of('response', 'r.client', 'r.reference')} || {_OF_LETTER.format('r.invitation_id')}",
    over="not exists (select from concern c where c.org = r.org and c.response_id = r.id and not exists (select from "
    "retention_reduced w where w.org = c.org and w.kind = 'worry' and w.record_id = c.id))",
    since="r.answered_on",
    steps=(
        Delete("entry", "t.response_id = :id"),
        Delete("comment_look", f"t.comment_id in ({_COMMENTS})"),
        Empty("comment_history", f"t.comment_id in ({_COMMENTS})", {"by_subject": _BY, "by_name": _STAFF}),
        Empty("quote_history", f"t.of_id in ({_QUOTES})", {"by_subject": _BY, "by_name": _STAFF, "words": "null"}),
        Empty(
            "approved_quote",
            "t.response_id = :id and t.withdrawn_on is not null",
            # By two people, as every quote is.
            {"words": Sealed(sealing.QUOTE), "redacted_by": _BY, "approved_by": f"'{NOBODY}-too'"},
        ),
        Empty(
            "quote",
            f"t.comment_id in ({_COMMENTS}) and t.state <> 'approved'",
            {
                "words": Sealed(sealing.QUOTE),
                "redacted_by": _BY,
                "decided_by": f"case when t.decided_by is not null then {_BY} end",
            },
        ),
        Empty("response_text", "t.response_id = :id", {"sealed": Sealed(sealing.TEXT)}),
        Empty("response_standing", "t.response_id = :id and t.changed_by is not null", {"changed_by": _BY}),
        *_letters(_LETTER),
        Empty(
            "response",
            "t.id = :id and t.channel <> 'link'",
            {"client": _BY, "reference": _NAMELESS, "fingerprint": "''"},
        ),
        Empty(
            "response",
            "t.id = :id",
            {"submitted_at": "cast(t.answered_on as timestamp) at time zone 'UTC'", "may_quote": _CONSENT},
        ),
    ),
    events=(Events("response_id", (ResponseSubmitted,)),),
)

INVITATION = Kind(
    code="invitation",
    name="Letters and links",
    goes="the reference of whom it went to, what opens it, where it was sent, what was begun and not sent",
    stays="questionnaire, service area, team, days, how it was sent, whether it was answered",
    counts_from="It is over on the day on which it was answered, withdrawn, or ran out. Posters are of nobody, and stay.",
    table="invitation",
    reference="r.reference",
    area="r.service_area",
    names="array_remove(array[r.reference], null)",
    covers="array[r.id] || array(select p.id from response p where p.org = r.org and p.invitation_id = r.id)",
    posted=_OF_LETTER.format("r.id"),
    over="not r.reusable and not exists (select from concern c join response p on p.org = c.org and p.id = c.response_id "
    "where p.org = r.org and p.invitation_id = r.id and c.state <> 'closed')",
    since="coalesce(r.used_on, r.withdrawn_on, r.expires_on)",
    steps=_letters(f"select i.id from invitation i where i.id = {_ID}"),
)

WORRY = Kind(
    code="worry",
    name="Worries",
    goes="what was written at its steps, who read it and took them, the copy of a request to be contacted",
    stays="when it was opened, read and closed, what was found, to whom it was handed over, as codes",
    counts_from="It is over when it is closed; its time counts from that day.",
    table="concern",
    reference="'W-' || lpad(cast(r.number as text), 4, '0')",
    area="coalesce(r.service_area, (select p.service_area from response p where p.org = r.org and p.id = r.response_id))",
    names="array['W-' || lpad(cast(r.number as text), 4, '0')] || array(select n from response p left join invitation i on "
    "i.org = p.org and i.id = p.invitation_id cross join lateral unnest(array[p.reference, i.reference]) n "
    "where p.org = r.org and p.id = r.response_id and n is not null)",
    covers="array_remove(array[r.id, r.response_id], null)",
    over="r.state = 'closed'",
    since="cast(r.closed_at as date)",
    steps=(
        Empty(
            "concern_history",
            "t.concern_id = :id and t.by_subject is not null",
            {"by_subject": _BY, "by_name": _STAFF},
        ),
        Empty("concern_history", "t.concern_id = :id", {"words": "null"}),
        Empty(
            "concern", "t.id = :id and t.response_id is null", {"asked": Sealed(sealing.CONTACT, json.dumps({"about": GONE}))}
        ),
        Empty("concern", "t.id = :id and t.looked_at_by is not null", {"looked_at_by": _BY}),
    ),
)

CALL = Kind(
    code="call",
    name="Calls",
    goes="the reference of whom was called, what the callers noted, their names",
    stays="programme, service area, team, days, attempts and their outcome, which caller as a subject (for how many calls each "
    "owes and made)",
    counts_from="It is over when it was done, declined or closed; its time counts from that day.",
    table="call",
    reference="r.reference",
    area="r.service_area",
    names="array[r.reference]",
    covers="array_remove(array[r.id, r.response_id], null)",
    posted=sql_of("call", "r.programme", "r.reference", "to_char(r.due_on, 'YYYY-MM')"),
    over="r.ended_on is not null",
    since="r.ended_on",
    steps=(
        Delete("entry", "t.call_id = :id"),
        Empty("call_log", "t.call_id = :id", {"note": "null", "by_name": _STAFF}),
        Empty("call", "t.id = :id", {"reference": _NAMELESS}),
    ),
)

CALLER = Kind(
    code="caller",
    name="People who made calls and do no longer",
    goes="the name",
    stays="the sign-in, for how many calls each owed and made",
    counts_from="It is over when somebody owes calls in no programme; its time counts from the last day on which they opened "
    "their calls, or ceased to owe any.",
    table="caller",
    over="not exists (select from caller_duty d where d.org = r.org and d.subject = r.subject and d.until_on is null) "
    "and not exists (select from call c where c.org = r.org and c.caller = r.subject and c.ended_on is null)",
    since="greatest(r.seen_on, (select max(d.until_on) from caller_duty d where d.org = r.org and d.subject = r.subject))",
    names="array[r.subject]",
    steps=(Empty("caller", "t.id = :id", {"name": Sealed(sealing.STAFF, "Somebody who made calls")}),),
)

DECLARED = Declared(
    "feedback",
    # Worries first: an answer of which one came goes after it.
    (WORRY, RESPONSE, INVITATION, CALL, CALLER, REQUEST),
    {
        "Outcome stars": "they are erased whole so many years after closing (keep_years in stars.yaml), and at once for who "
        "asks; a hold of the kind, or of the person's reference, holds them",
        "Requests to be contacted": "they are deleted at the latest after 90 days; a hold of the kind, or of their reference, "
        "holds them",
        "Released quotes": "they are used in reports and in public; somebody withdraws them",
        "Questionnaires, what was changed because of feedback": "words that are published, with who of staff published them",
    },
    {"star": "Outcome stars", "contact": "Requests to be contacted"},
    none_needed={
        **OF_EVERY_SERVICE,
        **dict.fromkeys(
            ("contact_request", "contact_history", "contact_once"),
            "deleted whole 90 days after they came in at the latest, by a rule of their own",
        ),
        **dict.fromkeys(
            ("star", "star_history", "star_link", "star_reading"),
            "deleted whole as stars.yaml says (keep_years), and at once for who asks, by a rule of their own",
        ),
        "caller_duty": "how many calls a sign-in owes a month; the name goes with the caller",
        "change_made": "published words about nobody",
        "change_history": "who answers for what was published: as long as it is",
        "code_failure": "deleted after an hour",
        "comment_mark": "themes, by code",
        "questionnaire_copy": "working copies of questionnaires, with who changed them: deleted when they are published",
        "questionnaire_publication": "who answers for a questionnaire that was put to families: as long as it is kept",
    },
)
