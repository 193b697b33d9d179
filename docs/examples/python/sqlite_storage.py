"""Storage of the Python client: an SQLite file with one row per record. `sqlite3 copy.db` shows what is in
it. Any thread may use it.

An app with its own database implements the same methods instead."""

import json
import sqlite3
import threading

TABLES = """
CREATE TABLE IF NOT EXISTS records (
    model TEXT NOT NULL, id INTEGER NOT NULL, data TEXT, data_hash INTEGER, PRIMARY KEY (model, id));
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS writes (n INTEGER PRIMARY KEY, content TEXT NOT NULL);
"""


class SQLiteStorage:
    """Records by model and id, the state of the client, and the writes that wait to be sent."""

    def __init__(self, path=":memory:"):
        self.lock = threading.RLock()
        self.database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # A commit is on disk when it returns, and others may read meanwhile.
        self.database.executescript("PRAGMA journal_mode = wal; PRAGMA synchronous = full;" + TABLES)

    def commit(self, state=None, put=(), drop=(), drop_models=(), drop_all=False, writes=None):
        """Everything in one transaction, which is on disk when this returns. Drops come first.

        state: names and values to store; put: rows (model, id, data, data_hash); drop: pairs (model, id);
        writes: contents by number, None for a finished one."""
        with self.lock:
            self.database.execute("BEGIN IMMEDIATE")
            try:
                self._change(state or {}, put, drop, drop_models, drop_all, writes or {})
                self.database.execute("COMMIT")
            except BaseException:
                self.database.execute("ROLLBACK")
                raise

    def _change(self, state, put, drop, drop_models, drop_all, writes):
        run = self.database
        if drop_all:
            run.execute("DELETE FROM records")
        run.executemany("DELETE FROM records WHERE model = ?", [(model,) for model in drop_models])
        run.executemany("DELETE FROM records WHERE model = ? AND id = ?", drop)
        run.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)",
                        [(model, record_id, to_json(data), data_hash) for model, record_id, data, data_hash in put])
        run.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", [(key, to_json(state[key])) for key in state])
        run.executemany("DELETE FROM writes WHERE n = ?", [(n,) for n in writes])
        run.executemany("INSERT INTO writes VALUES (?, ?)",
                        [(n, to_json(content)) for n, content in writes.items() if content is not None])

    def state(self):
        """The state from `commit`, by name."""
        return {key: json.loads(value) for key, value in self._rows("SELECT key, value FROM meta")}

    def models(self):
        """The models that have records, by name."""
        return [model for (model,) in self._rows("SELECT DISTINCT model FROM records ORDER BY model")]

    def record(self, model, record_id):
        """The data of a record; None if there is no such record."""
        rows = self._rows("SELECT data FROM records WHERE model = ? AND id = ?", model, record_id)
        return json.loads(rows[0][0]) if rows else None

    def records(self, model):
        """Pairs of id and data, by id."""
        for record_id, data in self._rows("SELECT id, data FROM records WHERE model = ? ORDER BY id", model):
            yield record_id, json.loads(data)

    def hashes(self, model):
        """Pairs of id and data_hash, by id."""
        return self._rows("SELECT id, data_hash FROM records WHERE model = ? ORDER BY id", model)

    def writes(self):
        """The writes that wait, or wait for a decision, by number, oldest first."""
        return {n: json.loads(content) for n, content in self._rows("SELECT n, content FROM writes ORDER BY n")}

    def _rows(self, query, *values):
        with self.lock:
            return self.database.execute(query, values).fetchall()


def to_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
