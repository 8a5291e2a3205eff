"""Fixtures of the whole repository."""

# Before pytest comes to the folder gateway/ and takes it for a namespace package of that name.
import gateway  # noqa: F401 - imported for its place in sys.modules

pytest_plugins = ["chassis.testing.fixtures"]
