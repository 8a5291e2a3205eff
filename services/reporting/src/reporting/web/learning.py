"""The learning tracker for machines: the same list as the page's, by the same filters."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.days import british_today
from chassis.profile_store import ProfileStore
from chassis.web import uow_of
from reporting.domain.profile import Profile
from reporting.domain.tracker import TrackedAction
from reporting.pages import tracker_asked
from reporting.use_cases.follow_learning import follow_learning
from reporting.web.answers import NOT_CHANGED, OBJECTS, json_answer, shape
from reporting.web.callers import Caller

Limit = Annotated[int, Query(ge=1, le=1000)]
_DAYS = ("set_on", "first_due_on", "due_on", "done_on", "reviewed_on")
_CODES = ("key", "source", "code", "reference", "service_area", "team", "standing", "evidence", "review_result", "difference")

_FOUND = shape(
    {"on": {"type": "string"}, "counts": {"type": "object"}, "actions": OBJECTS, "next": {"type": ["string", "null"]}}
)


def router(store: ProfileStore[Profile]) -> APIRouter:
    """`GET /reporting/v1/learning`."""
    routes = APIRouter(prefix="/reporting/v1/learning", tags=["learning"], responses=NOT_CHANGED)

    @routes.get("", summary="Actions of audits, complaints and feedback", responses=_FOUND)
    async def read_learning(  # noqa: PLR0913, PLR0917 - the filters, named for those who read the interface's description
        request: Request,
        identity: Caller,
        show: str = "open",
        source: str = "",
        area: str = "",
        team: str = "",
        theme: str = "",
        period: str = "",
        on: str = "",
        sort: str = "due",
        after: str | None = None,
        limit: Limit = 200,
    ) -> Response:
        """As they stood at the end of the day `on` (today without it), with the counts; follow `next` to the end.

        `show`: open, on-track, may-miss, missed, completed, dropped or all. `source`: audit, complaints or feedback. `period`:
        when they were set, such as 2022-23-q1. `sort`: due, set or area. Codes and days only; words stay with their service.
        """
        asked_for = {
            "show": show, "source": source, "area": area, "team": team, "theme": theme, "period": period, "on": on,
            "sort": sort,
        }  # fmt: skip
        async with uow_of(request).begin(org_of(identity)) as transaction:
            profile = (await store.current(transaction)).profile
            asked = tracker_asked.read(asked_for, profile, british_today(), identity.areas)
            found = await follow_learning(transaction, asked.filters, limit, after)
        counts = {name: getattr(found.counts, name) for name in found.counts.__dataclass_fields__}
        body = {"on": asked.filters.day, "counts": counts, "actions": [_plain(each) for each in found.actions]}
        return json_answer(request, {**body, "next": found.following})

    return routes


def _plain(action: TrackedAction) -> dict[str, Any]:
    days = {name: getattr(action, name) for name in _DAYS}
    return {**{name: getattr(action, name) for name in _CODES}, "themes": action.themes, **days, "page": action.href}
