"""Tables of the channel: credentials, deliveries, followers, windows, sign-ins, template jobs."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from h5app.plumbing.db import UtcMoment, metadata

_ID = BigInteger().with_variant(Integer, "sqlite")

credential = Table(
    "wechat_credential",
    metadata,
    Column("app_id", String(64), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("value", Text, nullable=False, server_default=""),
    Column("expires_at", UtcMoment),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("claimed_by", String(32), nullable=False, server_default=""),
    Column("claimed_until", UtcMoment),
)
"""The access token and the JS ticket; `version` counts the refreshes."""

inbound = Table(
    "wechat_inbound",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("key_hash", LargeBinary(32), nullable=False, unique=True),
    Column("openid", String(128), nullable=False, index=True),
    Column("kind", String(128), nullable=False),
    Column("raw", Text),
    Column("reply", Text, nullable=False),
    Column("received_at", UtcMoment, nullable=False),
    Column("raw_expires_at", UtcMoment, nullable=False, index=True),
    Column("key_expires_at", UtcMoment, nullable=False, index=True),
)
"""One row per thing delivered, however often it came; the raw text goes first, the key later."""

follower = Table(
    "wechat_follower",
    metadata,
    Column("openid", String(128), primary_key=True),
    Column("is_following", Boolean, nullable=False),
    Column("changed_at", UtcMoment, nullable=False),
    Column("first_scene", String(64), nullable=False, server_default=""),
    Column("first_scene_at", UtcMoment),
    Column("is_bound_menu", Boolean, nullable=False, server_default="0"),
    Column("seen_in_sync", String(32), nullable=False, server_default=""),
)
"""Who follows; the first scene is kept as it was first seen."""

window = Table(
    "wechat_window",
    metadata,
    Column("openid", String(128), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("opened_at", UtcMoment, nullable=False),
    Column("sent", Integer, nullable=False, server_default="0"),
)
"""The customer-service windows a customer opened, and how many messages were sent in each."""

late_question = Table(
    "wechat_late_question",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("openid", String(128), nullable=False),
    Column("body", Text, nullable=False),
    Column("asked_at", UtcMoment, nullable=False),
    Column("claimed_until", UtcMoment),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("done_at", UtcMoment),
    Index("ix_wechat_late_question_waiting", "done_at", "asked_at"),
)
"""Questions that were not answered in time for a passive reply."""

template_job = Table(
    "wechat_template_job",
    metadata,
    Column("msgid", String(40), primary_key=True),
    Column("openid", String(128), nullable=False),
    Column("client_msg_id", String(64), nullable=False),
    Column("sent_at", UtcMoment, nullable=False),
    Column("result", String(64), nullable=False, server_default=""),
    Column("result_at", UtcMoment),
)
"""Template messages that the platform took, and what became of them."""

template = Table(
    "wechat_template",
    metadata,
    Column("app_id", String(64), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("template_id", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("found_at", UtcMoment, nullable=False),
)
"""The account's own template for each kind of notice, and the fields its text has places for."""

oauth_state = Table(
    "wechat_oauth_state",
    metadata,
    Column("state_hash", LargeBinary(32), primary_key=True),
    Column("browser_hash", LargeBinary(32), nullable=False),
    Column("return_to", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("expires_at", UtcMoment, nullable=False, index=True),
    Column("code_hash", LargeBinary(32), unique=True),
    Column("used_at", UtcMoment),
    Column("openid", String(128), nullable=False, server_default=""),
    Column("outcome", String(16), nullable=False, server_default=""),
    Column("ended_at", UtcMoment),
)
"""Web authorizations that were begun: which browser, where it goes back to, what became of it."""

grant = Table(
    "wechat_grant",
    metadata,
    Column("openid", String(128), primary_key=True),
    Column("template_id", String(64), primary_key=True),
    Column("left", Integer, nullable=False, server_default="0"),
)
"""How many subscription notices a customer still allows, per template."""

mass_job = Table(
    "wechat_mass_job",
    metadata,
    Column("client_msg_id", String(64), primary_key=True),
    Column("tag_id", Integer, nullable=False),
    Column("month", String(7), nullable=False, index=True),
    Column("msg_id", String(40), nullable=False, server_default=""),
    Column("status", String(64), nullable=False, server_default=""),
    Column("sent_count", Integer, nullable=False, server_default="0"),
    Column("asked_at", UtcMoment, nullable=False),
)
"""Mass messages asked for, to keep within the platform's monthly count."""

sync = Table(
    "wechat_sync",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("run", String(32), nullable=False),
    Column("next_openid", String(128), nullable=False, server_default=""),
    Column("changed_at", UtcMoment, nullable=False),
)
"""How far a follower synchronisation has come, so that it goes on where it stopped."""
