"""Migrations go up, down and up again on a fresh database."""

from chassis.testing.fixtures import Databases, migrate


class TestMigrations:
    def test_go_down_to_nothing_and_up_again(self, databases: Databases) -> None:
        with databases.clone("reporting", migrate("reporting")) as clone:
            migrate("reporting", down=True)(clone.url("owner"))
            # Without cascade: it fails where the way down left something behind.
            databases.execute(clone.name, "begin; drop table reporting.alembic_version; drop schema reporting; rollback")
            migrate("reporting")(clone.url("owner"))
            check = "select 'reporting.fact_answer'::regclass, 'reporting.feed_survey_answer'::regclass"
            databases.execute(clone.name, check)

    def test_an_installation_that_has_read_events_reads_them_again(self, databases: Databases) -> None:
        with databases.clone("reporting", migrate("reporting")) as clone:
            migrate("reporting", down=True, to="0004")(clone.url("owner"))
            position = "insert into reporting.consumer_position (consumer, source, sequence) values ('reporting', 'audit', 7)"
            databases.execute(clone.name, position)
            migrate("reporting")(clone.url("owner"))
            # Divides by zero where it is not so.
            asked = "(select count(*) from reporting.consumer_command where command = 'rebuild' and requested_by = 'migration')"
            aim = "(select sequence from reporting.rebuild_target where source = 'audit')"
            databases.execute(clone.name, f"select 1 / ({asked} * ({aim} = 7)::int)")
