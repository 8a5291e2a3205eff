"""Where a person can be found in what this service holds, and whose data each column is (`chassis.subject`)."""

from audit.subject.audits import AUDIT, OUTCOME, ROUND, ROUND_CASE
from audit.subject.find import find
from audit.subject.practice import DISPUTE_RECORD, GOOD_PRACTICE, PERSON
from audit.subject.wording import wording
from chassis.subject.declaring import OF_REQUESTS, OF_RETENTION, OF_TRAIL, Subject
from chassis.subject.of_trail import ACTS

SUBJECT = Subject(
    "audit",
    "Audits, disputes and good practice",
    (AUDIT, ROUND_CASE, ROUND, DISPUTE_RECORD, GOOD_PRACTICE, OUTCOME, PERSON, ACTS),
    find,
    {
        "mail": "Mails to staff of the last days: they repeat what the record says.",
        "upload": "Sheets that wait for a yes, for a day at most.",
        "idempotency": "Answers to other systems, for 30 days: they repeat what the record says.",
        **OF_TRAIL,
        "outbox": "Events, in codes: they repeat what the record says, under the case's pseudonym.",
        **OF_RETENTION,
        **OF_REQUESTS,
    },
    (
        "Surveys, worries, contact requests, calls and outcome stars: the feedback service",
        "Complaints, compliments and what came in: the complaints service",
        "Reports, figures and improvement plans: the reporting service",
        "Sign-ins, and what administrators did with access: the gateway",
    ),
    wording=wording,
)
