"""Looking back from an action: what the evidence of its theme said before and after it."""

from dataclasses import dataclass

from chassis.errors import not_found
from chassis.profile_store import ProfileStore
from chassis.unit_of_work import Transaction
from reporting.adapters import progress_repository
from reporting.adapters.tally_repository import TallyRepository
from reporting.adapters.tracker_repository import TrackerRepository
from reporting.domain import before_after
from reporting.domain.before_after import Compared, Spans
from reporting.domain.evaluation import Scope
from reporting.domain.meanings import meanings
from reporting.domain.measures import Collection
from reporting.domain.periods import Kind, containing
from reporting.domain.profile import Profile, Theme
from reporting.domain.tracker import TrackedAction
from reporting.domain.tracker_filters import TrackerFilters
from reporting.use_cases.read_report import Reader

SHOWN = 20  # actions beside a theme


@dataclass(frozen=True)
class LookedBack:
    """An action and what was before and after it; without spans too little time has passed."""

    profile: Profile
    theme: Theme
    action: TrackedAction
    spans: Spans | None
    compared: list[Compared]


async def actions_of(transaction: Transaction, reader: Reader, theme: str, area: str | None) -> list[TrackedAction]:
    """The actions of a theme that were completed last set first, as far as the reader may see them."""
    filters = TrackerFilters(reader.today, reader.areas, service_area=area, theme=theme, show="completed", sort="set")
    return list(await TrackerRepository(transaction).page(filters, SHOWN))


class LookBack:
    """Looks back from actions of one organisation."""

    def __init__(self, store: ProfileStore[Profile]) -> None:
        self._store = store

    async def read(self, transaction: Transaction, reader: Reader, theme: str, key: str) -> LookedBack:
        """An action of a theme by its key.

        Raises DomainError: 404 for a theme or an action that there is not, that has not that theme, is not completed or not the
        reader's; 503 while the read model is being rebuilt.
        """
        profile = (await self._store.current(transaction)).profile
        found = next((each for each in profile.organisation.themes if each.code == theme), None)
        if found is None:
            raise not_found("theme")
        await progress_repository.assert_complete(transaction)
        filters = TrackerFilters(reader.today, reader.areas, theme=theme, show="completed", keys=(key,))
        actions = await TrackerRepository(transaction).page(filters, 1)
        if not actions or actions[0].done_on is None:
            raise not_found("action")
        action, done_on = actions[0], actions[0].done_on
        facts = TallyRepository(transaction)
        latest = await facts.latest()
        at = before_after.spans(done_on, reader.today, latest.get(Collection.COMPLAINTS))
        if at is None:
            return LookedBack(profile, found, action, None, [])
        scope = Scope(profile, containing(done_on, Kind.QUARTER), reader.today, reader.areas, await facts.begun())
        asked = before_after.tallies(theme, action.service_area, at)
        answers = await facts.answer(asked, meanings(profile))
        compared = before_after.compared(scope, theme, action.service_area, at, answers, latest)
        return LookedBack(profile, found, action, at, compared)
