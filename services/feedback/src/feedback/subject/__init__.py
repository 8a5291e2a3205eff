"""Where a person can be found in what this service holds, and whose data each column is (`chassis.subject`)."""

from chassis.subject.declaring import OF_REQUESTS, OF_RETENTION, OF_TRAIL, Subject
from chassis.subject.of_trail import ACTS
from feedback.subject.find import find, reading
from feedback.subject.letters import ANSWERS, LETTER
from feedback.subject.people import CALL, CALLER, CONTACT, STAR, WORRY
from feedback.subject.wording import wording

_STAFF = "Who of the staff wrote or published them: the data protection officer asks a quality-assurance officer."

SUBJECT = Subject(
    "feedback",
    "Surveys, worries, contact requests, calls and outcome stars",
    (LETTER, ANSWERS, WORRY, CONTACT, CALL, CALLER, STAR, ACTS),
    find,
    {
        "answers to posters": "No letter leads to them: they are found only where words in them name the person.",
        "addresses of messages": "Read by the process that sends alone; gone three days after the last message.",
        "change_made": f"What was changed because of feedback, published; nobody is meant to be named. {_STAFF}",
        "change_history": f"Steps of what was changed. {_STAFF}",
        "questionnaire_copy": f"Questionnaires that are being changed. {_STAFF}",
        "questionnaire_publication": f"Questionnaires that were published. {_STAFF}",
        "contact_once": "That a visit has asked to be contacted, as a keyed hash, for eight days.",
        "code_failure": "Wrong short codes of a visit, as a keyed hash, for minutes.",
        "mail": "Mails to staff of the last days, without words of families.",
        "upload": "Sheets that wait for a yes, for a day at most.",
        "idempotency": "Answers to other systems, for 30 days: they repeat what the record says.",
        **OF_TRAIL,
        "outbox": "Events, in codes: they repeat what the record says.",
        **OF_RETENTION,
        **OF_REQUESTS,
    },
    (
        "Audits, disputes and good practice: the audit service",
        "Complaints, compliments and what came in: the complaints service",
        "Reports, figures and improvement plans: the reporting service",
        "Sign-ins, and what administrators did with access: the gateway",
    ),
    before=reading,
    wording=wording,
)
