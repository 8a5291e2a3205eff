"""Migrate all services, one after another, in one process: `python -m loop_cli.stack.migrate`.

`LOOP_MIGRATIONS` is a JSON list of `{"service", "url"}`; a URL holds a password, so it is no argument.
"""

import json
import os
from pathlib import Path

from alembic import command
from alembic.config import Config

from loop_cli.stack.services import folder_of


def migrate(folder: Path, url: str) -> None:
    """Bring one service's schema to its newest version."""
    os.environ.pop("LOOP_DATABASE_URL_FILE", None)  # of whoever started us; it names another
    os.environ["LOOP_DATABASE_URL"] = url
    config = Config(folder / "alembic.ini")
    # Relative paths in the file are meant from the file's folder.
    location = config.get_main_option("script_location") or "migrations"
    config.set_main_option("script_location", str(folder / Path(location).name))
    command.upgrade(config, "head")


def main() -> None:
    """Migrate what the environment names."""
    for one in json.loads(os.environ.pop("LOOP_MIGRATIONS")):
        migrate(folder_of(one["service"]), one["url"])
        print(f"{one['service']}: migrated", flush=True)  # noqa: T201 - its log


if __name__ == "__main__":
    main()
