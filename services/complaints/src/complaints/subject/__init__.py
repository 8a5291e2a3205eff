"""Where a person can be found in what this service holds, and whose data each column is (`chassis.subject`)."""

from chassis.attachments.store import FileStore
from chassis.subject.declaring import OF_REQUESTS, OF_RETENTION, OF_TRAIL, Subject
from chassis.subject.of_trail import ACTS
from complaints.subject.came_in import COMPLIMENT, REPRESENTATION
from complaints.subject.complaint import COMPLAINT
from complaints.subject.find import find
from complaints.subject.wording import wording

SUBJECT = Subject(
    "complaints",
    "Complaints, compliments and what came in",
    (COMPLAINT, REPRESENTATION, COMPLIMENT, ACTS),
    find,
    {
        "intake_draft": "Forms begun and not sent: only the browser of their sender can open them; they go by themselves.",
        "sender_found_by": "Keyed hashes by which people are found; nothing can be read from them.",
        "person_found_by": "Keyed hashes by which people are found; nothing can be read from them.",
        "bulletin": "Bulletins to staff, in which nobody is meant to be named.",
        "bulletin_step": "Bulletins to staff, in which nobody is meant to be named.",
        "stored_piece": "Content of files: given as files of their record.",
        "saved_view": "What a member of staff keeps of lists, shown on their own pages.",
        "mail": "Mails that wait or were sent in the last days: they repeat what the record says.",
        "upload": "Sheets of old cases that wait for a yes, for a day at most.",
        "idempotency": "Answers to other systems, for 30 days: they repeat what the record says.",
        **OF_TRAIL,
        "outbox": "Events, in codes: they repeat what the record says.",
        **OF_RETENTION,
        **OF_REQUESTS,
    },
    (
        "Audits, disputes and good practice: the audit service",
        "Surveys, worries, contact requests, calls and outcome stars: the feedback service",
        "Reports, figures and improvement plans: the reporting service",
        "Sign-ins, and what administrators did with access: the gateway",
    ),
    files=lambda secrets: FileStore(secrets, scanner=False),
    wording=wording,
)
