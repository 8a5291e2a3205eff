"""How far the reports are, rebuilding them, and events that were put aside."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from chassis.access import org_of
from chassis.tenancy import INSTALLATION
from chassis.web import uow_of
from reporting.use_cases import follow_progress
from reporting.use_cases.command_consumers import command_consumers
from reporting.web.callers import Anywhere, Operator, OperatorAnywhere
from reporting.web.schemas import (
    CommandAnswer,
    CommandList,
    DeadLetterList,
    ProgressAnswer,
    SourceAnswer,
)


def router() -> APIRouter:
    """`/reporting/v1/progress`, `/replay`, `/dead-letters`, `/commands`."""
    routes = APIRouter(prefix="/reporting/v1", tags=["operation"])

    @routes.get("/progress", summary="How far the reports are")
    async def read_progress(request: Request, identity: Anywhere) -> ProgressAnswer:
        """For each source, the number up to which its events are in the reports, for the whole installation."""
        async with uow_of(request).begin(identity.org or INSTALLATION) as transaction:
            sources, complete = await follow_progress.follow_progress(transaction)
        return ProgressAnswer(sources=[SourceAnswer.model_validate(each) for each in sources], complete=complete)

    @routes.post("/replay", status_code=202, summary="Rebuild every read model from the services' event logs")
    async def replay(request: Request, identity: OperatorAnywhere) -> CommandAnswer:
        """For all organisations. Reports answer 503 until everything that they had shown has been read again."""
        async with uow_of(request).begin(INSTALLATION) as transaction:
            done = await command_consumers(transaction, "rebuild", identity.subject)
        return CommandAnswer.model_validate(done)

    @routes.get("/commands", summary="What became of commands")
    async def list_commands(request: Request, _: OperatorAnywhere) -> CommandList:
        """The last 20 commands, newest first."""
        async with uow_of(request).begin(INSTALLATION) as transaction:
            return CommandList.model_validate({"commands": await follow_progress.list_commands(transaction)})

    @routes.get("/dead-letters", summary="List events that were put aside")
    async def list_dead_letters(
        request: Request,
        identity: Operator,
        after: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> DeadLetterList:
        """The organisation's, newest first: which event, from where, and why."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            items, following = await follow_progress.list_dead_letters(transaction, after, limit)
        return DeadLetterList.model_validate({"items": items, "next": following})

    @routes.post("/dead-letters/redrive", status_code=202, summary="Apply events that were put aside again")
    async def redrive(request: Request, identity: OperatorAnywhere) -> CommandAnswer:
        """For all organisations; what still cannot be applied stays put aside with its new reason."""
        async with uow_of(request).begin(INSTALLATION) as transaction:
            done = await command_consumers(transaction, "redrive", identity.subject)
        return CommandAnswer.model_validate(done)

    return routes
