"""How the migrations of the reporting service run; see `chassis.migrate`."""

from alembic import context

from chassis import migrate

migrate.run(context, "reporting")
