"""Who is mailed that a letter did not arrive: once each, whoever runs the case, else the complaints unit. Pure."""

from datetime import date
from uuid import UUID

from complaints.domain.learning_reminders import FOOTER, Mail, long_day

WHAT = {
    "acknowledgement": "acknowledgement",
    "extension": "letter about the extension",
    "holding": "holding letter",
    "response": "response",
    "closing": "closing letter",
    "other": "letter",
}


def lost_mail(to: str, reference: str, stage: int, kind: str, sent_on: date, place: tuple[UUID, UUID], base: str) -> Mail:
    """The mail about a letter: `place` are the ids of complaint and letter. It names the reference, and nobody."""
    complaint_id, letter_id = place
    body = (
        f"The {WHAT[kind]} of stage {stage} of complaint {reference}, e-mailed on {long_day(sent_on)}, did not arrive.\n\n"
        "Until it is sent again the record says something that is not so. Open the letter to send it another way, or to "
        f"correct its day:\n\n{base}/complaints/{complaint_id}/letters/{letter_id}\n\n{FOOTER}\n"
    )
    return Mail(f"letter-lost:{letter_id}", to, f"Did not arrive: {WHAT[kind]}, complaint {reference}", body)
