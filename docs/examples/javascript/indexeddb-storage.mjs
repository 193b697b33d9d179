// Storage of the JavaScript client in a browser: IndexedDB, one entry per record, one transaction per commit.

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

export class IndexedDBStorage {
  /** Opens the database with this name, or creates it. */
  static async open(name) {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("records", { keyPath: ["model", "id"] });
      request.result.createObjectStore("meta");
      request.result.createObjectStore("writes");
    };
    return new IndexedDBStorage(await done(request));
  }

  constructor(database) {
    this.database = database;
  }

  /**
   * Everything or nothing, and on disk when this resolves. Drops come first.
   * state: names and values to store; put: rows [model, id, data, hash]; drop: pairs [model, id]; dropModels: names;
   * writes: pairs [n, content], null for a finished one.
   */
  commit({ state = {}, put = [], drop = [], dropModels = [], dropAll = false, writes = [] }) {
    const transaction = this.database.transaction(["records", "meta", "writes"], "readwrite", { durability: "strict" });
    const [records, meta, queue] = ["records", "meta", "writes"].map((name) => transaction.objectStore(name));
    if (dropAll) records.clear();
    for (const model of dropModels) records.delete(whole(model));
    for (const key of drop) records.delete(key);
    for (const [model, id, data, hash] of put) records.put({ model, id, data, hash });
    for (const [name, value] of Object.entries(state)) meta.put(value, name);
    for (const [n, content] of writes) content ? queue.put(content, n) : queue.delete(n);
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  }

  /** The state from `commit`, by name. */
  async state() {
    const meta = this.store("meta");
    const [names, values] = await Promise.all([done(meta.getAllKeys()), done(meta.getAll())]);
    return Object.fromEntries(names.map((name, index) => [name, values[index]]));
  }

  /** The models that have records, by name. */
  async models() {
    const found = [];
    for (let from = []; ; from = [found.at(-1), []]) {
      const cursor = await done(this.store("records").openKeyCursor(IDBKeyRange.lowerBound(from)));
      if (!cursor) return found;
      found.push(cursor.key[0]);
    }
  }

  /** The data of a record; undefined if there is no such record. */
  async record(model, id) {
    return (await done(this.store("records").get([model, id])))?.data;
  }

  /** Pairs of id and data, by id. */
  async records(model) {
    return (await this.rows(model)).map(({ id, data }) => [id, data]);
  }

  /** Pairs of id and hash, by id. */
  async hashes(model) {
    return (await this.rows(model)).map(({ id, hash }) => [id, hash]);
  }

  /** The writes that wait, or wait for a decision, oldest first. */
  writes() {
    return done(this.store("writes").getAll());
  }

  rows(model) {
    return done(this.store("records").getAll(whole(model)));
  }

  store(name) {
    return this.database.transaction(name).objectStore(name);
  }
}

/** The keys of a model: an array sorts after every number. */
function whole(model) {
  return IDBKeyRange.bound([model], [model, []]);
}
