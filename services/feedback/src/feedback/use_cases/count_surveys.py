"""How the surveys fare, in counts: by the same rule, and of the same letters, as the response rates."""

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
from feedback.domain.rates import RateRow
from feedback.domain.small_groups import column
from feedback.use_cases.count_rates import count_rates


@dataclass(frozen=True, slots=True)
class Line:
    """A questionnaire: its letters as the response rates show them, posters in use, and answers by posters and by staff.

    None is a figure that is withheld. `letters` is None where there were none.
    """

    name: str
    letters: RateRow | None
    posters: int
    by_poster: int | None
    by_staff: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Each questionnaire and last all of them, how many worries are not closed and late, how many answers are held where."""

    organisation: str
    lines: Sequence[Line]
    concerns: Standing
    held: dict[UUID, int]
    profile: FeedbackProfile


async def count_surveys(transaction: Transaction, context: Context, now: datetime, areas: Collection[str]) -> Overview:
    """The overview of an organisation, of these service areas only (all where empty)."""
    applied = await context.profiles.current(transaction)
    rates = await count_rates(transaction, "questionnaire", None, areas, now)
    found = await counts.by_questionnaire(transaction, british_day(now), areas)
    standing = await worry_counts.standing(transaction, areas, now)
    held = await rushes.waiting(transaction, areas)
    profile = applied.profile
    return Overview(profile.organisation.name, _lines(profile, rates, found), standing, held, profile)


def _lines(profile: FeedbackProfile, rates: Sequence[RateRow], found: dict[str, Counts]) -> list[Line]:
    *rows, total = rates
    letters = {row.group: row for row in rows}
    names = {each.code: each.name for each in profile.questionnaires}
    # One that has left the profile is still shown: its letters were sent.
    codes = [*names, *sorted({*found, *letters} - set(names))]
    others = [found.get(code) or Counts(code, 0, 0, 0) for code in codes]
    by_poster, by_staff = column([each.by_poster for each in others]), column([each.by_staff for each in others])
    posters = [each.posters for each in others]
    named = [*((names.get(code, code), letters.get(code)) for code in codes), ("All", total)]
    return [Line(*each) for each in zip(*zip(*named, strict=True), [*posters, sum(posters)], by_poster, by_staff, strict=True)]
