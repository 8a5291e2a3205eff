"""The tables of the schema `gateway`, as the migrations make them."""

from sqlalchemy import ARRAY, Column, Date, DateTime, MetaData, Table, Text

metadata = MetaData(schema="gateway")
_MOMENT = DateTime(timezone=True)

organisation = Table(
    "organisation",
    metadata,
    Column("org", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("changed_at", _MOMENT, nullable=False),
)

client = Table(
    "client",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("org", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("areas", ARRAY(Text), nullable=False),
    Column("secret_hash", Text, nullable=False),
    Column("key_hash", Text, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("disabled_at", _MOMENT),
    Column("last_used_on", Date),
)

session = Table(
    "session",
    metadata,
    Column("session_hash", Text, primary_key=True),
    Column("org", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("expires_at", _MOMENT, nullable=False),
    Column("ended_at", _MOMENT),
)
