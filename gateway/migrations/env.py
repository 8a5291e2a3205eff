"""Alembic's entry: everything is in `chassis.migrate`."""

from alembic import context

from chassis import migrate

migrate.run(context, "gateway")
