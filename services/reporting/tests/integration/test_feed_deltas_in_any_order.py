"""Writers commit in any order and drive old events again, while pullers page and follow delta links.

Every transaction is opened, written to and ended when the test says so; nothing waits for time to pass.
"""

import asyncio
from datetime import date
from itertools import count
from typing import Any

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from reporting_pulling import Numbers, Puller, Writer
from reporting_records import complaint, counting, outcome, point_now, points_changed, responded, response
from reporting_stars import erased, reading, withdrawn
from reporting_work import allocated, submitted
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from chassis.consumer import Received
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from contracts.audit import ActionState
from contracts.base import Event
from reporting.bootstrap import build_app
from reporting.settings import ReportingSettings

DAY = date(2022, 4, 4)
SETS = ("ComplaintPoints", "SurveyAnswers", "AuditActions", "Stars")
AREAS = st.sampled_from(["send", "safeguarding"])
NAMES = st.sampled_from(["a", "b"])
BECAME = st.sampled_from([None, None, "taken-back", "duplicate"])


def _complaint(name: str, area: str) -> list[Event]:
    return [complaint(name, DAY, categories=["send-other", "send-transport"], area=area)]


def _points(name: str, version: int, area: str, became: Any) -> list[Event]:
    first = point_now(name, 1, service_area=area, became=became)
    return [points_changed(name, version, "point-move", first, point_now(name, 2))]


def _actions(name: str, version: int, area: str, number: int) -> list[Event]:
    actions = tuple(ActionState(action=f"x{each}", due_on=DAY) for each in range(number))
    return [outcome(name, DAY, version=version, service_area=area, actions=actions)]


VERSIONS = st.integers(1, 9)
EVENTS = st.one_of(
    st.builds(_complaint, NAMES, AREAS).map(lambda events: ("complaint", events)),
    st.builds(_points, NAMES, VERSIONS, AREAS, BECAME).map(lambda events: ("complaint", events)),
    st.builds(lambda name: [responded(name, DAY, 8, ["upheld", "not-upheld"])], NAMES).map(lambda e: ("complaint", e)),
    st.builds(_actions, NAMES, VERSIONS, AREAS, st.integers(0, 3)).map(lambda events: ("audit", events)),
    st.builds(lambda name: [allocated(name, DAY), submitted(name, "lead", DAY, DAY)], NAMES).map(lambda e: ("audit", e)),
    st.builds(lambda name, area: [response(name, DAY, {"stars": 4, "needs-met": "yes"}, service_area=area)], NAMES, AREAS).map(
        lambda events: ("response", events)
    ),
    st.builds(lambda name, yes: [counting(name, 2, DAY, counted=yes)], NAMES, st.booleans()).map(lambda e: ("response", e)),
    st.builds(
        lambda name, point, scale: [reading(name, point, DAY, corrected=True, **scale)],
        NAMES, st.sampled_from(["start", "end"]), st.sampled_from([{"happy": 2}, {"safe": 2}]),
    ).map(lambda events: ("star", events)),
    st.builds(lambda name: [withdrawn(name, "end", DAY)], NAMES).map(lambda events: ("star", events)),
    st.builds(lambda name: [erased(name, DAY)], st.just("b")).map(lambda events: ("star", events)),
)  # fmt: skip


class World:
    """What all examples share: the database, the application and the loop that both run on."""

    def __init__(self, settings: ReportingSettings, database: Database, keys: Keys, runner: asyncio.Runner) -> None:
        self.run = runner.run
        url = database.url("worker").replace("postgresql:", "postgresql+asyncpg:")
        self.engine = create_async_engine(url, poolclass=NullPool)
        self.app = build_app(settings)
        self.keys = keys
        self.names = count(1)
        self.life = self.app.router.lifespan_context(self.app)

    def client(self, org: str, *areas: str) -> ServiceClient:
        """A client of an organisation, limited to areas."""
        identity = caller("reporting:read", org=org)
        return ServiceClient(
            self.app, self.keys, "reporting", type(identity)(**{**identity.__dict__, "areas": frozenset(areas)})
        )


