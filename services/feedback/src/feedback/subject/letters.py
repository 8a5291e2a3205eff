"""Survey letters, and what was answered: whose data each of their columns is."""

from chassis.subject.declaring import Field, KindOf, Part, Whose, clear, internal, staff, staff_name
from feedback.adapters import sealing

_TEXT = "(select x.response_id from response_text x where x.org = t.org and x.id = t.comment_id)"
_TEXTS = "t.comment_id in (select x.id from response_text x where x.org = :org and x.response_id = :id)"
_QUOTE = (
    "(select x.response_id from quote q join response_text x on x.org = q.org and x.id = q.comment_id "
    "where q.org = t.org and q.id = t.of_id)"
)
_QUOTES = (
    "t.of_id in (select q.id from quote q join response_text x on x.org = q.org and x.id = q.comment_id "
    "where q.org = :org and x.response_id = :id)"
)
_OF_QUOTE = (
    "select x.response_id from quote q join response_text x on x.org = q.org and x.id = q.comment_id "
    "where q.org = :org and q.id = :id"
)
KEPT = "As the council's retention schedule says; ask the council for it."

LETTER = KindOf(
    "letter",
    "Survey letter",
    "invitation",
    "t.reference",
    "t.service_area",
    "t.issued_on",
    (
        Part(
            "invitation",
            "The letter",
            "t.id",
            ("id",),
            (
                clear("reference", "The council's reference"),
                clear("questionnaire", "Questionnaire"),
                clear("channel", "Way"),
                clear("service_area", "Service area"),
                clear("team", "Team"),
                clear("about_on", "About"),
                clear("issued_on", "Issued on"),
                clear("expires_on", "Ends on"),
                clear("used_on", "Answered on"),
                clear("withdrawn_on", "Withdrawn on"),
                *staff("client", label="Issued by"),
                *internal("fingerprint", "reference_key"),
            ),
            subject=("client",),
        ),
        Part("link", "The link", "t.invitation_id", ("invitation_id",), internal("token_hash", "code_hash")),
        Part(
            "sending",
            "That we send it",
            "t.invitation_id",
            ("invitation_id",),
            (clear("channel", "Way"), clear("said_no_on", "Said no to reminders on"), *internal("no_hash")),
        ),
        Part(
            "send_address",
            "Where it goes",
            "t.invitation_id",
            ("invitation_id",),
            (
                Field("hint", "A part of the address", Whose.SENDER, sealing.SEND_HINT),
                *staff("made_by"),
                # The database shows these to the process that sends, and to no other.
                Field("address", "address", Whose.INTERNAL, sql="null::text"),
                Field("token", "token", Whose.INTERNAL, sql="null::text"),
            ),
            subject=("made_by",),
        ),
        Part(
            "message",
            "Messages",
            "t.invitation_id",
            ("invitation_id", "number"),
            (
                clear("state", "State"),
                clear("delivery", "What became of it"),
                clear("sent_at", "Sent"),
                clear("last_error", "What went wrong"),
                Field("carrier_id", "carrier_id", Whose.INTERNAL, sql="null::text"),
            ),
        ),
        Part(
            "draft",
            "What was begun and not sent",
            "t.invitation_id",
            ("id",),
            (
                clear("touched_on", "Last touched"),
                clear("may_quote", "May be quoted"),
                Field("answers", "Answers", Whose.SENDER, sealing.TEXT, "json"),
            ),
        ),
        Part(
            "star_link",
            "The outcome star it asks for",
            "t.invitation_id",
            ("invitation_id",),
            (clear("point", "When"), clear("issued_on", "Issued on"), *internal("invitation_id", "star_id")),
        ),
    ),
    purposes="To ask how a service was experienced.",
    source="The council's own case system, which said whom to ask.",
    recipients="Quality-assurance officers; the carrier of mails and text messages, where we send it.",
    kept=KEPT,
    pages={"/feedback/links/{invitation_id}": ""},
    stops="Nothing is sent for it, and it is neither deleted nor reduced when its time is over. "
    "Who has the link can still answer.",
)

