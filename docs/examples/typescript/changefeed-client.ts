// A client of odoo-changefeed's second API: a copy of records that follows an Odoo database. Browsers and Node, fetch only.
// The JavaScript client beside this one, with types that can be stripped (`node --experimental-strip-types`).

/** What Odoo's read() gives, by the names of fields. */
export type Data = Record<string, unknown> | null;

export interface Event {
  id: number;
  model: string;
  record_id: number;
  event: "create" | "write" | "unlink";
  occurred_at?: string;
  /** Of older clients in the place of occurred_at. */
  timestamp?: string;
  data?: Data;
  data_hash?: number;
}

export interface ListedRecord {
  record_id: number;
  data: Data;
  data_hash?: number;
}

/** What a copy tells of each change. */
export type Told = Event | { event: "list" | "drop"; model: string; record_id: number; data?: Data; data_hash?: number };

export interface Content {
  token: string | null;
  /** Models whose records are still to be listed; null is a copy that has not begun. */
  to_take: string[] | null;
  records: Record<string, Record<string, Data>>;
  /** The data_hash of each record, to prove the copy by. A copy of an earlier client has none. */
  hashes?: Record<string, Record<string, number | null>>;
}

interface Pull {
  has_update: boolean;
  events: Event[];
  next_sync_token: string;
  has_more: boolean;
}

interface Page {
  records: ListedRecord[];
  next_cursor: string | null;
  complete: boolean;
}

interface Bucket {
  from_id: number;
  to_id: number;
  records: number;
  hash: number;
}

interface Digest {
  pull_first: boolean;
  buckets: Bucket[];
  next_from_id: number | null;
}

/** A range of ids: to_id is left out where it has no end. */
export interface Ids {
  from_id?: number;
  to_id?: number;
}

export interface State {
  models: string[];
  pending: number;
  lag_seconds: number;
  last_pull_at: string | null;
  last_acknowledgement_at: string | null;
  last_resync_reason: string | null;
}

export interface Options {
  url: string;
  device: string;
  copy: Copy;
  key?: string;
  session?: string;
  app?: string;
  models?: string;
  limit?: number;
  chunk?: number;
}

type Query = Record<string, string | number | boolean>;

// Of Node only what the command line needs, so that no package of types is needed.
declare const process: any;

const attempts = 8; // of one request, before the error is the caller's
const busy = [429, 502, 503, 504]; // answers that are worth asking again
const sleep = (seconds: number) => new Promise<void>((resume) => setTimeout(resume, seconds * 1000));

/** An answer that is not a success (RFC 9457): `code` says which, `body` has more. */
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

/**
 * The records that the client holds, and how far it is. `persist` stores the content as a whole and resolves when that is
 * durable (a file, IndexedDB): what is saved together cannot be torn apart by a crash. `told` hears of each change.
 */
export class Copy {
  content: Content;
  persist: (content: Content) => Promise<void>;
  told: (event: Told) => void;

  constructor(options: { content?: Content; persist?: (content: Content) => Promise<void>; told?: (event: Told) => void } = {}) {
    this.content = { token: null, to_take: null, records: {}, hashes: {}, ...options.content };
    this.persist = options.persist ?? (async () => {});
    this.told = options.told ?? (() => {});
  }

  records(model: string): Record<string, Data> {
    return (this.content.records[model] ??= {});
  }

  hashes(model: string): Record<string, number | null> {
    return ((this.content.hashes ??= {})[model] ??= {});
  }

  /** Applies events. One that came before changes nothing: it carries the record's state, not a difference. */
  async apply(events: Event[], token: string): Promise<void> {
    for (const event of events) {
      this.told(event);
      if (event.event === "unlink") this.drop(event.model, event.record_id);
      else this.keep(event.model, event);
    }
    await this.save({ token });
  }

  /** A page of a list. */
  async put(model: string, records: ListedRecord[]): Promise<void> {
    for (const record of records) {
      this.told({ event: "list", model, ...record });
      this.keep(model, record);
    }
    await this.save({});
  }

  /** The list of a model is complete: what it did not contain is gone. */
  async taken(model: string, listed: Set<number>): Promise<void> {
    await this.dropOthers(model, listed);
    await this.save({ to_take: (this.content.to_take ?? []).filter((name) => name !== model) });
  }

  /** Drops what a list, of the whole model or of a range of ids, did not contain. */
  async dropOthers(model: string, listed: Set<number>, { from_id = 1, to_id = Infinity }: Ids = {}): Promise<void> {
    for (const id of Object.keys(this.records(model)).map(Number)) {
      if (listed.has(id) || id < from_id || id > to_id) continue;
      this.told({ event: "drop", model, record_id: id });
      this.drop(model, id);
    }
    await this.save({});
  }

