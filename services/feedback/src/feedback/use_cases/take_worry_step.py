"""Take a step with a worry: a person's, once, and written down with who took it."""

from datetime import datetime
from uuid import UUID

from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from feedback.adapters import worries, worry_history
from feedback.adapters.worry_history import Entry
from feedback.context import Context
from feedback.domain.worry import Asked, Step, Worry, is_repetition, take
from feedback.use_cases.see_worries import held
from feedback.use_cases.take_quotes_back import Why, take_quotes_back


async def take_worry_step(
    transaction: Transaction, context: Context, identity: Identity, ident: UUID, asked: Asked, now: datetime
) -> Worry:
    """The worry after the step. A second click changes nothing and answers the same.

    Raises `not-found`, and as `feedback.domain.worry.take`.
    """
    # Locked: of two people at once one waits, and then sees what the other did.
    record = await held(transaction, identity, ident, lock=True)
    if is_repetition(record.worry, asked):
        return record.worry
    profile = (await context.profiles.current(transaction)).profile
    places = [place.code for place in profile.worries.hand_over_to]
    after = take(record.worry, asked, places, now)
    await worries.save(transaction, ident, after)
    if asked.step is Step.REOPEN and record.response_id is not None:
        why: Why = "The worry of this answer was opened again."
        await take_quotes_back(transaction, context, [record.response_id], identity, why, now)
    entry = Entry(now, asked.step.value, "", after.revision, asked.code, asked.words.strip())
    await worry_history.add(transaction, context.secrets, ident, entry, identity)
    return after
