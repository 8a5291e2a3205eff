"""The tables of webhooks, as the migrations make them."""

from sqlalchemy import ARRAY, Column, DateTime, Integer, LargeBinary, SmallInteger, Table, Text, Uuid

from gateway.adapters.tables import metadata

_MOMENT = DateTime(timezone=True)

subscription = Table(
    "webhook_subscription",
    metadata,
    Column("subscription_id", Text, primary_key=True),
    Column("org", Text, nullable=False),
    Column("client_id", Text),
    Column("name", Text, nullable=False),
    Column("address", LargeBinary),
    Column("contact", LargeBinary),
    Column("types", ARRAY(Text), nullable=False),
    Column("areas", ARRAY(Text), nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("secret", LargeBinary),
    Column("previous_secret", LargeBinary),
    Column("previous_until", _MOMENT),
    Column("revision", Integer, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("live_from", _MOMENT),
    Column("failing_since", _MOMENT),
    Column("disabled_at", _MOMENT),
    Column("deleted_at", _MOMENT),
)

message = Table(
    "webhook_message",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("org", Text, nullable=False),
    Column("subscription_id", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("kept_at", _MOMENT, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("attempts_before", Integer, nullable=False),
    Column("next_try_at", _MOMENT, nullable=False),
    Column("status", SmallInteger),
    Column("kind", Text),
    Column("ms", Integer),
    Column("done_at", _MOMENT),
)

attempt = Table(
    "webhook_attempt",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("org", Text, nullable=False),
    Column("number", Integer, primary_key=True),
    Column("at", _MOMENT, nullable=False),
    Column("status", SmallInteger),
    Column("kind", Text),
    Column("ms", Integer),
)
