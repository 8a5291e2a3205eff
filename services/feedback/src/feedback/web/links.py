"""Answers with links that an idempotency key repeats."""

import base64
from collections.abc import Awaitable, Callable

import orjson

from chassis.idempotency import Answer, once
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from feedback.adapters.sealing import LINKS


async def once_sealed(
    transaction: Transaction,
    secrets: Secrets,
    client: str,
    key: str,
    print_: bytes,
    work: Callable[[], Awaitable[Answer]],
) -> Answer:
    """As `once`, but what is kept for a repetition is encrypted: it holds links, of which the tables keep hashes only.

    So a caller whose connection broke gets its thousand links again, and a stolen table has none.
    """

    async def sealing() -> Answer:
        answer = await work()
        sealed = secrets.seal(transaction.org, LINKS, orjson.dumps(answer.body).decode())
        return Answer(answer.status, {"sealed": base64.b64encode(sealed).decode()})

    kept = await once(transaction, client, key, print_, sealing)
    body = orjson.loads(secrets.open(transaction.org, LINKS, base64.b64decode(kept.body["sealed"])))
    return Answer(kept.status, body, kept.replayed)
