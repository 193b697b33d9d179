"""Where the Python client keeps its copy: an SQLite file with one row per record. `sqlite3 copy.db` shows what is in it.

An app that has a database of its own writes a class with the same methods instead."""

import json
import sqlite3

TABLES = """
CREATE TABLE IF NOT EXISTS records (
    model TEXT NOT NULL, id INTEGER NOT NULL, data TEXT, data_hash INTEGER, PRIMARY KEY (model, id));
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS writes (n INTEGER PRIMARY KEY, content TEXT NOT NULL);
"""


class SQLiteStorage:
    """Records by model and id, the state of the client, and the writes that wait to be sent."""

    def __init__(self, path=":memory:"):
        self.path = path
        self.database = sqlite3.connect(path, isolation_level=None)
        # A commit is on disk when it returns, and somebody else may read meanwhile.
        self.database.executescript("PRAGMA journal_mode = wal; PRAGMA synchronous = full;" + TABLES)

    def commit(self, state=None, put=(), drop=(), drop_models=(), drop_all=False, writes=None):
        """Everything in one transaction, which is on disk when this returns. What is dropped is dropped first.

        state: names and values to keep; put: rows (model, id, data, data_hash); drop: pairs (model, id);
        writes: contents by number, None for one that is done."""
        run = self.database
        run.execute("BEGIN IMMEDIATE")
        try:
            if drop_all:
                run.execute("DELETE FROM records")
            run.executemany("DELETE FROM records WHERE model = ?", [(model,) for model in drop_models])
            run.executemany("DELETE FROM records WHERE model = ? AND id = ?", drop)
            run.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)",
                            [(model, record_id, to_json(data), data_hash) for model, record_id, data, data_hash in put])
            run.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)",
                            [(key, to_json(value)) for key, value in (state or {}).items()])
            for n, content in (writes or {}).items():
                run.execute("DELETE FROM writes WHERE n = ?", (n,))
                if content is not None:
                    run.execute("INSERT INTO writes VALUES (?, ?)", (n, to_json(content)))
            run.execute("COMMIT")
        except BaseException:
            run.execute("ROLLBACK")
            raise

    def state(self):
        """What `commit` was given as state, by name."""
        return {key: json.loads(value) for key, value in self.database.execute("SELECT key, value FROM meta")}

    def models(self):
        """The models of which there are records, by name."""
        return [model for (model,) in self.database.execute("SELECT DISTINCT model FROM records ORDER BY model")]

    def record(self, model, record_id):
        """The data of a record; None where there is no such record."""
        row = self.database.execute("SELECT data FROM records WHERE model = ? AND id = ?", (model, record_id)).fetchone()
        return json.loads(row[0]) if row else None

    def records(self, model):
        """Pairs of id and data, by id."""
        for record_id, data in self.database.execute("SELECT id, data FROM records WHERE model = ? ORDER BY id", (model,)):
            yield record_id, json.loads(data)

    def hashes(self, model):
        """Pairs of id and data_hash, by id."""
        return self.database.execute("SELECT id, data_hash FROM records WHERE model = ? ORDER BY id", (model,)).fetchall()

    def writes(self):
        """The writes that wait, or wait to be decided about, by number, the oldest first."""
        return {n: json.loads(content) for n, content in self.database.execute("SELECT n, content FROM writes ORDER BY n")}


def to_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
