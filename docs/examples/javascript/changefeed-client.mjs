// A client of odoo-changefeed's version 2: a copy of records that follows an Odoo database. Browsers and Node 20,
// fetch only.

const attempts = 8; // of one request, before the error is the caller's
const busy = [429, 502, 503, 504]; // answers that are worth a retry
const cursorProblems = ["cursor_mismatch", "cursor_malformed"];
const sleep = (seconds) => new Promise((resume) => setTimeout(resume, seconds * 1000));
const now = () => new Date().toISOString().replace(/\.\d+/, "");
// Random, so that devices that lost the service together do not return together.
const pauseAfter = (failures) => Math.random() * Math.min(60, 2 ** failures);

// token: the last next_sync_token; to_take: models that a 410 named and that must still be listed; reset: the value for
// POST reset before the next pull; is_whole: the copy is of one point in time.
const fresh = {
  token: null, to_take: [], reset: null, user_id: null, is_whole: false, progress: null, last_sync: null };

/**
 * An answer that is not a success (RFC 9457): `code` says which, `body` has more. `retryAfter` is in seconds, or null.
 */
export class Problem extends Error {
  constructor(status, body, retryAfter) {
    super(`${status} ${body.code}: ${body.detail}`);
    Object.assign(this, { status, body, code: body.code, retryAfter });
  }
}

/** The answer is for another user than the copy's. The copy was dropped: sync again. */
export class OtherUser extends Error {}

/**
 * The client's records and its position. Related changes are stored in one transaction of the
 * storage.
 */
export class Copy {
  /** storage: a LogStorage, an IndexedDBStorage, or your own; told is called with each change. */
  static async open(storage, told = () => {}) {
    const copy = new Copy();
    return Object.assign(copy, { storage, told, state: { ...fresh, ...(await storage.state()) } });
  }

  /** Stores changes of records together with those of the state. */
  async commit(state, changes = {}) {
    await this.storage.commit({ ...changes, state });
    Object.assign(this.state, state);
  }

  /** Applies events. A repeated one changes nothing: it has the record's state, not a difference. */
  async apply(events, state) {
    const [put, drop] = [new Map(), new Map()];
    for (const event of events) {
      this.told(event);
      const { model, record_id: id, data = null, data_hash: hash = null } = event;
      const key = `${model} ${id}`;
      if (event.event === "unlink") {
        put.delete(key);
        drop.set(key, [model, id]);
      } else {
        drop.delete(key);
        put.set(key, [model, id, data, hash]);
      }
    }
    await this.commit(state, { put: [...put.values()], drop: [...drop.values()] });
  }

  /** A page of a list. */
  async put(model, records) {
    for (const record of records) this.told({ event: "list", model, ...record });
    const row = ({ record_id, data, data_hash }) => [model, record_id, data, data_hash ?? null];
    await this.commit({}, { put: records.map(row) });
  }

  /** Drops records that a list, of the whole model or of a range of ids, did not contain. */
  async dropOthers(model, listed, { from_id = 1, to_id = Infinity } = {}, state = {}) {
    const drop = [];
    for (const [id] of await this.storage.hashes(model)) {
      if (listed.has(id) || id < from_id || id > to_id) continue;
      this.told({ event: "drop", model, record_id: id });
      drop.push([model, id]);
    }
    await this.commit(state, { drop });
  }

  /** The list of a model is complete. */
  taken(model, listed) {
    return this.dropOthers(model, listed, {}, { to_take: this.state.to_take.filter((name) => name !== model) });
  }

  /** The old token is dropped, too. `replace`: the present records may be stale or no longer visible to the user. */
  takeAnew(models, replace) {
    const to_take = [...new Set([...this.state.to_take, ...models])].sort();
    return this.commit({ token: null, to_take, is_whole: false }, { dropModels: replace ? models : [] });
  }

  /** Drops everything. The next sync resets the device, even if the app is killed before. */
  beginAgain(to, user_id = null) {
    return this.commit({ ...fresh, user_id, reset: to }, { dropAll: true });
  }
}

