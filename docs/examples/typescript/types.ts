// The types of the TypeScript client beside this file.

/** The result of Odoo's read(), by field name. */
export type Data = Record<string, unknown> | null;

export interface Event {
  id: number;
  model: string;
  record_id: number;
  event: "create" | "write" | "unlink";
  /** `copy`: an existing record of the first copy. `access`: the record exists, but this user may not see it. */
  reason?: "copy" | "access";
  occurred_at?: string;
  /** For older clients, instead of occurred_at. */
  timestamp?: string;
  data?: Data;
  data_hash?: number;
}

export interface ListedRecord {
  record_id: number;
  data: Data;
  data_hash?: number;
}

/** A copy's notification of a change. */
export type Told =
  Event | { event: "list" | "drop"; model: string; record_id: number; data?: Data; data_hash?: number };

export interface Progress {
  records: number;
  estimate: number;
}

/** The state of a copy. */
export interface CopyState {
  /** The last next_sync_token. */
  token: string | null;
  /** Models that a 410 named and that must still be listed. */
  to_take: string[];
  /** The value for POST reset before the next pull. */
  reset: "all" | null;
  user_id: number | null;
  /** The copy is of one point in time. */
  is_whole: boolean;
  /** During the first copy. */
  progress: Progress | null;
  last_sync: string | null;
}

export type Row = [model: string, id: number, data: Data, hash: number | null];

/** Changes that are stored together or not at all. Drops come first. */
export interface Change {
  state?: Partial<CopyState>;
  put?: Row[];
  drop?: [model: string, id: number][];
  dropModels?: string[];
  dropAll?: boolean;
  /** The app's writes by number, null for a finished one. */
  writes?: [n: number, content: unknown][];
}

/** A write queue, such as OdooWrites of the JavaScript client. */
export interface Writes {
  waiting: number;
  refused: number;
  lastError: string | null;
  /** Sends waiting writes, and resolves to the numbers of those that succeeded. */
  send(): Promise<number[]>;
  /** They have returned with the pulls. */
  forget(numbers: number[]): Promise<void>;
}

/** Storage of a copy. `commit` resolves when the change is on disk. */
export interface Storage {
  commit(change: Change): Promise<void>;
  state(): Promise<Partial<CopyState>>;
  models(): Promise<string[]>;
  record(model: string, id: number): Promise<Data | undefined>;
  /** Pairs of id and data, by id. */
  records(model: string): Promise<[number, Data][]>;
  /** Pairs of id and hash, by id. */
  hashes(model: string): Promise<[number, number | null][]>;
}

/** For the app to show. */
export interface Status {
  connected: boolean;
  /** The copy is complete as of last_sync. */
  has_everything: boolean;
  progress: Progress | null;
  last_sync: string | null;
  user_id: number | null;
  waiting_writes: number;
  refused_writes: number;
  last_error: string | null;
}

export interface Pull {
  events: Event[];
  next_sync_token: string;
  has_more: boolean;
  progress?: Progress;
}

export interface Page {
  records: ListedRecord[];
  next_cursor: string | null;
  complete: boolean;
}

export interface Digest {
  pull_first: boolean;
  buckets: { from_id: number; to_id: number; records: number; hash: number }[];
  next_from_id: number | null;
}

/** A range of ids: to_id is absent if the range has no end. */
export interface Ids {
  from_id?: number;
  to_id?: number;
}

/** The service's state of this device. */
export interface State {
  user_id: number;
  models: string[];
  pending: number;
  lag_seconds: number;
  last_pull_at: string | null;
  last_acknowledgement_at: string | null;
  last_resync_reason: string | null;
}

export interface Options<C> {
  url: string;
  device: string;
  copy: C;
  key?: string;
  session?: string;
  app?: string;
  models?: string;
  limit?: number;
  chunk?: number;
  writes?: Writes;
  onStatus?: (status: Status) => void;
}

/** Parameters of a request. */
export type Query = Record<string, string | number | boolean>;
