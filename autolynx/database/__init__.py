"""The database as the rest of AutoLynx sees it: `connect(settings)` and `Database.call`.

>>> with connect(settings()) as database:
...     campaign = database.call("get_campaign", id=campaign_id)
"""

from __future__ import annotations

from autolynx.database.costs import WithoutCosts
from autolynx.database.port import Database
from autolynx.settings import Settings

__all__ = ["Database", "connect"]


def connect(settings: Settings) -> Database:
    """Choose the transport these settings ask for; nothing is contacted before the first call."""
    database = _transport(settings)
    return database if settings.feature_cost_tracking else WithoutCosts(database)


def _transport(settings: Settings) -> Database:
    if settings.supabase_url and settings.supabase_service_role_key:
        from autolynx.database.supabase import SupabaseDatabase

        key = settings.supabase_service_role_key.get_secret_value()
        return SupabaseDatabase(settings.supabase_url, key)
    if settings.database_url:
        from autolynx.database.postgres import PostgresDatabase

        return PostgresDatabase(settings.database_url.get_secret_value())
    from autolynx.database.embedded import EmbeddedDatabase

    return EmbeddedDatabase(settings.autolynx_home)