/** Keeps a copy up to date: pull, apply, acknowledge. May be stopped at any time and restarted with its copy. */
export class ChangeFeedClient {
  /**
   * Without `key` and `session`, Odoo's cookie in the browser authenticates. onStatus is called with `status` whenever
   * it changes. writes: an OdooWrites; each `sync` sends its queue.
   */
  constructor({
    url, device, copy, key, session, app = "all", models, limit = 500, chunk, writes, onStatus = () => {} }) {
    this.url = url.replace(/\/$/, "");
    Object.assign(this, { copy, limit, chunk, writes, onStatus, attempts, connected: false, lastError: null });
    this.headers = key ? { Authorization: `Bearer ${key}` } : session ? { session_id: session } : {};
    this.credentials = key || session ? "omit" : "include";
    this.device = { device_id: device };
    this.scope = { app_type: app, ...(models && { models }) };
    this.turn = Promise.resolve();
  }

  /**
   * For the app to show. has_everything: the copy is complete as of last_sync; progress, during the
   * first time: `records` so far, and about how many there are (`estimate`).
   */
  get status() {
    const { is_whole, progress, last_sync, user_id } = this.copy.state;
    const { waiting = 0, refused = 0, lastError = null } = this.writes ?? {};
    return { connected: this.connected, has_everything: is_whole, progress, last_sync, user_id, waiting_writes: waiting,
      refused_writes: refused, last_error: this.lastError ?? lastError };
  }

  /**
   * Resolves when the copy has everything, or, without news, after at most `wait` seconds. May be called at any
   * time: calls run one after the other.
   */
  sync(wait = 0) {
    return this.inTurn(() => this.syncNow(wait));
  }

