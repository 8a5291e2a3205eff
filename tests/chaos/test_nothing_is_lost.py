"""The short form of `make chaos`: everything is killed once, and cut off, under load; then the auditor looks at what is left.

And the auditor itself: each invariant that is broken on purpose is found.
"""

import itertools
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from loop_cli.operator import Operator
from tests.chaos.auditor import QUERIES, audit, in_database, view
from tests.chaos.copies import Copies
from tests.chaos.faults import plan
from tests.chaos.installation import Installation
from tests.chaos.journal import Journal
from tests.chaos.mixed import ORGS, PATIENCE, MixedLoad
from tests.chaos.running import come_to_rest, run
from tests.projected import wait_until_projected

pytestmark = [pytest.mark.chaos, pytest.mark.stack]

SEED = 1
SHORT = (
    "kill -9 complaints-worker",
    "kill -9 reporting-worker",
    "kill -9 postgres",
    "kill -9 complaints",
    "kill -9 gateway",
    "network to postgres stalled",
    "broker storage wiped",
    "acknowledgements lost for longer than the duplicate window",
)
JOURNAL = Journal()
"""Of the run, for the tests after it."""


class TestNothingIsLost:
    async def test_whatever_goes_wrong_every_invariant_holds(self, stack: Installation) -> None:
        with Operator.of(stack.layout.root) as operator:
            load = MixedLoad(stack.url, operator, seed=SEED, pause=0.3, journal=JOURNAL)
            copies = Copies(stack.url, operator)
        faults = itertools.islice(plan(SEED, SHORT), len(SHORT))
        assert await run(stack, load, faults, pause=(0.1, 0.5), copies=copies) == []
        assert load.unexpected == []
        assert [str(each) for each in audit(stack, JOURNAL)] == [], json.dumps(JOURNAL.happened, indent=1)
        assert {kind for kind, answer in JOURNAL.counts() if answer == "done"} >= {
            "outcome", "correction", "complaint", "step", "compliment", "response", "invitation", "survey", "kpi",
        }  # fmt: skip

    def test_a_replay_from_empty_gives_the_same_facts(self, stack: Installation) -> None:
        before = sorted(map(str, view(stack, "reported")))
        with Operator.of(stack.layout.root) as operator:
            operator.call("POST", "/reporting/v1/replay", org=ORGS[0])
        deadline = time.monotonic() + PATIENCE
        pending = "select count(*) from reporting.consumer_command where done_at is null"
        while int(stack.postgres.run_sql(pending, database="loop")):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        wait_until_projected(stack)
        assert before
        assert sorted(map(str, view(stack, "reported"))) == before


