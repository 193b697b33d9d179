// A queue of writes that survives crashes and dead networks. They go to Odoo's own RPC; the feed only brings them
// back.
//
// Every write may be sent twice, since an answer can be lost: what it creates has an external id, by which Odoo finds
// it again. See docs/writing.md.

// Temporary errors of Odoo: it was busy with another transaction, or requires authentication.
const passing = [
  "psycopg2.errors.SerializationFailure", "psycopg2.errors.LockNotAvailable", "psycopg2.errors.DeadlockDetected",
  "psycopg2.OperationalError", "odoo.http.SessionExpiredException", "odoo.exceptions.AccessDenied"];

/** Odoo refuses this: the write is set aside with this text, and the app decides. */
export class Refused extends Error {}

/** Odoo cannot be reached, is busy, or requires authentication: the write waits. */
export class NotNow extends Error {
  constructor(message, retryAfter = null) {
    super(message);
    this.retryAfter = retryAfter;
  }
}

export class OdooWrites {
  /**
   * copy: the Copy that the feed's client keeps; the queue lies in its storage, and its user_id is who writes. With
   * `key` calls go to /jsonrpc; without, to /web/dataset/call_kw, with `session` or the browser's cookie of Odoo.
   */
  static async open({ url, database, copy, key, session }) {
    const queue = new OdooWrites();
    Object.assign(queue, { url: url.replace(/\/$/, ""), database, copy, key, session });
    Object.assign(queue, { lastError: null, failures: 0, notBefore: 0, sending: Promise.resolve() });
    queue.all = new Map((await copy.storage.writes()).map((write) => [write.n, write]));
    return queue;
  }

  /** How many of this user's writes wait. */
  get waiting() {
    return this.own().filter((write) => write.state === "waiting").length;
  }

  /** How many were set aside. */
  get refused() {
    return this.own().filter((write) => write.state === "refused").length;
  }

  /**
   * Queues a write, and resolves to the name of its record: its number, or the external id of a record that is made
   * here.
   *
   * Without `record` values make a record; with it they change it, or `remove` deletes it. A record that was made here
   * is named by its external id until a pull has brought its number; its values are as Odoo's import takes them
   * (many2one as `partner_id/.id`). write_date: as the user saw it; if Odoo has another one by then, the write is set
   * aside.
   */
  async add({ model, values = null, record = null, write_date = null, delete: remove = false }) {
    if ((!values && !remove) || (remove && record === null)) {
      throw new Error("A write needs values, or delete and a record.");
    }
    record ??= `__import__.app_${crypto.randomUUID().replaceAll("-", "")}`;
    const made = [...this.all.values()].find((write) => write.record === record && write.id);
    await this.keep({
      n: Math.max(0, ...this.all.keys()) + 1, user_id: this.copy.state.user_id, model, record, id: made?.id ?? null,
      values: remove ? null : values, write_date, state: "waiting", error: null });
    return record;
  }

  /** Sends what waits, in order, as far as Odoo takes it. Resolves to the numbers of all that it has taken. */
  send() {
    const mine = this.sending.then(() => this.sendNow());
    this.sending = mine.catch(() => {});
    return mine;
  }

  async sendNow() {
    for (let write; Date.now() >= this.notBefore && (write = this.next()); ) {
      try {
        await this.carryOut(write);
        Object.assign(this, { lastError: null, failures: 0 });
      } catch (problem) {
        if (problem instanceof Refused) await this.keep({ ...write, state: "refused", error: problem.message });
        else if (problem instanceof NotNow) this.wait(problem);
        else throw problem;
      }
    }
    return [...this.all.values()].filter((write) => write.state === "sent").map((write) => write.n);
  }

  /** A sent write that has returned with a pull is done. */
  async forget(numbers) {
    await this.copy.commit({}, { writes: numbers.map((n) => [n, null]) });
    for (const n of numbers) this.all.delete(n);
  }

  /** Discards a write for the user. */
  discard(n) {
    return this.forget([n]);
  }

  /** Sends one again that was set aside; `{ write_date: null }` writes over what others wrote. */
  retry(n, changes = {}) {
    return this.keep({ ...this.all.get(n), state: "waiting", error: null, ...changes });
  }

  /** The data of a record as the user should see it: the copy's, overridden by pending writes. it. */
  async shown(model, id) {
    let data = await this.copy.storage.record(model, id);
    for (const write of this.own()) {
      if (write.model !== model || ![write.record, write.id].includes(id) || write.state === "refused") continue;
      data = write.values ? { ...data, ...write.values } : undefined;
    }
    return data;
  }

  /** This user's; those of a previous user wait for that user. Before the first sync no user is known. */
  own() {
    return [...this.all.values()].filter((write) => [null, this.copy.state.user_id].includes(write.user_id));
  }

