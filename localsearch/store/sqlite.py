"""The SQLite that everything here uses, and how a connection is set up.

pysqlite3 brings SQLite 3.53: the WAL-reset bug of 3.7 to 3.51.2 is fixed and FTS5 knows `secure-delete`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    from pysqlite3 import dbapi2 as sqlite3

__all__ = ["sqlite3"]
