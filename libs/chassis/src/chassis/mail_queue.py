"""The queue of mails: asked for in the transaction of what they tell of, and sent by `chassis.mail_sender`, once each.

Address and content are sealed. A row outlives its content: its key is what makes a mail be sent once.
"""

import base64
import json
from typing import Any

from sqlalchemy import text

from chassis import tracing
from chassis.ids import new_id
from chassis.mail.message import Attachment, Message
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction

RECIPIENT = "mail.recipient"
CONTENT = "mail.content"
"""Purposes under which the two columns are sealed."""

MOST_KEY = 300  # characters; a constraint of the table

_INSERT = text(
    """
    insert into mail (org, id, key, recipient, content, traceparent)
    values (:org, :id, :key, :recipient, :content, :traceparent)
    on conflict (org, key) do nothing
    """
)


async def enqueue(transaction: Transaction, secrets: Secrets, key: str, message: Message) -> bool:
    """Ask for a mail; it goes out after this transaction has committed. Answers False where the key was used before.

    `key` says what the mail is for, and to whom (`reminder:…:3-before:sam-okafor`): 1 to 300 characters, codes only, since it
    is kept for good and in the clear. The first mail of a key is the one that counts, whatever became of it. Raises ValueError
    for a key that is none.
    """
    if not 0 < len(key) <= MOST_KEY or not key.isascii() or not key.isprintable():
        msg = f"the key of a mail has 1 to {MOST_KEY} printable ASCII characters"
        raise ValueError(msg)
    content = json.dumps(_content(message))
    result = await transaction.connection.execute(
        _INSERT,
        {
            "org": transaction.org,
            "id": new_id(),
            "key": key,
            "recipient": secrets.seal(transaction.org, RECIPIENT, message.to),
            "content": secrets.seal(transaction.org, CONTENT, content),
            "traceparent": tracing.traceparent.get(),
        },
    )
    return result.rowcount == 1


def unseal(secrets: Secrets, org: str, recipient: bytes, content: bytes) -> Message:
    """The message of a row. Raises `SealError` or `MessageError`."""
    parts: dict[str, Any] = json.loads(secrets.open(org, CONTENT, content))
    file = parts.pop("attachment", None)
    attachment = None if file is None else Attachment(file["name"], base64.b64decode(file["content"]))
    return Message(to=secrets.open(org, RECIPIENT, recipient), attachment=attachment, **parts)


def _content(message: Message) -> dict[str, Any]:
    content: dict[str, Any] = {"subject": message.subject, "body": message.body, "reply_to": message.reply_to}
    if (file := message.attachment) is not None:
        content["attachment"] = {"name": file.name, "content": base64.b64encode(file.content).decode()}
    return content
