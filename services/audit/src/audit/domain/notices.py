"""What people are told the moment it happens, and in which words. As with reminders, a mail holds no child, grade or name."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from audit.domain.mail_words import FOOTER, Words


class NoticeKind(StrEnum):
    """What happened."""

    ALLOCATED = "allocated"  # an audit was circulated to its auditors, or given to somebody else
    RETURNED = "returned"  # the moderator asks something
    RESULT = "result"  # grades are fixed: it goes to all who learn from it
    CONCERN = "concern"  # something cannot wait
    ACTION = "action"  # an action was set for somebody
    DISPUTE = "dispute"  # a dispute has come to somebody to answer
    ANSWER = "answer"  # who raised a dispute has an answer
    PRACTICE = "practice"  # good practice was acknowledged in somebody's team


@dataclass(frozen=True)
class Notice:
    """Somebody is told of something. `about` is the id of what happened: the same thing is told once."""

    kind: NoticeKind
    reference: str
    to: str
    path: str
    about: UUID | str

    @property
    def key(self) -> str:
        """The same for the same thing told to the same person."""
        return f"notice:{self.kind}:{self.reference}:{self.about}:{self.to}"


_WORDS = {
    NoticeKind.ALLOCATED: ("Audit {} is given to you", "You have a part in audit {}. The page says what to do and by when."),
    NoticeKind.RETURNED: ("A question about your part of audit {}", "The moderator of audit {} asks you something."),
    NoticeKind.RESULT: ("The result of audit {}", "Audit {} is finished. Please read the result and say that you have."),
    NoticeKind.CONCERN: (
        "Today: a concern in audit {} that cannot wait",
        "Whoever audits {} raised something that cannot wait. Please look today, and say what is being done.",
    ),
    NoticeKind.DISPUTE: (
        "Dispute {} waits for your answer",
        "Dispute {} has come to you. The page says what to answer by when.",
    ),
    NoticeKind.ANSWER: ("Dispute {} has an answer", "Dispute {} was answered. Please say whether that is enough."),
    NoticeKind.PRACTICE: (
        "Good practice in your team: {}",
        "Somebody acknowledged good practice in your team ({}). Please read it, and tell the worker.",
    ),
    NoticeKind.ACTION: ("An action for you from audit {}", "An action from audit {} is given to you."),
}


def notice_words(notice: Notice, public_url: str) -> Words:
    """The mail of a notice; `public_url` is where people reach the installation."""
    subject, said = _WORDS[notice.kind]
    link = f"{public_url.rstrip('/')}{notice.path}"
    return Words(subject.format(notice.reference), f"{said.format(notice.reference)}\n\n{link}\n\n{FOOTER}\n")