ONE = "(select event_id from reporting.inbox where source = 'audit' order by sequence limit 1)"
BROKEN = {
    "an event is missing from the inbox": (
        (
            f"create table public.kept as select * from reporting.inbox where event_id = {ONE}; delete from reporting.inbox "
            f"where event_id = {ONE}"
        ),
        "insert into reporting.inbox select * from public.kept; drop table public.kept",
        "The inbox holds",
    ),
    "a fact is counted for another organisation as well": (
        (
            "insert into reporting.fact_compliment "
            "select (jsonb_populate_record(f, jsonb_build_object('org', 'telford-wrekin'))).* "
            "from reporting.fact_compliment f where org = 'worcestershire' limit 1"
        ),
        (
            "delete from reporting.fact_compliment t using reporting.fact_compliment w where t.org = 'telford-wrekin' "
            "and w.org = 'worcestershire' and t.compliment_id = w.compliment_id"
        ),
        "Every record is in reporting exactly once",
    ),
    "a part of a fact is missing": (
        (
            "create table public.kept as select * from reporting.fact_point limit 1; "
            "delete from reporting.fact_point p using public.kept k where p.org = k.org and p.point_id = k.point_id"
        ),
        "insert into reporting.fact_point select * from public.kept; drop table public.kept",
        "Every record is in reporting exactly once",
    ),
    # Below all numbers, where neither relay nor consumer looks.
    "a number of the log is missing": (
        "update audit.outbox set sequence = -2 where sequence = 2",
        "update audit.outbox set sequence = 2 where sequence = -2",
        "The numbers of each log",
    ),
    "a link was used twice": (
        (
            "insert into feedback.response select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), "
            "'language', 'xx'))).* from feedback.response r where invitation_id is not null limit 1"
        ),
        "delete from feedback.response where language = 'xx'",
        "A link is used at most once",
    ),
    "a stage is due a day too late": (
        (
            "update complaints.stage set due_on = due_on + 1, answer_by = answer_by + 1 where (org, complaint_id, number) in "
            "(select org, complaint_id, number from complaints.stage order by complaint_id limit 1)"
        ),
        (
            "update complaints.stage set due_on = due_on - 1, answer_by = answer_by - 1 where (org, complaint_id, number) in "
            "(select org, complaint_id, number from complaints.stage order by complaint_id limit 1)"
        ),
        "A stage is due so many working days after",
    ),
    "an entry of the trail was changed": (
        "alter table audit.trail disable trigger user; update audit.trail set subject = 'x' || subject where number = 2",
        "update audit.trail set subject = substr(subject, 2) where number = 2; alter table audit.trail enable trigger user",
        "Every chain of the trail holds",
    ),
    "the answer under a key was lost": (
        (
            "create table public.kept as select * from complaints.idempotency limit 1; "
            "delete from complaints.idempotency i using public.kept k "
            "where (i.org, i.client, i.key) = (k.org, k.client, k.key)"
        ),
        "insert into complaints.idempotency select * from public.kept; drop table public.kept",
        "Work and its answer under a key are one",
    ),
    "a feed hides a row": (
        (
            "do $$ begin execute format('create policy hidden on reporting.fact_compliment as restrictive for select to "
            "reporting_app using (compliment_id <> %L)', (select compliment_id from reporting.fact_compliment limit 1)); end $$"
        ),
        "drop policy hidden on reporting.fact_compliment",
        "A feed holds what its table holds",
    ),
    "a row is of nobody": (
        (
            "create table public.kept as select org, id from complaints.compliment limit 1; alter table complaints.compliment "
            "disable trigger all; update complaints.compliment c set org = 'nobody' from public.kept k where c.id = k.id"
        ),
        (
            "update complaints.compliment c set org = k.org from public.kept k where c.id = k.id; alter table "
            "complaints.compliment enable trigger all; drop table public.kept"
        ),
        "Every row is of an organisation",
    ),
}
"""What is broken, how, how it is mended, and the beginning of the invariant that has to be found broken."""
OTHERS = {
    "A stage is due so many working days after": "clocks",
    "Every chain of the trail holds": "chains",
    "A feed holds what its table holds": "feeds",
    "Every row is of an organisation": "organisations",
}
"""Where the check is no query."""


@contextmanager
def broken(stack: Installation, how: str, mended: str) -> Iterator[None]:
    """Broken meanwhile, by whoever has the database."""
    stack.postgres.run_sql(f"begin; {how}; commit", database="loop")
    try:
        yield
    finally:
        stack.postgres.run_sql(f"begin; {mended}; commit", database="loop")


class TestAuditor:
    """Needs what the run before it left behind."""

    @pytest.mark.parametrize("what", BROKEN)
    def test_it_finds_what_is_broken(self, stack: Installation, what: str) -> None:
        how, mended, expected = BROKEN[what]
        with broken(stack, how, mended):
            found = [each.invariant for each in audit(stack, JOURNAL, OTHERS.get(expected, QUERIES))]
        assert any(invariant.startswith(expected) for invariant in found), found

    @pytest.mark.parametrize(
        ("answer", "changed", "expected"),
        [
            ("done", {"reference": "never-stored"}, "What was answered 2xx is stored exactly once"),
            ("done", {"id": "00000000-0000-4000-8000-000000000000"}, "What was answered 2xx is stored exactly once"),
            ("done", {"answer": "refused"}, "What was refused left nothing behind"),
            ("done", {"parts": 99}, "What is stored is whole"),
            ("done", {"org": "telford-wrekin"}, "Nothing that one organisation sent is with another"),
        ],
    )
    def test_it_finds_what_was_sent_and_is_not_as_it_was_answered(
        self, stack: Installation, answer: str, changed: dict[str, object], expected: str
    ) -> None:
        one = next(each for each in JOURNAL.sent if each.kind == "outcome" and each.org == ORGS[0] and each.answer == answer)
        found = [each.invariant for each in in_database(stack, Journal(sent=[replace(one, **changed)]))]  # type: ignore[arg-type]
        assert any(invariant.startswith(expected) for invariant in found), found

    def test_it_finds_nothing_once_all_is_mended(self, stack: Installation) -> None:
        come_to_rest(stack)
        assert [str(each) for each in audit(stack, JOURNAL)] == []
