// A client of odoo-changefeed's version 2: a copy of records that follows an Odoo database. Browsers and Node, fetch
// only. The JavaScript client beside this one, with types that can be stripped (`node --experimental-strip-types`). Its
// storages for IndexedDB and Node and its write queue work here, too: `Storage` and `Writes` describe them.
import type {
  Change, CopyState, Digest, Event, Ids, ListedRecord, Options, Page, Pull, Query, Row, State, Status, Storage, Told,
  Writes,
} from "./types";

// Of Node only what the command line needs, so that no package of types is needed.
declare const process: any;

const maxAttempts = 8; // of one request, before the error is the caller's
const busy = [429, 502, 503, 504]; // answers that are worth a retry
const sleep = (seconds: number) => new Promise<void>((resume) => setTimeout(resume, seconds * 1000));
const now = () => new Date().toISOString().replace(/\.\d+/, "");
// Random, so that devices that lost the service together do not return together.
const pauseAfter = (failures: number) => Math.random() * Math.min(60, 2 ** failures);
const fresh: CopyState = {
  token: null, to_take: [], reset: null, user_id: null, is_whole: false, progress: null, last_sync: null };

/**
 * An answer that is not a success (RFC 9457): `code` says which, `body` has more. `retryAfter` is in seconds, or null.
 */
export class Problem extends Error {
  status: number;
  code: string | undefined;
  body: any;
  retryAfter: number | null;

