"""The tables. Ids of people, collections and devices are opaque texts; ids of items are numbers that are never used again.

Times are seconds since 1970 in UTC. The journal is the only place that orders changes: `stream.head` is the position of the
latest line, `stream.floor` the position below which lines were pruned.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData()

Number = BigInteger().with_variant(Integer, "sqlite")
OPAQUE = String(32)
ON_DELETE = "CASCADE"

account = Table(
    "account",
    metadata,
    Column("id", OPAQUE, primary_key=True),
    Column("login", String(254), nullable=False, unique=True),
    Column("name", String(254), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("is_operator", Boolean, nullable=False),
    Column("language", String(8), nullable=False),
    Column("secret_stamp", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
)

app_password = Table(
    "app_password",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", OPAQUE, ForeignKey("account.id", ondelete=ON_DELETE), nullable=False, index=True),
    Column("label", String(100), nullable=False),
    Column("secret_sha256", String(64), nullable=False, unique=True),
    Column("protocol", String(16), nullable=False),
    Column("client_kind", String(32)),
    Column("device_identifier", String(64)),
    Column("created_at", Float, nullable=False),
    sqlite_autoincrement=True,
)

guess = Table(
    "guess",
    metadata,
    Column("subject", String(300), nullable=False),
    Column("at", Float, nullable=False),
    Index("guess_by_subject", "subject", "at"),
)

collection = Table(
    "collection",
    metadata,
    Column("id", OPAQUE, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("owner_id", OPAQUE, ForeignKey("account.id", ondelete=ON_DELETE), index=True),
    Column("role", String(16), nullable=False),
    Column("name", String(254), nullable=False),
    Column("colour", String(32), nullable=False),
    Column("description", Text, nullable=False),
    Column("item_count", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("properties", JSON, nullable=False),
)

subscription = Table(
    "subscription",
    metadata,
    Column("account_id", OPAQUE, ForeignKey("account.id", ondelete=ON_DELETE), primary_key=True),
    Column("collection_id", OPAQUE, ForeignKey("collection.id", ondelete=ON_DELETE), primary_key=True, index=True),
    Column("is_on", Boolean, nullable=False),
)

EVERYBODY = "*"
"""Stands in `granted.account_id` for all people of the organisation."""

granted = Table(
    "granted",
    metadata,
    Column("collection_id", OPAQUE, ForeignKey("collection.id", ondelete=ON_DELETE), primary_key=True),
    Column("account_id", OPAQUE, primary_key=True, index=True),
    Column("access", Integer, nullable=False),
)

item = Table(
    "item",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("collection_id", OPAQUE, ForeignKey("collection.id", ondelete=ON_DELETE), nullable=False),
    Column("name", String(254), nullable=False),
    Column("uid", String(512), nullable=False),
    Column("component", String(16), nullable=False),
    Column("etag", String(64), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("created_seq", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("starts_at", BigInteger),
    Column("ends_at", BigInteger),
    Column("is_recurring", Boolean, nullable=False),
    Column("known_from", BigInteger, nullable=False, server_default="0"),
    Column("known_until", BigInteger, nullable=False, server_default="0"),
    Column("is_private", Boolean, nullable=False, server_default=false()),
    Column("lasts_until", BigInteger),
    Column("title", String(254), nullable=False),
    Column("search", Text, nullable=False),
    UniqueConstraint("collection_id", "name", name="item_name"),
    UniqueConstraint("collection_id", "uid", name="item_uid"),
    Index("item_by_id", "collection_id", "id"),
    Index("item_by_start", "collection_id", "is_recurring", "starts_at", "ends_at", "known_from", "known_until"),
    Index("item_by_end", "collection_id", "lasts_until"),
    sqlite_autoincrement=True,
)

item_text = Table(
    "item_text",
    metadata,
    Column("item_id", Number, ForeignKey("item.id", ondelete=ON_DELETE), primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
)

item_property = Table(
    "item_property",
    metadata,
    Column("item_id", Number, ForeignKey("item.id", ondelete=ON_DELETE), primary_key=True, autoincrement=False),
    Column("collection_id", OPAQUE, nullable=False, index=True),
    Column("size_bytes", Integer, nullable=False),
    Column("properties", JSON, nullable=False),
)

occurrence = Table(
    "occurrence",
    metadata,
    Column("item_id", Number, ForeignKey("item.id", ondelete=ON_DELETE), nullable=False, index=True),
    Column("collection_id", OPAQUE, nullable=False),
    Column("starts_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Index("occurrence_by_start", "collection_id", "starts_at", "ends_at", "item_id"),
)

stream = Table(
    "stream",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("head", BigInteger, nullable=False),
    Column("floor", BigInteger, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    Column("line", Number, primary_key=True, autoincrement=True),
    Column("stream", String(40), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("op", String(8), nullable=False),
    Column("item_id", Number),
    Column("name", String(254), nullable=False),
    Column("origin", String(64), nullable=False),
    Column("at", Float, nullable=False, index=True),
    Column("lasted_until", BigInteger),
    UniqueConstraint("stream", "seq", name="journal_position"),
    sqlite_autoincrement=True,
)

device = Table(
    "device",
    metadata,
    Column("id", OPAQUE, primary_key=True),
    Column("account_id", OPAQUE, ForeignKey("account.id", ondelete=ON_DELETE), nullable=False),
    Column("protocol", String(16), nullable=False),
    Column("identifier", String(64), nullable=False),
    Column("device_type", String(64), nullable=False),
    Column("agent", String(254), nullable=False),
    Column("protocol_version", String(16), nullable=False),
    Column("client_kind", String(32), nullable=False),
    Column("profile", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("policy_key", BigInteger, nullable=False),
    Column("first_seen", Float, nullable=False),
    Column("last_seen", Float, nullable=False),
    UniqueConstraint("account_id", "protocol", "identifier", name="device_of_person"),
)

shelf = Table(
    "shelf",
    metadata,
    Column("owner", OPAQUE, primary_key=True),
    Column("key", String(120), primary_key=True),
    Column("document", Text, nullable=False),
    Column("blob", LargeBinary),
    Column("at", Float, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("key", String(80), nullable=False, unique=True),
    Column("topic", String(80), nullable=False, index=True),
    Column("channel", String(8), nullable=False),
    Column("account_id", OPAQUE, ForeignKey("account.id", ondelete=ON_DELETE), nullable=False),
    Column("sender", String(254), nullable=False),
    Column("recipients", Text, nullable=False),
    Column("about", String(512), nullable=False),
    Column("content", LargeBinary),
    Column("state", String(8), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", Float, nullable=False),
    Column("claimed_until", Float, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("note", String(200), nullable=False),
    Column("awaited_until", Float, nullable=False, server_default="0"),
    Column("follows", Number, index=True),
    Index("outbox_by_state", "state", "due_at"),
    Index("outbox_of_person", "account_id", "created_at"),
    sqlite_autoincrement=True,
)

arrival = Table(
    "arrival",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("stamped_at", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("at", Float, nullable=False, index=True),
)

mailbox = Table(
    "mailbox",
    metadata,
    Column("collection_id", OPAQUE, ForeignKey("collection.id", ondelete=ON_DELETE), primary_key=True),
    Column("path", Text, nullable=False),
    Column("delimiter", String(8), nullable=False),
    Column("parent_id", OPAQUE),
    Column("special_use", String(16), nullable=False),
    Column("is_selectable", Boolean, nullable=False),
    Column("mailbox_id", String(255), nullable=False),
    Column("uid_validity", BigInteger, nullable=False),
    Column("uid_next", BigInteger, nullable=False),
    Column("highest_modseq", BigInteger, nullable=False),
    Column("messages", BigInteger, nullable=False),
    Column("indexed_from", BigInteger),
    Column("revision", BigInteger, nullable=False),
)

message = Table(
    "message",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("collection_id", OPAQUE, ForeignKey("collection.id", ondelete=ON_DELETE), nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("email_id", String(255), nullable=False),
    Column("message_id", String(255), nullable=False),
    Column("sent_at", BigInteger),
    Column("arrived_at", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("flags", JSON, nullable=False),
    Column("created_seq", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("follow_up", JSON(none_as_null=True)),
    UniqueConstraint("collection_id", "uid", name="message_uid"),
    Index("message_by_id", "collection_id", "id"),
    Index("message_by_arrival", "collection_id", "arrived_at", "id"),
    sqlite_autoincrement=True,
)