  inTurn(work) {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => {});
    return mine;
  }

  async syncNow(wait) {
    await this.pullAll(this.writes?.waiting ? 0 : wait);
    // After a pull has shown the user: writes are never sent in another user's name.
    const sent = (await this.writes?.send()) ?? [];
    if (sent.length) {
      await this.pullAll(0);
      // Their writes have returned with the pulls.
      await this.writes.forget(sent);
    }
    this.tell({ lastError: null });
  }

  /** Pulls until there are no more events: has_more ends a batch, whose end may be from before the app's restart. */
  async pullAll(wait) {
    for (let more = true; more; ) {
      try {
        const { user_id, reset, to_take } = this.copy.state;
        if (user_id === null) await this.copy.commit({ user_id: (await this.who()).user_id });
        if (reset) {
          await this.post("reset", { ...this.device, to: reset });
          await this.copy.commit({ reset: null });
        }
        for (const model of to_take) await this.take(model);
        more = await this.pull(wait);
      } catch (problem) {
        if (problem instanceof OtherUser) continue;
        await this.recover(problem);
      }
      wait = 0;
    }
  }

  /**
   * Keeps the copy up to date until `signal` aborts, even while the service is unreachable, with the stream of hints;
   * ends with an error that waiting does not resolve. A hint has no records: the pull after it counts.
   */
  async follow(signal) {
    this.attempts = Infinity;
    let [failures, pause, lastId] = [0, 1, undefined];
    while (!signal?.aborted) {
      try {
        // Covers hints that were missed while no stream was open.
        await this.sync();
        const headers = { ...this.headers, ...(lastId && { "Last-Event-ID": lastId }) };
        const answer = await fetch(this.address("stream", { ...this.device, ...this.scope }), {
          headers, credentials: this.credentials, signal });
        if (!answer.ok) throw await problemOf(answer);
        failures = 0;
        for await (const message of messages(answer.body)) {
          if (message.retry) pause = Number(message.retry) / 1000;
          if (message.event !== "change") continue;
          lastId = message.id;
          await this.sync();
        }
        await sleep(pause * (1 + Math.random()));
      } catch (error) {
        if (signal?.aborted) return;
        if (error instanceof Problem && !busy.includes(error.status)) throw error;
        this.tell({ connected: error instanceof Problem, lastError: error.message });
        await sleep(error.retryAfter != null ? error.retryAfter + Math.random() : pause + pauseAfter(++failures));
      }
    }
  }

  /** Settles events. Repeating it settles nothing and is not an error. */
  async acknowledge(eventIds) {
    return (await this.post("acknowledge", { ...this.device, event_ids: eventIds })).acknowledged;
  }

  /** The device's state according to the service. */
  state() {
    return this.get("state", this.device);
  }

  /** Drops the copy; the next sync fetches everything again. */
  reset() {
    return this.inTurn(() => this.copy.beginAgain("all", this.copy.state.user_id));
  }

  /** Whether the copy of a model equals the service's data: null when events must be pulled first. */
  async isRight(model) {
    const { differing, pullFirst } = await this.compare(model);
    return pullFirst ? null : differing.length === 0;
  }

  /**
   * Fetches the ranges of ids again in which the copy differs from the service's data, and returns their number.
   * Sync first: pending events also differ. A pull misses changes in related records (names, lists from their
   * other side, visibility), so call this when the app starts or once in a while.
   */
  mend(model) {
    return this.inTurn(async () => {
      const { differing } = await this.compare(model);
      for (const ids of differing) await this.copy.dropOthers(model, await this.list(model, ids), ids);
      return differing.length;
    });
  }

  /**
   * The dialect of clients that never acknowledge: a pull settles the events of the previous one, so an answer that is
   * lost on the way is lost. Events have no data. For apps that cannot be changed; new ones use `sync`.
   */
  async olderSync(userId) {
    if (this.headers.session_id) this.headers = { "X-Session-Id": this.headers.session_id };
    const { app_type, models } = this.scope;
    const body = {
      ...this.device, user_id: userId, app_type, models_filter: models ? models.split(",") : null, limit: this.limit };
    for (let more = true; more; ) {
      const answer = await this.post("pull", body);
      await this.copy.apply(answer.events, { token: answer.next_sync_token });
      more = answer.has_more;
    }
  }

  /**
   * Handles one page, if any. Acknowledges only after storing it: after a crash the same page comes again.
   */
  async pull(wait) {
    const token = this.copy.state.token;
    const query = {
      ...this.device, ...this.scope, limit: this.limit, hashes: true, ...(wait && { wait }),
      ...(token && { sync_token: token }) };
    const { events, has_more, next_sync_token, progress = null } = await this.get("pull", query, 30 + wait);
    const state = { token: next_sync_token, progress, last_sync: now() };
    const size = this.chunk ?? (events.length || 1);
    for (let start = 0; start < events.length; start += size) {
      const part = events.slice(start, start + size);
      await this.copy.apply(part, { ...state, is_whole: !has_more && start + size >= events.length });
      this.tell();
      await this.acknowledge(part.map((event) => event.id));
    }
    if (!events.length) await this.copy.commit({ ...state, is_whole: !has_more });
    return events.length > 0 || has_more;
  }

  /** Lists a model that a 410 named. The next pull brings changes in the meantime. */
  async take(model) {
    let listed = new Set();
    try {
      listed = await this.list(model);
    } catch (problem) {
      // The user lost the right to it: drop all of it.
      if (problem.code !== "model_not_readable") throw problem;
    }
    await this.copy.taken(model, listed);
  }

  /** Puts a model's records, or those of a range of ids, into the copy, page by page, and resolves to their ids. */
  async list(model, ids = {}) {
    let listed = new Set();
    let cursor = null;
    for (let complete = false; !complete; ) {
      let page;
      try {
        page = await this.get("snapshot", {
          ...this.device, model, limit: this.limit, hashes: true, ...ids, ...(cursor && { cursor }) });
      } catch (problem) {
        if (!cursor || !cursorProblems.includes(problem.code)) throw problem;
        // Another list was started for this device: start again.
        [listed, cursor] = [new Set(), null];
        continue;
      }
      await this.copy.put(model, page.records);
      for (const record of page.records) listed.add(record.record_id);
      [cursor, complete] = [page.next_cursor, page.complete];
    }
    return listed;
  }

  /**
   * The ranges of ids in which the copy differs from the service's digest, and whether events must be pulled first.
   */
  async compare(model) {
    const ranges = [];
    let pullFirst = false;
    for (let from = 1; from !== null; ) {
      const digest = await this.get("digest", { ...this.device, model, of: "data", from_id: from });
      pullFirst ||= digest.pull_first;
      // Between the digest's ranges there are no records; the copy must have none there either.
      for (const bucket of digest.buckets) {
        ranges.push({ from_id: from, records: 0, hash: 0 }, bucket);
        from = bucket.to_id + 1;
      }
      ranges.push({ from_id: from, records: 0, hash: 0 });
      from = digest.next_from_id;
    }
    let at = 0;
    for (const [id, hash] of await this.copy.storage.hashes(model)) {
      while (at + 1 < ranges.length && ranges[at + 1].from_id <= id) at++;
      ranges[at].records -= 1;
      // 48 bits: the sum of two is still an exact integer in JavaScript.
      ranges[at].hash = (ranges[at].hash - (hash ?? 0)) % 2 ** 48;
    }
    const differing = ranges.flatMap(({ from_id, records, hash }, index) => {
      if (records === 0 && hash === 0) return [];
      return index + 1 < ranges.length ? { from_id, to_id: ranges[index + 1].from_id - 1 } : { from_id };
    });
    return { differing, pullFirst };
  }

  /** Handles a refused pull; rethrows the error if the client cannot handle it. */
  async recover(problem) {
    if (problem.status === 410) {
      await this.copy.takeAnew(problem.body.models, problem.body.mode === "replace");
      await sleep(problem.retryAfter ?? 0);
    } else if (problem.code === "user_changed") {
      // The copy belongs to another user.
      await this.copy.beginAgain("all");
    } else if (cursorProblems.includes(problem.code) && this.copy.state.token) {
      // The device continues after its last acknowledgement.
      await this.copy.commit({ token: null });
    } else {
      this.tell({ lastError: problem.message });
      throw problem;
    }
  }

  address(name, query = {}) {
    return `${this.url}/api/v2/sync/${name}?${new URLSearchParams(query)}`.replace(/\?$/, "");
  }

  async get(name, query, timeout = 30) {
    const answer = await this.send(this.address(name, query), { headers: this.headers }, timeout);
    const [{ user_id = null }, known] = [answer, this.copy.state.user_id];
    if (known !== null && user_id !== null && user_id !== known) {
      await this.copy.beginAgain("all", user_id);
      throw new OtherUser(`The answers are now those of user ${user_id}, no longer of ${known}.`);
    }
    return answer;
  }

  /** The authenticated user. */
  who() {
    return this.send(`${this.url}/api/v2/me`, { headers: this.headers }, 30);
  }

  post(name, body) {
    const headers = { ...this.headers, "Content-Type": "application/json" };
    return this.send(this.address(name), { method: "POST", headers, body: JSON.stringify(body) }, 30);
  }

  /** Retries while the service or the network is busy or unreachable: every call here may be repeated. */
  async send(address, options, timeout) {
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt >= this.attempts;
      let pause = pauseAfter(attempt);
      let answer = null;
      try {
        const signal = AbortSignal.timeout(timeout * 1000);
        answer = await fetch(address, { ...options, credentials: this.credentials, signal });
        this.connected = true;
        if (answer.ok) return await answer.json();
      } catch (error) {
        answer = null;
        this.tell({ connected: false, lastError: error.message });
        if (isLast) throw error;
      }
      if (answer) {
        const problem = await problemOf(answer);
        this.tell({ lastError: problem.message });
        if (!busy.includes(problem.status) || isLast) throw problem;
        if (problem.retryAfter !== null) pause = problem.retryAfter + Math.random();
      }
      await sleep(pause);
    }
  }

  /** Calls onStatus if something has changed. */
  tell(changes = {}) {
    Object.assign(this, changes);
    const text = JSON.stringify(this.status);
    if (text === this.shown) return;
    this.shown = text;
    this.onStatus(this.status);
  }
}

async function problemOf(answer) {
  const after = answer.headers.get("Retry-After");
  // Anything but JSON is a page from a proxy.
  const body = await answer.json().catch(() => ({}));
  return new Problem(answer.status, body ?? {}, /^\d+$/.test(after ?? "") ? Number(after) : null);
}

/** The messages of a stream of Server-Sent Events (WHATWG HTML, 9.2.6), as objects of their fields. */
async function* messages(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (text + value).split("\n\n");
    text = parts.pop();
    for (const part of parts) {
      yield Object.fromEntries(part.split("\n").map((line) => /^([^:]*):? ?(.*)$/.exec(line).slice(1)));
    }
  }
}

// Run directly by Node, this file is the command line; imported, and in a browser, it is not.
if (globalThis.process?.argv?.[1]) {
  const [fs, url] = await Promise.all([import("node:fs"), import("node:url")]);
  if (import.meta.url === url.pathToFileURL(fs.realpathSync(process.argv[1])).href) {
    await (await import("./command-line.mjs")).main({ ChangeFeedClient, Copy });
  }
}
