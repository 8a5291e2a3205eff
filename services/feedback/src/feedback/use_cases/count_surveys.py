"""How the surveys fare, in counts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.days import british_day
from chassis.unit_of_work import Transaction
from feedback.adapters import counts, rushes, worry_counts
from feedback.adapters.counts import Counts
from feedback.adapters.worry_counts import Standing
from feedback.context import Context
from feedback.domain.profile import FeedbackProfile


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts of each questionnaire by its name, how many worries are not closed and late, how many answers are held where."""

    organisation: str
    rows: Sequence[tuple[str, Counts]]
    concerns: Standing
    held: dict[UUID, int]
    profile: FeedbackProfile


async def count_surveys(transaction: Transaction, context: Context, now: datetime, areas: Collection[str]) -> Overview:
    """The overview of an organisation, of these service areas only (all where empty)."""
    applied = await context.profiles.current(transaction)
    found = await counts.by_questionnaire(transaction, british_day(now), areas)
    profile = applied.profile
    names = {each.code: each.name for each in profile.questionnaires}
    # One that has left the profile is still shown: its letters were sent.
    codes = [*names, *sorted(set(found) - set(names))]
    none = dict.fromkeys(("letters", "answered", "expired", "withdrawn", "posters", "by_poster", "by_staff"), 0)
    rows = [(names.get(code, code), found.get(code) or Counts(code, **none)) for code in codes]
    standing = await worry_counts.standing(transaction, areas, now)
    held = await rushes.waiting(transaction, areas)
    return Overview(profile.organisation.name, rows, standing, held, profile)
