"""Real PostgreSQL and real NATS JetStream from their wheels, as child processes on this machine.

Used by `loop up` and by the test fixtures. Imports nothing else of this command, so that tests can take it alone.
"""

from loop_cli.servers.nats import NatsServer
from loop_cli.servers.postgres import PostgresServer
from loop_cli.servers.process import ChildProcess, ServerError, free_port, port_is_free, wait_for

__all__ = ["ChildProcess", "NatsServer", "PostgresServer", "ServerError", "free_port", "port_is_free", "wait_for"]
