"""The operator's command `loop`.

A command lives in a module of its own that is imported when it is called for, so that `loop status` does not pay for the
imports of `loop demo`. To add one: a module with a Typer `app`, and a line in `COMMANDS`.
"""

import importlib
import importlib.util
import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from loop_cli.servers.process import ServerError

COMMANDS = {
    "up": "loop_cli.commands",
    "down": "loop_cli.commands",
    "restart": "loop_cli.restart",
    "status": "loop_cli.commands",
    "logs": "loop_cli.commands",
    "reset": "loop_cli.commands",
    "roles": "loop_cli.roles",
    "demo": "loop_cli.demo",
    "profile": "loop_cli.profile",
    "compare": "loop_cli.compare",
    "replay": "loop_cli.operate",
    "dead-letters": "loop_cli.operate",
    "client": "loop_cli.operate",
    "webhook": "loop_cli.webhooks",
    "broker": "loop_cli.broker",
    "operator": "loop_cli.operator_keys",
    "sessions": "loop_cli.sessions",
    "trail": "loop_cli.trail",
    "retention": "loop_cli.retention",
    "subject": "loop_cli.subject",
    "bi-role": "loop_cli.bi_roles",
    "maintenance": "loop_cli.maintenance",
    "keys": "loop_cli.keys",
    "passwords": "loop_cli.passwords",
    "backup": "loop_cli.backup",
    "restore": "loop_cli.backup",
    "doctor": "loop_cli.doctor",
    "deploy": "loop_cli.deploy",
    "verify": "loop_cli.verify",
}
"""Name to module. The module's `app` has the command of that name, or is the group or command itself."""


class LazyCommands(TyperGroup):
    """Commands that are imported when they are used."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of the commands that are installed, in the order of use."""
        del ctx
        return [name for name, module in COMMANDS.items() if importlib.util.find_spec(module)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import one command; None where there is none of that name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        found = typer.main.get_command(importlib.import_module(COMMANDS[cmd_name]).app)
        if isinstance(found, TyperGroup) and cmd_name in found.commands:
            return found.commands[cmd_name]
        found.name = cmd_name
        return found


_typer = typer.Typer(cls=LazyCommands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@_typer.callback()
def _about() -> None:
    """Learning Loop: run it, look after it, load it."""


def app() -> NoReturn:
    """Run the command line; an error that the operator can do something about is one message, not a traceback."""
    try:
        _typer()
    except ServerError as error:
        print(f"\n{error}", file=sys.stderr)  # noqa: T201 - the message is the interface
        sys.exit(1)
    sys.exit(0)


if __name__ == "__main__":
    app()
