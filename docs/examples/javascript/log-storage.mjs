// Storage of the JavaScript client in Node: in memory, and in a file to which each commit adds one line.
//
// A line is complete, or after a crash dropped at the next start: changes committed together cannot be torn
// apart. When most of the file is obsolete it is rewritten. An app with its own database implements a class with
// the same methods instead.
import fs from "node:fs";
import path from "node:path";

const allowance = 4_000_000; // bytes by which a file may grow beyond its double before it is rewritten
const linesAtOnce = 500; // records per line when a file is rewritten

export class LogStorage {
  /** Without a file the copy is in memory only. */
  constructor(file) {
    Object.assign(this, { file, kept: {}, models_: new Map(), writes_: new Map(), size: 0 });
    if (!file) return;
    this.handle = fs.openSync(file, "a+");
    this.read();
    this.compactAt = 2 * this.size + allowance;
  }

  /**
   * Everything or nothing, and on disk when this resolves. Drops come first.
   * state: names and values to store; put: rows [model, id, data, hash]; drop: pairs [model, id]; dropModels: names;
   * writes: pairs [n, content], null for a finished one.
   */
  async commit(change) {
    if (this.file) this.append(change);
    this.apply(change);
    if (this.file && this.size > this.compactAt) this.compact();
  }

  /** The state from `commit`, by name. */
  async state() {
    return { ...this.kept };
  }

  /** The models that have records, by name. */
  async models() {
    return [...this.models_.keys()].filter((model) => this.models_.get(model).size > 0).sort();
  }

  /** The data of a record; undefined if there is no such record. */
  async record(model, id) {
    return this.models_.get(model)?.get(id)?.[0];
  }

  /** Pairs of id and data, by id. */
  async records(model) {
    return this.rows(model).map(([id, [data]]) => [id, data]);
  }

  /** Pairs of id and hash, by id. */
  async hashes(model) {
    return this.rows(model).map(([id, [, hash]]) => [id, hash]);
  }

  /** The writes that wait, or wait for a decision, oldest first. */
  async writes() {
    return [...this.writes_.entries()].sort(([one], [other]) => one - other).map(([, content]) => content);
  }

  rows(model) {
    return [...(this.models_.get(model) ?? [])].sort(([one], [other]) => one - other);
  }

  apply({ state = {}, put = [], drop = [], dropModels = [], dropAll = false, writes = [] }) {
    if (dropAll) this.models_.clear();
    for (const model of dropModels) this.models_.delete(model);
    for (const [model, id] of drop) this.models_.get(model)?.delete(id);
    for (const [model, id, data, hash] of put) {
      if (!this.models_.has(model)) this.models_.set(model, new Map());
      this.models_.get(model).set(id, [data, hash]);
    }
    Object.assign(this.kept, state);
    for (const [n, content] of writes) content ? this.writes_.set(n, content) : this.writes_.delete(n);
  }

  append(change) {
    const line = Buffer.from(JSON.stringify(change) + "\n");
    try {
      for (let at = 0; at < line.length; ) at += fs.writeSync(this.handle, line, at);
      fs.fsyncSync(this.handle);
    } catch (error) {
      // Nothing may be appended to half a line.
      fs.ftruncateSync(this.handle, this.size);
      throw error;
    }
    this.size += line.length;
  }

  read() {
    const content = fs.readFileSync(this.file);
    for (let end; (end = content.indexOf(10, this.size)) >= 0; this.size = end + 1) {
      let change;
      try {
        change = JSON.parse(content.toString("utf8", this.size, end));
      } catch (error) {
        if (end + 1 === content.length) break;
        throw new Error(`${this.file} is damaged at byte ${this.size}: ${error.message}`);
      }
      this.apply(change);
    }
    // A line that a crash cut off was never acknowledged: the service sends it again.
    if (this.size < content.length) fs.ftruncateSync(this.handle, this.size);
  }

  /** Writes the current content to a new file, which atomically replaces the old one. */
  compact() {
    const old = this.handle;
    this.handle = fs.openSync(this.file + ".new", "w+");
    this.size = 0;
    for (const change of this.changes()) {
      this.size += fs.writeSync(this.handle, JSON.stringify(change) + "\n");
    }
    fs.fsyncSync(this.handle);
    fs.renameSync(this.file + ".new", this.file);
    const folder = fs.openSync(path.dirname(this.file), "r");
    fs.fsyncSync(folder);
    fs.closeSync(folder);
    fs.closeSync(old);
    this.compactAt = 2 * this.size + allowance;
  }

  *changes() {
    yield { state: this.kept, writes: [...this.writes_] };
    for (const [model, rows] of this.models_) {
      const all = [...rows];
      for (let at = 0; at < all.length; at += linesAtOnce) {
        yield { put: all.slice(at, at + linesAtOnce).map(([id, [data, hash]]) => [model, id, data, hash]) };
      }
    }
  }
}
