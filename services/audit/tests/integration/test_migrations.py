"""Migrations, up and down and up again."""

from chassis.testing.fixtures import Databases, migrate


class TestMigrations:
    def test_they_go_up_and_down_and_up_again(self, databases: Databases) -> None:
        with databases.clone("audit", migrate("audit")) as database:
            migrate("audit", down=True)(database.url("owner"))
            # Without cascade: it fails where the way down left something behind.
            databases.execute(database.name, "begin; drop table audit.alembic_version; drop schema audit; rollback")
            migrate("audit")(database.url("owner"))