  constructor(status: number, body: any, retryAfter: number | null) {
    super(`${status} ${body.code}: ${body.detail}`);
    this.status = status;
    this.code = body.code;
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

/** The answer is for another user than the copy's. The copy was dropped: sync again. */
export class OtherUser extends Error {}

/**
 * The client's records and its position. Related changes are stored in one transaction of the
 * storage.
 */
export class Copy {
  storage: Storage;
  state: CopyState;
  told: (event: Told) => void;

  private constructor(storage: Storage, state: CopyState, told: (event: Told) => void) {
    this.storage = storage;
    this.state = state;
    this.told = told;
  }

  /** told is called with each change. */
  static async open(storage: Storage, told: (event: Told) => void = () => {}): Promise<Copy> {
    return new Copy(storage, { ...fresh, ...(await storage.state()) }, told);
  }

  /** Stores changes of records together with those of the state. */
  async commit(state: Partial<CopyState>, changes: Change = {}): Promise<void> {
    await this.storage.commit({ ...changes, state });
    Object.assign(this.state, state);
  }

  /** Applies events. A repeated one changes nothing: it has the record's state, not a difference. */
  async apply(events: Event[], state: Partial<CopyState>): Promise<void> {
    const put = new Map<string, Row>();
    const drop = new Map<string, [string, number]>();
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
  async put(model: string, records: ListedRecord[]): Promise<void> {
    for (const record of records) this.told({ event: "list", model, ...record });
    const row = ({ record_id, data, data_hash }: ListedRecord): Row => [model, record_id, data, data_hash ?? null];
    await this.commit({}, { put: records.map(row) });
  }

  /** Drops records that a list, of the whole model or of a range of ids, did not contain. */
  async dropOthers(
    model: string, listed: Set<number>, { from_id = 1, to_id = Infinity }: Ids = {}, state: Partial<CopyState> = {},
  ): Promise<void> {
    const drop: [string, number][] = [];
    for (const [id] of await this.storage.hashes(model)) {
      if (listed.has(id) || id < from_id || id > to_id) continue;
      this.told({ event: "drop", model, record_id: id });
      drop.push([model, id]);
    }
    await this.commit(state, { drop });
  }

  /** The list of a model is complete. */
  taken(model: string, listed: Set<number>): Promise<void> {
    return this.dropOthers(model, listed, {}, { to_take: this.state.to_take.filter((name) => name !== model) });
  }

  /** The old token is dropped, too. `replace`: the present records may be stale or no longer visible to the user. */
  takeAnew(models: string[], replace: boolean): Promise<void> {
    const to_take = [...new Set([...this.state.to_take, ...models])].sort();
    return this.commit({ token: null, to_take, is_whole: false }, { dropModels: replace ? models : [] });
  }

  /** Drops everything. The next sync resets the device, even if the app is killed before. */
  beginAgain(to: "all", user_id: number | null): Promise<void> {
    return this.commit({ ...fresh, user_id, reset: to }, { dropAll: true });
  }
}

/** Keeps a copy up to date: pull, apply, acknowledge. May be stopped at any time and restarted with its copy. */
export class ChangeFeedClient {
  url: string;
  copy: Copy;
  limit: number;
  chunk: number | undefined;
  writes: Writes | undefined;
  headers: Record<string, string> = {};
  credentials: RequestCredentials;
  device: { device_id: string };
  scope: { app_type: string; models?: string };
  attempts = maxAttempts;
  connected = false;
  lastError: string | null = null;
  onStatus: (status: Status) => void;
  private shown = "";
  private turn: Promise<unknown> = Promise.resolve();

  /**
   * Without `key` and `session`, Odoo's cookie in the browser authenticates. onStatus is called with `status` as it
   * changes.
   */
  constructor({
    url, device, copy, key, session, app = "all", models, limit = 500, chunk, writes, onStatus = () => {},
  }: Options<Copy>) {
    this.url = url.replace(/\/$/, "");
    this.copy = copy;
    this.limit = limit;
    this.chunk = chunk;
    this.writes = writes;
    this.onStatus = onStatus;
    if (key) this.headers.Authorization = `Bearer ${key}`;
    else if (session) this.headers.session_id = session;
    this.credentials = key || session ? "omit" : "include";
    this.device = { device_id: device };
    this.scope = { app_type: app, ...(models && { models }) };
  }

  get status(): Status {
    const { is_whole, progress, last_sync, user_id } = this.copy.state;
    return {
      connected: this.connected, has_everything: is_whole, progress, last_sync, user_id,
      waiting_writes: this.writes?.waiting ?? 0, refused_writes: this.writes?.refused ?? 0,
      last_error: this.lastError ?? this.writes?.lastError ?? null };
  }

  /**
   * Resolves when the copy has everything, or, without news, after at most `wait` seconds. May be called at any
   * time: calls run one after the other.
   */
  sync(wait = 0): Promise<void> {
    return this.inTurn(() => this.syncNow(wait));
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => {});
    return mine;
  }

  private async syncNow(wait: number): Promise<void> {
    await this.pullAll(this.writes?.waiting ? 0 : wait);
    // After a pull has shown the user: writes are never sent in another user's name.
    const sent = (await this.writes?.send()) ?? [];
    if (sent.length) {
      await this.pullAll(0);
      // Their writes have returned with the pulls.
      await this.writes?.forget(sent);
    }
    this.tell({ lastError: null });
  }

  /** Pulls until there are no more events: has_more ends a batch, whose end may be from before the app's restart. */
  private async pullAll(wait: number): Promise<void> {
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
  async follow(signal?: AbortSignal): Promise<void> {
    this.attempts = Infinity;
    let failures = 0;
    let pause = 1;
    let lastId: string | undefined;
    while (!signal?.aborted) {
      try {
        // Covers hints that were missed while no stream was open.
        await this.sync();
        const headers: Record<string, string> = { ...this.headers, ...(lastId && { "Last-Event-ID": lastId }) };
        const answer = await fetch(this.address("stream", { ...this.device, ...this.scope }), {
          headers, credentials: this.credentials, signal });
        if (!answer.ok || !answer.body) throw await problemOf(answer);
        failures = 0;
        for await (const message of messages(answer.body)) {
          if (message.retry) pause = Number(message.retry) / 1000;
          if (message.event !== "change") continue;
          lastId = message.id;
          await this.sync();
        }
        await sleep(pause * (1 + Math.random()));
      } catch (error: any) {
        if (signal?.aborted) return;
        if (error instanceof Problem && !busy.includes(error.status)) throw error;
        this.tell({ connected: error instanceof Problem, lastError: error.message });
        await sleep(error.retryAfter != null ? error.retryAfter + Math.random() : pause + pauseAfter(++failures));
      }
    }
  }

  /** Settles events. Repeating it settles nothing and is not an error. */
  async acknowledge(eventIds: number[]): Promise<number> {
    const body = { ...this.device, event_ids: eventIds };
    return (await this.post<{ acknowledged: number }>("acknowledge", body)).acknowledged;
  }

  state(): Promise<State> {
    return this.get<State>("state", this.device);
  }

  /** Drops the copy; the next sync fetches everything again. */
  reset(): Promise<void> {
    return this.inTurn(() => this.copy.beginAgain("all", this.copy.state.user_id));
  }

  /** Whether the copy of a model equals the service's data: null when events must be pulled first. */
  async isRight(model: string): Promise<boolean | null> {
    const { differing, pullFirst } = await this.compare(model);
    return pullFirst ? null : differing.length === 0;
  }

  /**
   * Fetches the ranges of ids again in which the copy differs from the service's data, and returns their number.
   * Sync first: pending events also differ. A pull misses changes in related records (names, lists from their
   * other side, visibility), so call this when the app starts or once in a while.
   */
  mend(model: string): Promise<number> {
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
  async olderSync(userId: number): Promise<void> {
    if (this.headers.session_id) this.headers = { "X-Session-Id": this.headers.session_id };
    const { app_type, models } = this.scope;
    const body = {
      ...this.device, user_id: userId, app_type, models_filter: models ? models.split(",") : null, limit: this.limit };
    for (let more = true; more; ) {
      const answer = await this.post<Pull>("pull", body);
      await this.copy.apply(answer.events, { token: answer.next_sync_token });
      more = answer.has_more;
    }
  }

  /** Lists a model that a 410 named. The next pull brings changes in the meantime. */
  async take(model: string): Promise<void> {
    let listed = new Set<number>();
    try {
      listed = await this.list(model);
    } catch (problem) {
      // The user lost the right to it: drop all of it.
      if (!(problem instanceof Problem) || problem.code !== "model_not_readable") throw problem;
    }
    await this.copy.taken(model, listed);
  }

  /** Puts a model's records, or those of a range of ids, into the copy, page by page, and resolves to their ids. */
  async list(model: string, ids: Ids = {}): Promise<Set<number>> {
    let listed = new Set<number>();
    let cursor: string | null = null;
    for (let complete = false; !complete; ) {
      let page: Page;
      try {
        page = await this.get<Page>("snapshot", {
          ...this.device, model, limit: this.limit, hashes: true, ...ids, ...(cursor && { cursor }) });
      } catch (problem) {
        if (!cursor || !isCursorProblem(problem)) throw problem;
        // Another list was started for this device: start again.
        listed = new Set();
        cursor = null;
        continue;
      }
      await this.copy.put(model, page.records);
      for (const record of page.records) listed.add(record.record_id);
      cursor = page.next_cursor;
      complete = page.complete;
    }
    return listed;
  }

  /**
   * The ranges of ids in which the copy differs from the service's digest, and whether events must be pulled first.
   */
  async compare(model: string): Promise<{ differing: Ids[]; pullFirst: boolean }> {
    const ranges: { from_id: number; records: number; hash: number }[] = [];
    let pullFirst = false;
    for (let from: number | null = 1; from !== null; ) {
      const digest: Digest = await this.get<Digest>("digest", { ...this.device, model, of: "data", from_id: from });
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

  /**
   * Handles one page, if any. Acknowledges only after storing it: after a crash the same page comes again.
   */
  async pull(wait: number): Promise<boolean> {
    const token = this.copy.state.token;
    const query: Query = {
      ...this.device, ...this.scope, limit: this.limit, hashes: true, ...(wait && { wait }),
      ...(token && { sync_token: token }) };
    const { events, has_more, next_sync_token, progress = null } = await this.get<Pull>("pull", query, 30 + wait);
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

  /** Handles a refused pull; rethrows the error if the client cannot handle it. */
  async recover(problem: unknown): Promise<void> {
    if (problem instanceof Problem && problem.status === 410) {
      await this.copy.takeAnew(problem.body.models, problem.body.mode === "replace");
      await sleep(problem.retryAfter ?? 0);
    } else if (problem instanceof Problem && problem.code === "user_changed") {
      // The copy belongs to another user.
      await this.copy.beginAgain("all", null);
    } else if (isCursorProblem(problem) && this.copy.state.token) {
      // The device continues after its last acknowledgement.
      await this.copy.commit({ token: null });
    } else {
      this.tell({ lastError: String(problem) });
      throw problem;
    }
  }

  address(name: string, query: Query = {}): string {
    const parameters = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
    return `${this.url}/api/v2/sync/${name}?${parameters}`.replace(/\?$/, "");
  }

  async get<T>(name: string, query: Query, timeout = 30): Promise<T> {
    const answer: any = await this.send<T>(this.address(name, query), { headers: this.headers }, timeout);
    const [user_id, known]: (number | null)[] = [answer.user_id ?? null, this.copy.state.user_id];
    if (known !== null && user_id !== null && user_id !== known) {
      await this.copy.beginAgain("all", user_id);
      throw new OtherUser(`The answers are now those of user ${user_id}, no longer of ${known}.`);
    }
    return answer;
  }

  /** The authenticated user. */
  who(): Promise<{ user_id: number; login: string }> {
    return this.send(`${this.url}/api/v2/me`, { headers: this.headers }, 30);
  }

  post<T>(name: string, body: unknown): Promise<T> {
    const headers = { ...this.headers, "Content-Type": "application/json" };
    return this.send<T>(this.address(name), { method: "POST", headers, body: JSON.stringify(body) }, 30);
  }

  /** Retries while the service or the network is busy or unreachable: every call here may be repeated. */
  async send<T>(address: string, options: RequestInit, timeout: number): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt >= this.attempts;
      let pause = pauseAfter(attempt);
      let answer: Response | null = null;
      try {
        // The libraries of older compilers lack it.
        const signal: AbortSignal = (AbortSignal as any).timeout(timeout * 1000);
        answer = await fetch(address, { ...options, credentials: this.credentials, signal });
        this.connected = true;
        if (answer.ok) return (await answer.json()) as T;
      } catch (error) {
        answer = null;
        this.tell({ connected: false, lastError: String(error) });
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
  private tell(changes: { connected?: boolean; lastError?: string | null } = {}): void {
    Object.assign(this, changes);
    const text = JSON.stringify(this.status);
    if (text === this.shown) return;
    this.shown = text;
    this.onStatus(this.status);
  }
}

async function problemOf(answer: Response): Promise<Problem> {
  const after = answer.headers.get("Retry-After");
  // Anything but JSON is a page from a proxy.
  const body = await answer.json().catch(() => ({}));
  return new Problem(answer.status, body ?? {}, /^\d+$/.test(after ?? "") ? Number(after) : null);
}

function isCursorProblem(problem: unknown): boolean {
  return problem instanceof Problem && ["cursor_mismatch", "cursor_malformed"].includes(problem.code ?? "");
}

/** The messages of a stream of Server-Sent Events (WHATWG HTML, 9.2.6), as objects of their fields. */
async function* messages(body: ReadableStream<Uint8Array>): AsyncGenerator<Record<string, string>> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (text + decoder.decode(value, { stream: true })).split("\n\n");
    text = parts.pop() ?? "";
    for (const part of parts) {
      yield Object.fromEntries(part.split("\n").map((line) => (/^([^:]*):? ?(.*)$/.exec(line) ?? []).slice(1)));
    }
  }
}

// Run directly by Node, this file is the command line of the JavaScript client with this client; imported, it is not.
if (typeof process === "object" && process.argv?.[1]) {
  // Names in variables: the compiler looks for no types of Node.
  const [fs, url] = await Promise.all(["node:fs", "node:url"].map((name) => import(name)));
  if (import.meta.url === url.pathToFileURL(fs.realpathSync(process.argv[1])).href) {
    const commandLine = "../javascript/command-line.mjs";
    await (await import(commandLine)).main({ ChangeFeedClient, Copy });
  }
}
