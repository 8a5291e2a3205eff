"""Mail: a message, and who carries it. `chassis.mail_queue` asks for one, `chassis.mail_sender` sends what was asked for."""

from chassis.mail.message import Attachment, Mailer, MailPutOff, MailRefused, Message, MessageError, NoMailer, is_address
from chassis.mail.settings import MailSettings, mailer_of

__all__ = [
    "Attachment",
    "MailPutOff",
    "MailRefused",
    "MailSettings",
    "Mailer",
    "Message",
    "MessageError",
    "NoMailer",
    "is_address",
    "mailer_of",
]
