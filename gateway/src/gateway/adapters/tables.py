"""The tables of the schema `gateway`, as the migrations make them."""

from sqlalchemy import ARRAY, Column, Date, DateTime, Integer, LargeBinary, MetaData, Table, Text, func
from sqlalchemy.dialects.postgresql import JSONB

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
    Column("networks", ARRAY(Text), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("disabled_at", _MOMENT),
    Column("disabled_by", Text),
)

credential = Table(
    "credential",
    metadata,
    Column("credential_id", Text, primary_key=True),
    Column("org", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("hash", Text),
    Column("public_key", JSONB(none_as_null=True)),
    Column("mark", Text, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", _MOMENT),
    Column("last_used_on", Date),
    Column("revoked_at", _MOMENT),
    Column("revoked_by", Text),
)

client_refusal = Table(
    "client_refusal",
    metadata,
    Column("org", Text, primary_key=True),
    Column("client_id", Text, primary_key=True),
    Column("credential_id", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("last_at", _MOMENT, nullable=False),
)

assertion = Table(
    "assertion",
    metadata,
    Column("org", Text, primary_key=True),
    Column("client_id", Text, primary_key=True),
    Column("jti_hash", Text, primary_key=True),
    Column("expires_at", _MOMENT, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("session_hash", Text, primary_key=True),
    Column("org", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("label", Text),
    Column("label_sealed", LargeBinary),
    Column("roles", ARRAY(Text), nullable=False),
    Column("areas", ARRAY(Text), nullable=False),
    Column("browser", Text, nullable=False),
    Column("provider", Text),
    Column("provider_subject", Text),
    Column("provider_session", Text),
    Column("proven_at", _MOMENT),
    Column("created_at", _MOMENT, nullable=False),
    Column("last_used_at", _MOMENT, nullable=False),
    Column("expires_at", _MOMENT, nullable=False),
    Column("ended_at", _MOMENT),
)

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("state_hash", Text, primary_key=True),
    Column("org", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("browser_hash", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("expires_at", _MOMENT, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("org", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("issued", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("since", _MOMENT, nullable=False, server_default=func.now()),
)

logout_token = Table(
    "logout_token",
    metadata,
    Column("org", Text, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("jti_hash", Text, primary_key=True),
    Column("expires_at", _MOMENT, nullable=False),
)