  /** The old token goes, too. `replace`: the records at hand may be of another time or nobody's business any more. */
  async takeAnew(models: string[], replace: boolean): Promise<void> {
    for (const model of replace ? models : []) {
      delete this.content.records[model];
      delete this.content.hashes?.[model];
    }
    await this.save({ token: null, to_take: [...new Set([...(this.content.to_take ?? []), ...models])].sort() });
  }

  async save(changes: Partial<Content>): Promise<void> {
    Object.assign(this.content, changes);
    await this.persist(this.content);
  }

  keep(model: string, { record_id, data, data_hash }: Event | ListedRecord): void {
    this.records(model)[record_id] = data ?? null;
    this.hashes(model)[record_id] = data_hash ?? null;
  }

  drop(model: string, id: number): void {
    delete this.records(model)[id];
    delete this.hashes(model)[id];
  }
}

/** Keeps a copy up to date: pull, apply, acknowledge. May be stopped at any moment and begun again with its copy. */
export class ChangeFeedClient {
  url: string;
  copy: Copy;
  limit: number;
  chunk: number | undefined;
  headers: Record<string, string>;
  credentials: RequestCredentials;
  device: { device_id: string };
  scope: { app_type: string; models?: string };

  /** Without `key` and `session` the browser's cookie of Odoo says who asks. */
  constructor({ url, device, copy, key, session, app = "all", models, limit = 100, chunk }: Options) {
    this.url = url.replace(/\/$/, "");
    this.copy = copy;
    this.limit = limit;
    this.chunk = chunk;
    this.headers = {};
    if (key) this.headers.Authorization = `Bearer ${key}`;
    else if (session) this.headers.session_id = session;
    this.credentials = key || session ? "omit" : "include";
    this.device = { device_id: device };
    this.scope = { app_type: app, ...(models && { models }) };
  }

  /** Resolves when the copy has everything, or, when nothing was new, after at most `wait` seconds. */
  async sync(wait = 0): Promise<void> {
    if (this.copy.content.to_take === null) await this.begin();
    for (let more = true; more; ) {
      for (const model of [...(this.copy.content.to_take ?? [])]) await this.take(model);
      try {
        // Until nothing comes: has_more ends a batch, whose end may have been set before the app was started again.
        more = await this.pull(wait);
      } catch (problem) {
        await this.recover(problem);
      }
      wait = 0;
    }
  }

  /** Follows the stream of hints until `signal` aborts. A hint carries no record: what counts is the pull after it. */
  async follow(signal?: AbortSignal): Promise<void> {
    let pause = 1;
    let lastId: string | undefined;
    while (!signal?.aborted) {
      try {
        // Hints that were missed while no stream was open are made good by this.
        await this.sync();
        const headers: Record<string, string> = { ...this.headers, ...(lastId && { "Last-Event-ID": lastId }) };
        const answer = await fetch(this.address("stream", { ...this.device, ...this.scope }), {
          headers, credentials: this.credentials, signal });
        if (!answer.ok) throw await this.problem(answer);
        if (!answer.body) continue;
        for await (const message of messages(answer.body)) {
          if (message.retry) pause = Number(message.retry) / 1000;
          if (message.event !== "change") continue;
          lastId = message.id;
          await this.sync();
        }
      } catch (error) {
        if (signal?.aborted) return;
        if (error instanceof Problem && !busy.includes(error.status)) throw error;
        if (error instanceof Problem) pause = Math.max(pause, error.retryAfter ?? 0);
      }
      await sleep(pause * (1 + Math.random()));
    }
  }

  /** Settles events. Again is no error and settles nothing. */
  async acknowledge(eventIds: number[]): Promise<number> {
    return (await this.post<{ acknowledged: number }>("acknowledge", { ...this.device, event_ids: eventIds })).acknowledged;
  }

  state(): Promise<State> {
    return this.get<State>("state", this.device);
  }

  /** Starts over: the next sync takes every record anew. */
  async reset(to = "now"): Promise<void> {
    await this.post("reset", { ...this.device, to });
    await this.copy.save({ token: null, to_take: null, records: {}, hashes: {} });
  }

  /** Whether the copy of a model is what the service would give: null when there is something to pull first. */
  async isRight(model: string): Promise<boolean | null> {
    const { differing, pullFirst } = await this.compare(model);
    return pullFirst ? null : differing.length === 0;
  }

