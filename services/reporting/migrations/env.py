"""How the migrations of the reporting service run; see `chassis.migrate`."""

from alembic import context

from chassis import migrate
from reporting.adapters import direct_views

migrate.run(context, "reporting", before=direct_views.remove, after=direct_views.install)
