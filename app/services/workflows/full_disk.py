"""Tells a full disk from the job runtime's other database errors."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError


def is_full_disk(error: Exception) -> bool:
    """Whether SQLite could not write for want of space (https://www.sqlite.org/rescode.html#full)."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