  /**
   * Takes the ranges of ids anew in which the copy is not what the service would give, and says how many they were. Sync
   * first: what is only late counts, too. A pull does not tell what other records decide (names, lists from their other
   * side, sight), so call this when the app starts or once in a while.
   */
  async mend(model: string): Promise<number> {
    const { differing } = await this.compare(model);
    for (const ids of differing) await this.copy.dropOthers(model, await this.list(model, ids), ids);
    return differing.length;
  }

  /**
   * The dialect of clients that never acknowledge: a pull settles what the pull before gave, so that an answer that is lost
   * on its way is lost. It carries no data. For apps that cannot be changed; new ones use `sync`.
   */
  async olderSync(userId: number): Promise<void> {
    if (this.headers.session_id) this.headers = { "X-Session-Id": this.headers.session_id };
    const { app_type, models } = this.scope;
    const body = {
      ...this.device, user_id: userId, app_type, models_filter: models ? models.split(",") : null, limit: this.limit };
    for (let more = true; more; ) {
      const answer = await this.post<Pull>("pull", body);
      await this.copy.apply(answer.events, answer.next_sync_token);
      more = answer.has_more;
    }
  }

  /** A new copy lacks what was there before it: each model that the device follows is to be listed. */
  async begin(): Promise<void> {
    try {
      await this.get<Pull>("pull", { ...this.device, ...this.scope, limit: 1, data: false });
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 410) throw problem;
    }
    await this.copy.takeAnew((await this.state()).models, true);
  }

  /** Lists a model. What changes meanwhile comes by the next pull. */
  async take(model: string): Promise<void> {
    let listed = new Set<number>();
    try {
      listed = await this.list(model);
    } catch (problem) {
      // The user lost the right to it: nothing of it stays.
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
        // Somebody began another list for this device: from the start.
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

  /** The ranges of ids in which the copy differs from the service's digest, and whether something is to be pulled first. */
  async compare(model: string): Promise<{ differing: Ids[]; pullFirst: boolean }> {
    const ranges: { from_id: number; records: number; hash: number; unproven?: boolean }[] = [];
    let pullFirst = false;
    for (let from: number | null = 1; from !== null; ) {
      const digest: Digest = await this.get<Digest>("digest", { ...this.device, model, of: "data", from_id: from });
      pullFirst ||= digest.pull_first;
      // Between those of the digest there is nothing, neither should there be in the copy.
      for (const bucket of digest.buckets) {
        ranges.push({ from_id: from, records: 0, hash: 0 }, bucket);
        from = bucket.to_id + 1;
      }
      ranges.push({ from_id: from, records: 0, hash: 0 });
      from = digest.next_from_id;
    }
    const hashes = this.copy.hashes(model);
    let at = 0;
    // Numbers as keys come in their order.
    for (const [id, data] of Object.entries(this.copy.records(model))) {
      while (at + 1 < ranges.length && ranges[at + 1].from_id <= Number(id)) at++;
      ranges[at].records -= 1;
      // 48 bits: the sum of two stays a whole number that JavaScript can hold.
      ranges[at].hash = (ranges[at].hash - (hashes[id] ?? 0)) % 2 ** 48;
      ranges[at].unproven ||= data !== null && hashes[id] == null;
    }
    const differing = ranges.flatMap(({ from_id, records, hash, unproven }, index) => {
      if (records === 0 && hash === 0 && !unproven) return [];
      return index + 1 < ranges.length ? { from_id, to_id: ranges[index + 1].from_id - 1 } : { from_id };
    });
    return { differing, pullFirst };
  }

  /** One page, and whether there was any. Acknowledged only after it was applied and saved: a crash means the same again. */
  async pull(wait: number): Promise<boolean> {
    const token = this.copy.content.token;
    const query: Query = {
      ...this.device, ...this.scope, limit: this.limit, hashes: true, ...(wait && { wait }),
      ...(token && { sync_token: token }) };
    const { events, next_sync_token, has_more } = await this.get<Pull>("pull", query, 30 + wait);
    const size = this.chunk ?? (events.length || 1);
    for (let start = 0; start < events.length; start += size) {
      const part = events.slice(start, start + size);
      await this.copy.apply(part, next_sync_token);
      await this.acknowledge(part.map((event) => event.id));
    }
    if (next_sync_token !== this.copy.content.token) await this.copy.save({ token: next_sync_token });
    return events.length > 0 || has_more;
  }

  async recover(problem: unknown): Promise<void> {
    if (problem instanceof Problem && problem.status === 410) {
      await this.copy.takeAnew(problem.body.models, problem.body.mode === "replace");
      await sleep(problem.retryAfter ?? 0);
    } else if (isCursorProblem(problem) && this.copy.content.token) {
      // The device goes on where its acknowledgements left it.
      await this.copy.save({ token: null });
    } else {
      throw problem;
    }
  }

  address(name: string, query: Query = {}): string {
    const parameters = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
    return `${this.url}/api/v2/sync/${name}?${parameters}`.replace(/\?$/, "");
  }

  get<T>(name: string, query: Query, timeout = 30): Promise<T> {
    return this.send<T>(this.address(name, query), { headers: this.headers }, timeout);
  }

  post<T>(name: string, body: unknown): Promise<T> {
    const headers = { ...this.headers, "Content-Type": "application/json" };
    return this.send<T>(this.address(name), { method: "POST", headers, body: JSON.stringify(body) }, 30);
  }

  /** Asks again while the service or the network is busy or away: every call here may be made twice. */
  async send<T>(address: string, options: RequestInit, timeout: number): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const isLast = attempt === attempts - 1;
      // Jitter, so that devices that lost the service together do not come back together.
      let pause = Math.random() * Math.min(60, 2 ** attempt);
      let answer: Response | null = null;
      try {
        // The libraries of older compilers lack it.
        const signal: AbortSignal = (AbortSignal as any).timeout(timeout * 1000);
        answer = await fetch(address, { ...options, credentials: this.credentials, signal });
        if (answer.ok) return (await answer.json()) as T;
      } catch (error) {
        if (isLast) throw error;
        answer = null;
      }
      if (answer) {
        const problem = await this.problem(answer);
        if (!busy.includes(problem.status) || isLast) throw problem;
        if (problem.retryAfter !== null) pause = problem.retryAfter + Math.random();
      }
      await sleep(pause);
    }
  }

  async problem(answer: Response): Promise<Problem> {
    const after = answer.headers.get("Retry-After");
    // What is not JSON is a proxy's page.
    const body = await answer.json().catch(() => ({}));
    return new Problem(answer.status, body ?? {}, /^\d+$/.test(after ?? "") ? Number(after) : null);
  }
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

