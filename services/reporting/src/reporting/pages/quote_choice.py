"""The page on which quotes are chosen for a report. Their words come from the feedback service and are kept nowhere here."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.pages import Form, page, redirect
from chassis.web import uow_of
from reporting.adapters.quote_client import QuoteFilter
from reporting.domain import dimensions
from reporting.domain.profile import Profile
from reporting.domain.report_key import ReportKey
from reporting.pages.form_fields import Writer, number_in
from reporting.pages.report_forms import Key, desk_of, error_context, posted, shown_again, token_for
from reporting.use_cases.choose_quotes import MOST, Offered, areas_of, choose, offered, see_choice
from reporting.use_cases.desk import DeskSetup

Theme = Annotated[str, Query(pattern=r"^([a-z0-9][a-z0-9-]*)?$", max_length=80)]
After = Annotated[str, Query(max_length=250)]
AWAY = {"feedback-away", "quotes-not-set-up"}


def router(setup: DeskSetup) -> APIRouter:
    """`/reporting/reports/{report}/desk/quotes`."""
    routes = APIRouter(prefix="/reporting/reports/{report}/desk/quotes", include_in_schema=False)

    @routes.get("")
    async def show_quotes(request: Request, key: Key, identity: Writer, theme: Theme = "", after: After = "") -> Response:
        """Approved quotes to choose from."""
        return await shown(request, identity, key, theme, after)

    @routes.post("")
    async def save_choice(request: Request, key: Key, identity: Writer) -> Response:
        """Keep a choice: what stands chosen on the page, and what was chosen on its other pages."""
        form = await posted(request, setup, identity)
        try:
            chosen = [UUID(each) for each in (*form.all("kept"), *form.all("quotes"))]
        except ValueError:
            chosen = []
        try:
            async with uow_of(request).begin(org_of(identity)) as transaction:
                await choose(transaction, setup, identity, key, number_in(form, "seen"), chosen)
        except DomainError as error:
            return await shown(request, identity, key, "", "", form=form, error=error)
        return redirect(desk_of(key))

    async def shown(
        request: Request,
        identity: Identity,
        key: ReportKey,
        theme: str,
        after: str,
        *,
        form: Form | None = None,
        error: DomainError | None = None,
    ) -> Response:
        status = shown_again(error) if error else 200
        async with uow_of(request).begin(org_of(identity)) as transaction:
            choice = await see_choice(transaction, setup, identity, key)
            profile = await setup.reports.organisation(transaction)
        found = Offered((), 0, None)
        try:
            areas = areas_of(identity, key)
            found = await offered(setup, org_of(identity), areas, choice.quote_ids, QuoteFilter(theme=theme), after)
        except DomainError as away:
            if away.slug not in AWAY:
                raise
            error, status = away, 503
        chosen = {str(each) for each in choice.quote_ids} if form is None else {*form.all("kept"), *form.all("quotes")}
        here = {str(each.quote_id) for each in found.quotes}
        return page(
            request,
            "quote-choice.html",
            status,
            title="Choose quotes",
            organisation=profile.organisation.name,
            token=token_for(setup, identity),
            desk=desk_of(key),
            here=desk_of(key, "/quotes"),
            key=key,
            choice=choice,
            away=error is not None and error.slug in AWAY,
            options=_options(found, profile),
            chosen=chosen,
            # Chosen on another page of the list; on the first page those that are not there may not be used any more.
            kept=sorted(chosen - here) if after else [],
            found=found,
            most=MOST,
            themes=[(each.code, each.name) for each in profile.organisation.themes],
            theme=theme,
            **error_context(error, "quotes"),
        )

    return routes


def _options(found: Offered, profile: Profile) -> list[tuple[str, str, str]]:
    """Value, words, and where they come from, for each quote."""

    def label(dimension: str, code: str, on: date) -> str:
        return dimensions.label(profile, dimension, code, on, {})

    return [
        (
            str(each.quote_id),
            f"“{each.words}”",
            ", ".join(
                (
                    label("questionnaire", each.questionnaire, each.released_on),
                    label("service_area", each.service_area, each.released_on),
                    *(label("theme", theme, each.released_on) for theme in each.themes),
                    f"approved {each.released_on.day} {each.released_on:%B %Y}",
                )
            ),
        )
        for each in found.quotes
    ]
