"""How the migrations of the feedback service run; see `chassis.migrate`."""

from alembic import context

from chassis import migrate

migrate.run(context, "feedback")
