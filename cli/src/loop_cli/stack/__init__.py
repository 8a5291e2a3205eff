"""The embedded installation: everything in processes of this machine, data in one folder."""

from loop_cli.stack.embedded import DEFAULT_PORT, EmbeddedStack
from loop_cli.stack.layout import Layout, StackError

__all__ = ["DEFAULT_PORT", "EmbeddedStack", "Layout", "StackError"]