ANSWERS = KindOf(
    "answers",
    "Answers to a survey",
    "response",
    "coalesce(t.reference, (select i.reference from invitation i where i.org = t.org and i.id = t.invitation_id))",
    "t.service_area",
    "t.answered_on",
    (
        Part(
            "response",
            "What was answered",
            "t.id",
            ("id",),
            (
                clear("questionnaire", "Questionnaire"),
                clear("answered_on", "Answered on"),
                clear("submitted_at", "Sent"),
                clear("language", "Language"),
                clear("team", "Team"),
                clear("reference", "Reference, as it was entered", Whose.SENDER),
                clear("may_quote", "May be quoted"),
                Field("answers", "Answers, by the codes of the questionnaire", Whose.SENDER, form="json"),
                clear("worry", "Whether words asked for somebody to look", Whose.KEPT_BACK),
                *staff("client", label="Entered by"),
                *internal("invitation_id", "fingerprint"),
            ),
            subject=("client",),
        ),
        Part(
            "response_text",
            "In their own words",
            "t.response_id",
            ("response_id", "question"),
            (clear("question", "Question"), Field("sealed", "Words", Whose.SENDER, sealing.TEXT)),
        ),
        Part(
            "response_standing",
            "Set aside, or counted",
            "t.response_id",
            ("response_id", "revision"),
            (clear("standing", "How it stands"), clear("changed_at", "When"), *staff("changed_by")),
            subject=("changed_by",),
        ),
        Part(
            "comment_mark",
            "Themes of the words",
            _TEXT,
            ("comment_id",),
            (clear("themes", "Themes"), clear("read_on", "Read on")),
            where=_TEXTS,
        ),
        Part(
            "comment_history",
            "Who put themes",
            _TEXT,
            ("id",),
            (clear("at", "When"), *staff("by_subject"), staff_name("by_name", sealing.STAFF, "by_subject")),
            where=_TEXTS,
            subject=("by_subject",),
        ),
        Part(
            "comment_look",
            "Who was shown the words",
            _TEXT,
            ("id", "comment_id"),
            (
                clear("at", "When"),
                clear("page", "Page"),
                *staff("by_subject"),
                staff_name("by_name", sealing.STAFF, "by_subject"),
            ),
            where=_TEXTS,
            subject=("by_subject",),
        ),
        Part(
            "quote",
            "Quotes that were prepared",
            _TEXT,
            ("id",),
            (
                clear("state", "State"),
                Field("words", "Words that are left", Whose.SENDER, sealing.QUOTE),
                *staff("redacted_by", "decided_by"),
            ),
            where=_TEXTS,
            subject=("redacted_by", "decided_by"),
        ),
        Part(
            "approved_quote",
            "Quotes that may be used",
            "t.response_id",
            ("quote_id", "version"),
            (
                clear("released_on", "From"),
                clear("withdrawn_on", "Withdrawn on"),
                Field("words", "Words", Whose.SENDER, sealing.QUOTE),
                *staff("redacted_by", "approved_by"),
                *internal("response_id"),
            ),
            subject=("redacted_by", "approved_by"),
        ),
        Part(
            "quote_history",
            "Steps of quotes",
            _QUOTE,
            ("id",),
            (
                clear("what", "Step"),
                clear("at", "When"),
                Field("words", "Why", Whose.WORDS, sealing.QUOTE),
                *staff("by_subject"),
                staff_name("by_name", sealing.STAFF, "by_subject"),
            ),
            where=_QUOTES,
            subject=("by_subject",),
        ),
    ),
    purposes="To learn how a service was experienced.",
    source="Whoever answered, or the member of staff who took it down for them.",
    recipients="Quality-assurance officers, the words by consent; figures by code go to reports.",
    kept=KEPT,
    pages={
        "/feedback/comments/{comment_id}": "select response_id from response_text where org = :org and id = :id",
        "/feedback/quotes/{quote_id}": _OF_QUOTE,
    },
    stops=(
        "Nothing of it is quoted: no quote is made or approved, those that were approved are in no list, report or page of "
        "what was done, and no themes are put. It is neither erased nor reduced when its time is over. Its figures, by code, "
        "stay counted."
    ),
)
