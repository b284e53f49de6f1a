"""The database as the rest of AutoLynx sees it: `connect(settings)` and `Database.call`.

>>> with connect(settings()) as database:
...     campaign = database.call("get_campaign", id=campaign_id)
"""

from __future__ import annotations

from autolynx.database.costs import WithoutCosts
from autolynx.database.port import CONNECTIONS, Database
from autolynx.settings import Settings

__all__ = ["Database", "connect"]


def connect(settings: Settings, connections: int = CONNECTIONS) -> Database:
    """Choose the transport these settings ask for; nothing is contacted before the first call.

    `connections`: how many calls go on at once at most; over HTTPS their number follows that of the threads.
    """
    database = _transport(settings, connections)
    return database if settings.feature_cost_tracking else WithoutCosts(database)


def _transport(settings: Settings, connections: int) -> Database:
    if settings.supabase_url and settings.supabase_service_role_key:
        from autolynx.database.supabase import SupabaseDatabase

        key = settings.supabase_service_role_key.get_secret_value()
        return SupabaseDatabase(settings.supabase_url, key)
    if settings.database_url:
        from autolynx.database.postgres import PostgresDatabase

        return PostgresDatabase(settings.database_url.get_secret_value(), connections)
    from autolynx.database.embedded import EmbeddedDatabase

    return EmbeddedDatabase(settings.autolynx_home, connections)
