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
}

export interface ListedRecord {
  record_id: number;
  data: Data;
}

/** What a copy tells of each change. */
export type Told = Event | { event: "list" | "drop"; model: string; record_id: number; data?: Data };

export interface Content {
  token: string | null;
  /** Models whose records are still to be listed; null is a copy that has not begun. */
  to_take: string[] | null;
  records: Record<string, Record<string, Data>>;
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

interface Digest {
  records: number;
  hash: number;
  pull_first: boolean;
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
    this.content = options.content ?? { token: null, to_take: null, records: {} };
    this.persist = options.persist ?? (async () => {});
    this.told = options.told ?? (() => {});
  }

  records(model: string): Record<string, Data> {
    return (this.content.records[model] ??= {});
  }

  /** Applies events. One that came before changes nothing: it carries the record's state, not a difference. */
  async apply(events: Event[], token: string): Promise<void> {
    for (const event of events) {
      this.told(event);
      if (event.event === "unlink") delete this.records(event.model)[event.record_id];
      else this.records(event.model)[event.record_id] = event.data ?? null;
    }
    await this.save({ token });
  }

  /** A page of a list. */
  async put(model: string, records: ListedRecord[]): Promise<void> {
    for (const { record_id, data } of records) {
      this.told({ event: "list", model, record_id, data });
      this.records(model)[record_id] = data;
    }
    await this.save({});
  }

  /** The list of a model is complete: what it did not contain is gone. */
  async taken(model: string, listed: Set<string>): Promise<void> {
    for (const id of Object.keys(this.records(model))) {
      if (listed.has(id)) continue;
      this.told({ event: "drop", model, record_id: Number(id) });
      delete this.records(model)[id];
    }
    await this.save({ to_take: (this.content.to_take ?? []).filter((name) => name !== model) });
  }

  /** The old token goes, too. `replace`: the records at hand may be of another time or nobody's business any more. */
  async takeAnew(models: string[], replace: boolean): Promise<void> {
    if (replace) for (const model of models) delete this.content.records[model];
    await this.save({ token: null, to_take: [...new Set([...(this.content.to_take ?? []), ...models])].sort() });
  }

  async save(changes: Partial<Content>): Promise<void> {
    Object.assign(this.content, changes);
    await this.persist(this.content);
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
    await this.copy.save({ token: null, to_take: null, records: {} });
  }

  /** Whether the copy of a model is what the service would give: null when there is something to pull first. */
  async isRight(model: string): Promise<boolean | null> {
    const digest = await this.get<Digest>("digest", { ...this.device, model, buckets: 1 });
    if (digest.pull_first) return null;
    const records = Object.entries(this.copy.records(model));
    let total = 0;
    for (const [id, data] of records) {
      const text = new TextEncoder().encode(`${id},${data?.write_date || ""}`);
      const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
      // 48 bits: the sum of two stays a whole number that JavaScript can hold.
      total = (total + bytes.slice(0, 6).reduce((sum, byte) => sum * 256 + byte, 0)) % 2 ** 48;
    }
    return digest.records === records.length && digest.hash === total;
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

  /** Lists a model, page by page. What changes meanwhile comes by the next pull. */
  async take(model: string): Promise<void> {
    let listed = new Set<string>();
    let cursor: string | null = null;
    for (let complete = false; !complete; ) {
      let page: Page;
      try {
        page = await this.get<Page>("snapshot", { ...this.device, model, limit: this.limit, ...(cursor && { cursor }) });
      } catch (problem) {
        if (problem instanceof Problem && problem.code === "model_not_readable") {
          // The user lost the right to it: nothing of it stays.
          listed = new Set();
          break;
        }
        if (!cursor || !isCursorProblem(problem)) throw problem;
        // Somebody began another list for this device: from the start.
        listed = new Set();
        cursor = null;
        continue;
      }
      await this.copy.put(model, page.records);
      for (const record of page.records) listed.add(String(record.record_id));
      cursor = page.next_cursor;
      complete = page.complete;
    }
    await this.copy.taken(model, listed);
  }

  /** One page, and whether there was any. Acknowledged only after it was applied and saved: a crash means the same again. */
  async pull(wait: number): Promise<boolean> {
    const token = this.copy.content.token;
    const query: Query = {
      ...this.device, ...this.scope, limit: this.limit, ...(wait && { wait }), ...(token && { sync_token: token }) };
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
    const isRight = await client.isRight(values.check);
    console.log(JSON.stringify({ check: values.check, is_right: isRight }));
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