class AnyOrder(RuleBasedStateMachine):
    """One organisation of its own, three writers, and two pullers of each table: one sees all, one a service area."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.org = f"org-{next(self.world.names)}"
        self.numbers = Numbers(self.org)
        self.writers: list[Writer] = []
        self.held: dict[int, set[str]] = {}  # which records an open writer has, so that no other has to wait for it
        self.aside: list[tuple[str, list[Received]]] = []
        clients = [self.world.client(self.org), self.world.client(self.org, "send")]
        self.pullers = [Puller(client, name) for client in clients for name in SETS]

    def teardown(self) -> None:
        self.world.run(self._compare())

    async def _compare(self) -> None:
        for writer in self.writers:
            await writer.commit()
        for puller in self.pullers:
            await puller.to_the_end()
            await puller.to_the_end()
            assert puller.copy == await puller.table()

    @precondition(lambda self: len(self.writers) < 3)
    @rule()
    def begin(self) -> None:
        """A transaction gets its number."""
        self.writers.append(self.world.run(Writer.begin(self.world.engine, self.org)))

    @precondition(lambda self: self.writers)
    @rule(data=st.data(), of=EVENTS)
    def write(self, data: st.DataObject, of: tuple[str, list[Event]]) -> None:
        """A writer applies what was just recorded, or it is put aside."""
        kind, events = of
        self._apply(data, kind, list(self.numbers.record(events)))

    @precondition(lambda self: self.writers and self.aside)
    @rule(data=st.data())
    def drive_again(self, data: st.DataObject) -> None:
        """A writer applies an old event late."""
        self._apply(data, *self.aside.pop(data.draw(st.integers(0, len(self.aside) - 1))))

    def _apply(self, data: st.DataObject, kind: str, received: list[Received]) -> None:
        writer = data.draw(st.sampled_from(self.writers))
        record = f"{kind} {_name(received[0].event)}"
        others = [self.held.get(id(each), set()) for each in self.writers if each is not writer]
        if any(record in held for held in others):
            self.aside.append((kind, received))
            return
        self.held.setdefault(id(writer), set()).add(record)
        self.world.run(writer.apply(received))

    @precondition(lambda self: self.writers)
    @rule(data=st.data())
    def commit(self, data: st.DataObject) -> None:
        """One of the writers is done, whichever began first."""
        writer = self.writers.pop(data.draw(st.integers(0, len(self.writers) - 1)))
        self.held.pop(id(writer), None)
        self.world.run(writer.commit())

    @precondition(lambda self: self.writers)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        """One of the writers fails, and what it had is put aside."""
        writer = self.writers.pop(data.draw(st.integers(0, len(self.writers) - 1)))
        self.held.pop(id(writer), None)
        self.world.run(writer.rollback())
        self.aside += [(_kind(each.event), [each]) for each in writer.received]

    @rule(at=st.integers(0, len(SETS) - 1))
    def pull_a_page(self, at: int) -> None:
        """The pullers of a table take a page."""
        for puller in (self.pullers[at], self.pullers[len(SETS) + at]):
            self.world.run(puller.one_page())

    @rule()
    def pull_to_the_end(self) -> None:
        """Everybody gets a delta link, whatever is still open."""
        for puller in self.pullers:
            self.world.run(puller.to_the_end())


def _name(event: Any) -> str:
    ids = ("complaint_id", "outcome_id", "audit_id", "response_id", "star_id")
    return next(str(getattr(event, each)) for each in ids if hasattr(event, each))


def _kind(event: Any) -> str:
    kinds = {"complaint_id": "complaint", "outcome_id": "audit", "audit_id": "audit", "response_id": "response"}
    return next((kind for column, kind in kinds.items() if hasattr(event, column)), "star")


def test_copies_end_as_the_tables_are(settings: ReportingSettings, database: Database, keys: Keys) -> None:
    with asyncio.Runner() as runner:
        world = World(settings, database, keys, runner)
        runner.run(world.life.__aenter__())
        try:
            machine = type("Machine", (AnyOrder,), {"world": world})
            run_state_machine_as_test(machine, settings=hypothesis_settings(max_examples=8, stateful_step_count=30))
        finally:
            runner.run(world.life.__aexit__(None, None, None))
            runner.run(world.engine.dispose())
