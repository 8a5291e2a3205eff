"""What a round came to: its figures beside those of the round that it repeats, and what it found, in a person's words."""

from dataclasses import dataclass

from sqlalchemy import text

from audit.adapters.entries import WORDS
from audit.adapters.round_results import Results, round_results
from audit.adapters.rounds import RoundRepository
from audit.context import Context
from audit.domain.judgement import MOST_LETTERS
from audit.domain.profile import Scale, Tool
from audit.domain.round import Round
from audit.use_cases.take_round import Target, hold_round, see_round
from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.unit_of_work import Transaction

_WORDS = text("select findings_sealed from round where id = :id")
_CONCLUDE = text("update round set findings_sealed = :words where org = :org and id = :id")


@dataclass(frozen=True)
class Conclusion:
    """A round's results, and those of the earlier round that it is compared with."""

    round: Round
    tool: Tool
    scale: Scale | None
    results: Results
    words: str
    earlier: Round | None
    earlier_results: Results | None


async def see_results(transaction: Transaction, context: Context, reader: Identity, target: Target) -> Conclusion:
    """The results of a round. Raises `not-found`."""
    held = await see_round(transaction, reader, target.round_id)
    tool, scale = await context.tools.tool(transaction, held.tool, held.tool_version)
    earlier = await RoundRepository(transaction).read(held.repeats) if held.repeats else None
    sealed = (await transaction.connection.execute(_WORDS, {"id": held.id})).scalar_one()
    return Conclusion(
        round=held,
        tool=tool,
        scale=scale,
        results=await round_results(transaction.connection, held.id),
        words=context.secrets.open(transaction.org, WORDS, sealed) if sealed else "",
        earlier=earlier,
        earlier_results=await round_results(transaction.connection, earlier.id) if earlier else None,
    )


async def conclude_round(transaction: Transaction, context: Context, officer: Identity, target: Target, words: str) -> None:
    """Write down what a round found: good practice, areas for development, what is to be done about the theme."""
    held = await hold_round(transaction, officer, target.round_id)
    if len(words) > MOST_LETTERS:
        error = FieldError("/words", f"{MOST_LETTERS:,} letters at most")
        raise DomainError("invalid-conclusion", "Nothing was changed. See `errors`.", Kind.MALFORMED, (error,))
    held.expect_revision(target.revision)
    sealed = context.secrets.seal(transaction.org, WORDS, words.strip()) if words.strip() else None
    await transaction.connection.execute(_CONCLUDE, {"org": transaction.org, "id": held.id, "words": sealed})
    repository = RoundRepository(transaction)
    await repository.touch(held.id)
    await repository.add_step(held.id, officer.subject, "concluded")
