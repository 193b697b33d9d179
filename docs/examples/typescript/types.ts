// The types of the TypeScript client beside this file.

/** What Odoo's read() gives, by the names of fields. */
export type Data = Record<string, unknown> | null;

export interface Event {
  id: number;
  model: string;
  record_id: number;
  event: "create" | "write" | "unlink";
  /** `copy`: no news, the device is handed what exists. `access`: the record is there, but out of this user's sight. */
  reason?: "copy" | "access";
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
export type Told =
  Event | { event: "list" | "drop"; model: string; record_id: number; data?: Data; data_hash?: number };

export interface Progress {
  records: number;
  estimate: number;
}

/** How far a copy is. */
export interface CopyState {
  /** The last next_sync_token. */
  token: string | null;
  /** Models that a 410 named and that are still to be listed. */
  to_take: string[];
  /** What the service is to be told before the next pull. */
  reset: "all" | null;
  user_id: number | null;
  /** The copy is one moment's. */
  is_whole: boolean;
  /** While the device copies for the first time. */
  progress: Progress | null;
  last_sync: string | null;
}

export type Row = [model: string, id: number, data: Data, hash: number | null];

/** What is kept together or not at all. What is dropped is dropped first. */
export interface Change {
  state?: Partial<CopyState>;
  put?: Row[];
  drop?: [model: string, id: number][];
  dropModels?: string[];
  dropAll?: boolean;
  /** Own writes by number, null for one that is done. */
  writes?: [n: number, content: unknown][];
}

/** A queue of own writes, such as OdooWrites of the JavaScript client. */
export interface Writes {
  waiting: number;
  refused: number;
  lastError: string | null;
  /** Sends what waits, and resolves to the numbers of all that came through. */
  send(): Promise<number[]>;
  /** They have come back with the pulls. */
  forget(numbers: number[]): Promise<void>;
}

/** Where a copy lies. `commit` resolves when the change is on disk. */
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

/** What an app shows its user. */
export interface Status {
  connected: boolean;
  /** The copy is whole as of last_sync. */
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

/** A range of ids: to_id is left out where it has no end. */
export interface Ids {
  from_id?: number;
  to_id?: number;
}

/** What the service says about this device. */
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
