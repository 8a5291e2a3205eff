"""Worries, requests to be contacted, calls, callers and outcome stars: whose data each of their columns is."""

from chassis.subject.declaring import Field, KindOf, Part, Role, Whose, clear, internal, staff, staff_name
from feedback.adapters import sealing
from feedback.subject.letters import KEPT

WORRY = KindOf(
    "worry",
    "Worry that somebody may not be safe",
    "concern",
    "t.number::text",
    "coalesce(t.service_area, (select r.service_area from response r where r.org = t.org and r.id = t.response_id))",
    "t.opened_at",
    (
        Part(
            "concern",
            "The worry",
            "t.id",
            ("id",),
            (
                clear("opened_at", "Opened", Whose.KEPT_BACK),
                clear("state", "State", Whose.KEPT_BACK),
                clear("questions", "Questions that gave rise to it", Whose.KEPT_BACK),
                clear("in_words", "Where the words were found", Whose.KEPT_BACK),
                clear("finding", "What was found", Whose.KEPT_BACK),
                clear("handed_to", "Handed to", Whose.KEPT_BACK),
                Field("asked", "What somebody asked to be contacted about", Whose.KEPT_BACK, sealing.CONTACT, "json"),
                clear("looked_at_by", "Looked at by", Whose.KEPT_BACK),
                *internal("response_id"),
            ),
            subject=("looked_at_by",),
        ),
        Part(
            "concern_history",
            "What was done",
            "t.concern_id",
            ("id",),
            (
                clear("at", "When", Whose.KEPT_BACK),
                clear("what", "Step", Whose.KEPT_BACK),
                clear("code", "Code", Whose.KEPT_BACK),
                Field("words", "Words", Whose.KEPT_BACK, sealing.STEP),
                *staff("by_subject"),
                staff_name("by_name", sealing.STAFF, "by_subject"),
            ),
            order="t.at, t.id",
            subject=("by_subject",),
        ),
    ),
    purposes="To act where somebody may be in danger.",
    source="What somebody answered or asked for.",
    recipients="The safeguarding duty team, and to whom they handed it.",
    kept=KEPT,
    warning=(
        "That there is a worry can put somebody in danger once the person knows of it, and can give away who told. Ask the "
        "safeguarding duty team before you tick it. Its being in the package tells that it is there."
    ),
    pages={"/feedback/worries/{worry_id}": ""},
    stops=(
        "It is neither erased nor reduced when its time is over. What is done to keep somebody safe goes on: a restriction "
        "does not stand against protecting another person (Article 18(2))."
    ),
)

CONTACT = KindOf(
    "contact",
    "Request to be contacted",
    "contact_request",
    "t.reference",
    "t.service_area",
    "t.asked_on",
    (
        Part(
            "contact_request",
            "The request",
            "t.id",
            ("id",),
            (
                clear("reference", "Reference"),
                clear("asked_on", "Asked on"),
                clear("due_on", "To be called by"),
                clear("closed_on", "Closed on"),
                clear("young", "A child or young person"),
                Field("details", "Name, ways to reach them, what about", Whose.ROW, sealing.CONTACT, "json"),
                *staff("taken_by"),
            ),
            person=True,
            roles={"": Role.SENDER},
            subject=("taken_by",),
        ),
        Part(
            "contact_history",
            "What was done",
            "t.contact_id",
            ("id",),
            (
                clear("at", "When"),
                clear("what", "Step"),
                Field("words", "Words", Whose.WORDS, sealing.CONTACT_STEP),
                *staff("by_subject"),
                staff_name("by_name", sealing.STAFF, "by_subject"),
            ),
            order="t.at, t.id",
            subject=("by_subject",),
        ),
    ),
    purposes="To call back who asks for it.",
    source="Whoever asked, on a survey's page.",
    recipients="Whoever calls families back.",
    kept="30 days after it was closed, as a rule; 90 days at most.",
    pages={"/feedback/contacts/{contact_id}": ""},
    stops="It is not deleted when its time is over. Whoever asked to be called is still called back, as they wished.",
)