  /** The first waiting write whose record has none set aside before it. */
  next() {
    const blocked = new Set();
    for (const write of this.own()) {
      const record = `${write.model} ${write.record}`;
      if (write.state === "refused") blocked.add(record);
      else if (write.state === "waiting" && !blocked.has(record)) return write;
    }
    return null;
  }

  wait({ message, retryAfter }) {
    this.failures += 1;
    this.lastError = message;
    const pause = retryAfter === null ? Math.random() * Math.min(60, 2 ** this.failures) : retryAfter + Math.random();
    this.notBefore = Date.now() + pause * 1000;
  }

  async keep(write, later = []) {
    const writes = [write, ...later].map((one) => [one.n, one]);
    await this.copy.commit({}, { writes });
    for (const [n, one] of writes) this.all.set(n, one);
  }

  async carryOut(write) {
    const { n, model, record, values } = write;
    const isMadeHere = typeof record === "string";
    let [id, written] = [record, null];
    if (isMadeHere && values) {
      id = await this.load(model, record, values);
    } else if (values) {
      written = await this.write(write);
    } else {
      if (isMadeHere) id = write.id;
      if (id === null) {
        throw new Refused("The number of this record is not known: name it by the number that a pull has brought.");
      }
      await this.delete(model, id);
    }
    // Later writes of the record build on this one.
    const later = this.own().filter((other) => other.n > n && other.model === model && other.record === record);
    await this.keep({ ...write, state: "sent", id },
      later.map((other) => ({ ...other, id, write_date: written ?? other.write_date })));
  }

  /** Odoo's import: makes the record once, and afterwards finds it by its external id. Resolves to its number. */
  async load(model, externalId, values) {
    const row = [externalId, ...Object.values(values).map(toText)];
    const { ids, messages } = await this.call(model, "load", [["id", ...Object.keys(values)], [row]]);
    if (!ids) throw new Refused(messages.map(({ message }) => message).join("; "));
    return ids[0];
  }

  /** Resolves to the write_date by which the record is known now, where the write came with one. */
  async write({ model, record, values, write_date }) {
    const [found] = await this.call(model, "read", [[record], ["write_date", ...Object.keys(values)]]);
    if (!found) throw new Refused("The record was deleted meanwhile.");
    // Otherwise an answer was lost, or another user wrote the same.
    if (!Object.entries(values).every(([name, value]) => isSame(value, found[name]))) {
      if (write_date && found.write_date !== write_date) {
        throw new Refused("Another user has written this record meanwhile.");
      }
      await this.call(model, "write", [[record], values]);
    }
    return write_date && (await this.call(model, "read", [[record], ["write_date"]]))[0]?.write_date;
  }

  async delete(model, id) {
    const found = await this.call(model, "search", [[["id", "=", id]]], { context: { active_test: false } });
    if (found.length) await this.call(model, "unlink", [[id]]);
  }

  /** Calls a method of a model as this user. */
  async call(model, method, args, kwargs = {}) {
    const [path, params] = this.key
      ? ["/jsonrpc", { service: "object", method: "execute_kw",
        args: [this.database, this.copy.state.user_id, this.key, model, method, args, kwargs] }]
      : ["/web/dataset/call_kw", { model, method, args, kwargs }];
    const headers = {
      "Content-Type": "application/json", ...(this.session && { Cookie: `session_id=${this.session}` }) };
    const credentials = this.key || this.session ? "omit" : "include";
    let answer;
    try {
      answer = await fetch(this.url + path, {
        method: "POST", headers, credentials, signal: AbortSignal.timeout(60_000),
        body: JSON.stringify({ jsonrpc: "2.0", id: null, method: "call", params }) });
    } catch (error) {
      throw new NotNow(`Odoo cannot be reached: ${error.message}`);
    }
    const after = answer.headers.get("Retry-After") ?? "";
    if (!answer.ok) throw new NotNow(`Odoo answers ${answer.status}`, /^\d+$/.test(after) ? Number(after) : null);
    const { error, result } = await answer.json().catch((error) => {
      throw new NotNow(`Odoo cannot be reached: ${error.message}`);
    });
    if (!error) return result;
    const text = error.data?.message ?? error.message ?? "Odoo answers with an error";
    throw passing.some((name) => error.data?.name?.startsWith(name)) ? new NotNow(text) : new Refused(text);
  }
}

/** A value in the form of Odoo's import. */
function toText(value) {
  return value === null || value === false ? "" : value === true ? "1" : String(value);
}

/** Whether read() shows the values to write: many2one as [id, name], dates and texts as they are. */
function isSame(value, found) {
  return value === found || (Array.isArray(found) && found[0] === value) || (value === null && found === false);
}
