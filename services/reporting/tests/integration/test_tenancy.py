"""An organisation sees its own rows and no other's: in SQL, through views, over HTTP; and unsafe roles do not start."""

from datetime import date
from typing import Any

import pytest
from reporting_ombudsman import wanted
from reporting_records import (
    Sources,
    complaint,
    counting,
    ident,
    outcome,
    point_now,
    points_changed,
    recounted,
    responded,
    response,
)
from reporting_said import all_that_was_said
from reporting_stars import erased
from reporting_work import one_of_each
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from chassis.database import UnsafeRoleError
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from contracts.audit import ActionState, SectionGrade
from contracts.complaints import (
    ComplaintVoided,
    ComplimentReceived,
    OmbudsmanCaseAccepted,
    RepresentationDecided,
    RepresentationReceived,
)
from contracts.feedback import InvitationSent, InvitationWithdrawn, QuestionnairePublished, RemindersDeclined
from reporting.adapters.facts import TABLES, VIEWS
from reporting.bootstrap import build_app
from reporting.settings import ReportingSettings

DAY = date(2022, 4, 4)
COLUMNS = "occurred_at, changed_at, changed_sequence, compliment_id, received_on, service_area, source, external"
FOREIGN = f"insert into fact_compliment (org, {COLUMNS}) select 'telford-wrekin', {COLUMNS} from fact_compliment"
EVERYWHERE = (*TABLES, *VIEWS, "dead_letter", "inbox")


@pytest.fixture
async def both(sources: Sources) -> None:
    """A row in every table for each of two organisations."""
    for org in ("worcestershire", "telford-wrekin"):
        more: dict[str, Any] = {"sections": (), "actions": ()}
        await sources.record(
            outcome(f"{org}-a", DAY, **graded()),
            outcome(f"{org}-b", DAY, cases=-1, **more),
            complaint(f"{org}-a", DAY, categories=["send-other"]),
            responded(f"{org}-a", DAY, 3, ["upheld"]),
            recounted(f"{org}-a", "respond", DAY, responded_on=DAY, ending="answered", findings=["upheld"]),
            points_changed(f"{org}-a", 2, "point-add", point_now(f"{org}-a", 1), point_now(f"{org}-a", 2, became="taken-back")),
            ComplaintVoided(complaint_id=ident("complaint", f"{org}-b"), decided_on=DAY),
            response(f"{org}-a", DAY, {"q": "yes"}),
            counting(f"{org}-a", 1, DAY, counted=True),
            OmbudsmanCaseAccepted(case_id=ident(org, "case"), service_area="send", accepted_on=DAY),
            wanted(org, 2, DAY, deadlines=[("enquiry", DAY, None, None)]),
            InvitationWithdrawn(invitation_id=ident(org, "invitation"), withdrawn_on=DAY),
            InvitationSent(invitation_id=ident(org, "invitation"), channel="text", sent_on=DAY),
            RemindersDeclined(invitation_id=ident(org, "invitation"), declined_on=DAY),
            ComplimentReceived(
                compliment_id=ident(org, "compliment"), received_on=DAY, service_area="send", source="x", external=True
            ),
            QuestionnairePublished(questionnaire="new-ehcp", edition=1, label="Edition 1", versions=()),
            *all_that_was_said(),
            *one_of_each(f"{org}-a", DAY),
            erased(f"{org}-gone", DAY),
            RepresentationReceived(
                representation_id=ident(org, "came"),
                received_on=DAY,
                recorded_on=DAY,
                came_by="phone",
                said="comment",
                from_child=False,
                language="en",
            ),
            RepresentationDecided(representation_id=ident(org, "came"), revision=1, decided_on=DAY, outcome="comment"),
            org=org,
        )


def graded() -> dict[str, Any]:
    return {
        "sections": (SectionGrade(section="plans", state="graded", grade="good"),),
        "actions": (ActionState(action="one", due_on=DAY),),
    }


async def orgs(engine: AsyncEngine, table: str, tenant: str | None) -> list[str]:
    async with engine.connect() as connection:
        if tenant is not None:
            await connection.execute(text("select set_config('app.org', :org, true)"), {"org": tenant})
        return [row.org for row in await connection.execute(text(f"select distinct org from {table} order by org"))]


@pytest.fixture
async def app_engine(database: Database) -> Any:
    engine = create_async_engine(database.url("app").replace("postgresql:", "postgresql+asyncpg:"), poolclass=NullPool)
    yield engine
    await engine.dispose()


@pytest.mark.usefixtures("both")
class TestRows:
    async def test_of_another_organisation_are_invisible_in_every_table_and_view(self, app_engine: AsyncEngine) -> None:
        for table in EVERYWHERE:
            assert await orgs(app_engine, table, "worcestershire") == ["worcestershire"], table
            assert await orgs(app_engine, table, "telford-wrekin") == ["telford-wrekin"], table

    async def test_without_a_tenant_nothing_is_visible(self, app_engine: AsyncEngine, worker_engine: AsyncEngine) -> None:
        for table in EVERYWHERE:
            assert await orgs(app_engine, table, None) == []
            assert await orgs(app_engine, table, "") == []
        for table in TABLES:
            assert await orgs(worker_engine, table, None) == []

    async def test_cannot_be_written_by_the_web_process(self, app_engine: AsyncEngine) -> None:
        for table in TABLES:
            for statement in (f"delete from {table}", f"truncate {table}", f"update {table} set changed_at = now()"):
                async with app_engine.connect() as connection:
                    await connection.execute(text("select set_config('app.org', 'worcestershire', true)"))
                    with pytest.raises(DBAPIError, match="permission denied"):
                        await connection.execute(text(statement))

    async def test_cannot_be_written_for_another_organisation(self, worker_engine: AsyncEngine) -> None:
        async with worker_engine.connect() as connection:
            await connection.execute(text("select set_config('app.org', 'worcestershire', true)"))
            with pytest.raises(DBAPIError, match="row-level security"):
                await connection.execute(text(FOREIGN))

    async def test_reach_no_other_organisations_report(self, client: ServiceClient, profile: dict[str, Any]) -> None:
        path = "/reporting/v1/reports/send-complaints?period=2022-23-q1"
        table = (await client.get(path)).json()["tables"][0]
        assert sum(row["cells"][0]["value"] for row in table["rows"]) == 1
        other = client.acting_as(caller("reporting:read", org="elsewhere"))
        assert (await other.get(path)).status_code == 409  # it has no profile, and learns nothing else

    async def test_dead_letters_are_shown_to_their_organisation_only(self, operator: ServiceClient) -> None:
        own = (await operator.get("/reporting/v1/dead-letters")).json()["items"]
        assert [each["source"] for each in own] == ["audit"]
        assert "envelope" not in own[0]


class TestUnsafeRoles:
    @pytest.mark.parametrize("suffix", ["owner", "admin"])
    async def test_do_not_start(self, suffix: str, database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in keys.environment(database.url(suffix)).items():
            monkeypatch.setenv(name, value)
        application = build_app(ReportingSettings.load())
        with pytest.raises(UnsafeRoleError):
            async with application.router.lifespan_context(application):
                pass