CALL = KindOf(
    "call",
    "Call",
    "call",
    "t.reference",
    "t.service_area",
    "t.due_on",
    (
        Part(
            "call",
            "The call",
            "t.id",
            ("id",),
            (
                clear("reference", "The council's reference"),
                clear("programme", "Programme"),
                clear("due_on", "Due on"),
                clear("state", "State"),
                clear("ground", "Why it was closed"),
                clear("ended_on", "Ended on"),
                *staff("caller", label="Caller"),
            ),
            subject=("caller",),
        ),
        Part(
            "call_log",
            "Attempts",
            "t.call_id",
            ("id",),
            (
                clear("at", "When"),
                clear("what", "What"),
                clear("code", "Outcome"),
                clear("consent", "Agreed to be asked"),
                Field("note", "Note for the next caller", Whose.WORDS, sealing.CALL_NOTE),
                *staff("by_subject"),
                staff_name("by_name", sealing.STAFF, "by_subject"),
            ),
            order="t.at, t.id",
            subject=("by_subject",),
        ),
        Part(
            "entry",
            "Answers that are being taken down",
            "t.call_id",
            ("id",),
            (
                clear("reference", "Reference"),
                clear("touched_at", "Last touched"),
                clear("consent", "Agreed"),
                Field("answers", "Answers", Whose.SENDER, sealing.TEXT, "json"),
                *staff("made_by"),
            ),
            subject=("made_by",),
        ),
    ),
    purposes="To ask by telephone how a service was experienced.",
    source="The council's own case system; the caller.",
    recipients="Callers and quality-assurance officers.",
    kept=KEPT,
    pages={"/feedback/calls/{call_id}": ""},
    stops="Nobody calls: no attempt and no answers are taken down. It is neither erased nor reduced when its time is over.",
)

CALLER = KindOf(
    "caller",
    "Caller",
    "caller",
    "t.subject",
    "null::text",
    "t.seen_on",
    (
        Part(
            "caller",
            "The caller",
            "md5(t.subject)::uuid",
            ("subject",),
            (
                clear("subject", "Sign-in", Whose.ROW),
                Field("name", "Name", Whose.ROW, sealing.STAFF),
                clear("seen_on", "Last seen", Whose.ROW),
            ),
            person=True,
            roles={"": Role.CALLER},
            subject=("subject",),
        ),
        Part(
            "caller_duty",
            "Calls that are owed",
            "md5(t.subject)::uuid",
            ("subject", "programme", "from_on"),
            (
                clear("programme", "Programme"),
                clear("from_on", "From"),
                clear("until_on", "Until"),
                clear("minimum", "Calls a month"),
                *internal("subject"),
            ),
        ),
    ),
    purposes="To share calls out, and to see that they are made.",
    source="The caller's sign-in, and quality-assurance officers.",
    recipients="Quality-assurance officers; figures go to reports under a pseudonym.",
    kept=KEPT,
    ident="md5(t.subject)::uuid",
)

STAR = KindOf(
    "star",
    "Outcome star",
    "star",
    "t.kind",
    "t.service_area",
    "t.opened_on",
    (
        Part(
            "star",
            "The star",
            "t.id",
            ("id",),
            (
                clear("kind", "Kind"),
                clear("opened_on", "Opened on"),
                clear("closed_on", "Closed on"),
                clear("closed_for", "Why it was closed"),
                Field("reference", "The person's reference", Whose.CHILD, sealing.STAR_PERSON),
                Field("worker", "Who works with them", Whose.STAFF, sealing.STAR_WORKER),
                *internal("person_key", "worker_key"),
            ),
        ),
        Part(
            "star_reading",
            "Readings",
            "t.star_id",
            ("id",),
            (
                clear("taken_on", "Taken on"),
                clear("point", "When"),
                clear("answered_by", "Answered by"),
                Field("scores", "Scores", form="json"),
                *internal("response_id"),
            ),
            order="t.taken_on, t.id",
        ),
        Part(
            "star_history",
            "Corrections",
            "t.star_id",
            ("id",),
            (
                clear("at", "When"),
                clear("what", "Step"),
                Field("before", "Before", form="json"),
                Field("after", "After", form="json"),
                *staff("by_subject"),
                staff_name("by_name", sealing.STAFF, "by_subject"),
            ),
            order="t.at, t.id",
            subject=("by_subject",),
        ),
    ),
    purposes="To see together whether help makes a difference.",
    source="The person, those who work with them, or the case system.",
    recipients="Those who work with the person; quality-assurance officers; figures by code go to reports.",
    kept="As the council's profile says (keep_years after the star was closed); where it says nothing, until it is erased.",
    pages={"/feedback/stars/{star_id}": ""},
    stops=(
        "Nobody changes, moves, closes or erases it or adds readings, but the person by their own link. It is not deleted "
        "when its time is over. Its figures, by code, stay counted."
    ),
)
