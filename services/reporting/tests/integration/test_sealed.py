from chassis.testing.fixtures import Database
from chassis.testing.sealing import assert_declared
from reporting.sealed import SEALED


async def test_every_binary_column_is_declared_as_sealed_or_plain(database: Database) -> None:
    await assert_declared(database, SEALED)
