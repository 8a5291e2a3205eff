"""Records of reporting's own, made as people and systems make them: a plan with an action, and a figure of a KPI."""

from reporting_kpis import batch, posted
from reporting_plans import officer_of

from chassis.days import british_today
from chassis.testing.fixtures import ServiceClient, caller


async def of_our_own(client: ServiceClient) -> None:
    """Open a plan with an action and a milestone, and post a figure."""
    officer = officer_of(client)
    await officer.add_action(await officer.open_plan(), british_today())
    system = client.acting_as(caller("reporting:kpis:write", subject="client:kpis"))
    body = batch([posted("2022-04", 36, 40)])
    answer = await system.post("/reporting/v1/kpis/observations", json=body, headers={"Idempotency-Key": "own"})
    assert answer.is_success, answer.text
