"""Each migration says which it is, an expansion or a contraction, and does nothing else (docs/guides/upgrading.md)."""

import re
from pathlib import Path
from types import ModuleType

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from tests.architecture.changes_of_schema import faults, sql_of, statements

ROOT = Path(__file__).resolve().parents[2]
BEFORE = {
    "services/audit": "0016",
    "services/feedback": "0023",
    "services/complaints": "0027",
    "services/reporting": "0041",
    "gateway": "0020",
}
"""The last migration of each from before the rule (30 November 2026)."""

EXPAND, CONTRACT = "expand", "contract"


def judged(module: ModuleType, sql: str) -> list[str]:
    """What is wrong with a migration as it declares itself."""
    change = getattr(module, "change", None)
    if change == EXPAND:
        return faults(sql)
    if change != CONTRACT:
        return [f'says change = {change!r}: "{EXPAND}" or "{CONTRACT}"']
    needs = getattr(module, "needs", "")
    if not re.fullmatch(r"[0-9]{4}", needs) or needs >= module.revision:
        return ["a contraction says in `needs` which migration the oldest program knows that lives with it"]
    said = any(each.startswith("comment on table") and "alembic_version" in each for each in statements(sql))
    return [] if said else ["a contraction calls `chassis.migrate.contracted`"]


@pytest.mark.parametrize("deployable", BEFORE)
def test_each_new_migration_is_what_it_says(deployable: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / deployable / "migrations"))
    for script in ScriptDirectory.from_config(config).walk_revisions():
        if script.revision > BEFORE[deployable]:
            sql = sql_of(ROOT / deployable, str(script.down_revision), script.revision)
            assert judged(script.module, sql) == [], script.path


GOOD = """
    create table audit.note (org text not null, id uuid primary key);
    create index note_org on audit.note (org);
    alter table audit.note enable row level security;
    create policy own on audit.note using (org = current_setting('app.org', true));
    alter table audit.audit add column colour text;
    alter table audit.audit add column weight int not null default 0;
    alter table audit.audit add constraint weighed check (weight >= 0) not valid;
    alter table audit.audit validate constraint weighed;
    alter table audit.audit alter column colour set default 'drop table audit.audit';
    COMMIT;
    create index concurrently audit_colour on audit.audit (org, colour);
    BEGIN;
    create function audit.paint() returns void language sql as $$ delete from audit.audit; drop table audit.audit $$;
    grant select on audit.note to audit_app;
    UPDATE audit.alembic_version SET version_num='0017' WHERE audit.alembic_version.version_num = '0016';
    -- drop table audit.audit
"""


def test_an_expansion_may_add() -> None:
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    "statement",
    [
        "drop table audit.audit",
        "alter table audit.audit drop column team",
        "ALTER TABLE audit.audit\n  RENAME COLUMN team TO squad",
        "alter table audit.audit rename to review",
        "alter table audit.audit alter column team type varchar(10)",
        "alter table audit.audit alter column team set not null",
        "alter table audit.audit add column colour text not null",
        "alter table audit.audit add colour text not null",
        "alter table audit.audit add column a text, add column b text not null",
        "alter table audit.audit add column made uuid default gen_random_uuid()",
        "alter table audit.audit add constraint one unique (org, team)",
        "alter table audit.audit add constraint one check (weight > 0)",
        "alter table audit.audit add foreign key (team) references audit.team",
        "create index audit_team on audit.audit (team)",
        "create unique index concurrently audit_team on audit.audit (team)",
        "create policy stricter on audit.audit as restrictive using (false)",
        "alter table audit.audit force row level security",
        "create trigger noted before insert on audit.audit for each row execute function audit.note()",
        "revoke select on audit.audit from audit_app",
        "update audit.audit set colour = 'red'",
        "insert into audit.note select org, id from audit.audit",
        "drop function audit.sees_audit",
        "set lock_timeout = 0",
        "lock table audit.audit",
    ],
)
def test_an_expansion_may_not(statement: str) -> None:
    assert faults(f"{GOOD};\n{statement};") != []


def _declared(**values: str) -> ModuleType:
    module = ModuleType("migration")
    module.__dict__.update({"revision": "0050", **values})
    return module


class TestDeclared:
    def test_one_that_says_nothing_is_refused(self) -> None:
        assert judged(_declared(), "select 1") != []

    def test_one_that_says_expand_and_takes_away_is_refused(self) -> None:
        assert judged(_declared(change=EXPAND), "drop table audit.audit") != []

    def test_a_contraction_says_from_which_program_on_the_schema_carries(self) -> None:
        sql = "drop table audit.old"
        noted = f"{sql}; comment on table audit.alembic_version is 'needs 0049'"
        assert judged(_declared(change=CONTRACT), noted) != []
        assert judged(_declared(change=CONTRACT, needs="0050"), noted) != []
        assert judged(_declared(change=CONTRACT, needs="0049"), sql) != []
        assert judged(_declared(change=CONTRACT, needs="0049"), noted) == []


def test_what_was_done_before_the_rule_is_read_by_it_too() -> None:
    """A reader that finds nothing in real migrations would find nothing in the next one either."""
    sql = sql_of(ROOT / "services/audit", "0014", "0015")
    assert any("takes away" in each for each in faults(sql))