/** The command line of Node; in a browser nothing here runs. */
async function main(fs: any, { parseArgs }: any): Promise<void> {
  const text = { type: "string" };
  const { values, positionals } = parseArgs({ allowPositionals: true, options: {
    key: text, session: text, device: text, app: text, models: text, copy: text, limit: text, chunk: text, wait: text,
    once: { type: "boolean" }, check: text, older: text, die: { type: "boolean" } } });
  if (positionals.length !== 1 || !values.device || !(values.key || values.session)) {
    console.error("usage: changefeed-client.ts URL --key KEY | --session ID --device NAME [--app NAME] [--models A,B] " +
      "[--copy FILE] [--limit N] [--chunk N] [--wait SECONDS] [--once] [--check MODEL] [--older USER] [--die]");
    process.exit(2);
  }
  const file = values.copy;
  const copy = new Copy({
    content: file && fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : undefined,
    told: (event) => fs.writeSync(1, JSON.stringify(event) + "\n"),
    persist: async (content) => {
      if (!file) return;
      fs.writeFileSync(file + ".new", JSON.stringify(content), { flush: true });
      fs.renameSync(file + ".new", file);
    },
  });
  const client = new ChangeFeedClient({
    ...values, url: positionals[0], copy, limit: Number(values.limit ?? 100), chunk: values.chunk && Number(values.chunk) });
  // Be killed before the first acknowledgement: for tests.
  if (values.die) client.acknowledge = async () => process.kill(process.pid, "SIGKILL");
  if (values.older) return client.olderSync(Number(values.older));
  await client.sync(Number(values.wait ?? 0));
  if (values.check) {
    const differed = await client.mend(values.check);
    const isRight = await client.isRight(values.check);
    console.log(JSON.stringify({ check: values.check, differed, is_right: isRight }));
    process.exit(isRight ? 0 : 1);
  }
  if (values.once) return;
  if (!values.wait) return client.follow();
  for (;;) await client.sync(Number(values.wait));
}

if (typeof process === "object" && process.argv?.[1]) {
  // Names in variables: the compiler looks for no types of Node.
  const names = ["node:fs", "node:url", "node:util"];
  const [fs, url, util] = await Promise.all(names.map((name) => import(name)));
  if (import.meta.url === url.pathToFileURL(fs.realpathSync(process.argv[1])).href) await main(fs, util);
}
