// Command line of the JavaScript client, to try it with Node.
import process from "node:process";
import { parseArgs } from "node:util";
import { LogStorage } from "./log-storage.mjs";
import { OdooWrites } from "./odoo-writes.mjs";

const usage = `usage: changefeed-client.mjs URL --key KEY | --session ID --device NAME [--app NAME] [--models A,B]
    [--copy FILE] [--limit N] [--chunk N] [--wait SECONDS] [--once] [--status] [--check MODEL] [--show]
    [--odoo URL --database NAME [--write JSON]...] [--older USER] [--die]`;
const [text, flag] = [{ type: "string" }, { type: "boolean" }];
const options = {
  key: text, session: text, device: text, app: text, models: text, copy: text, limit: text, chunk: text, wait: text,
  once: flag, status: flag, check: text, show: flag, odoo: text, database: text,
  write: { type: "string", multiple: true }, older: text, die: flag };

// To files and pipes Node writes this synchronously (except on Windows): it is written before a test kills the client.
const write = (value) => process.stdout.write(JSON.stringify(value) + "\n");

/** The copy as one object: the state, records and their hashes by model and id, and the queue. */
async function show({ state, storage }, queue) {
  const [records, hashes, writes] = [{}, {}, []];
  for (const model of await storage.models()) {
    records[model] = Object.fromEntries(await storage.records(model));
    hashes[model] = Object.fromEntries(await storage.hashes(model));
  }
  for (const write of await storage.writes()) {
    writes.push({ ...write, shown: (await queue.shown(write.model, write.record)) ?? null });
  }
  return { state, records, hashes, writes };
}

export async function main({ ChangeFeedClient, Copy }) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const { key, session, odoo, database } = values;
  if (positionals.length !== 1 || !values.device || !(key || session) || (values.write && !odoo)) {
    console.error(usage);
    process.exit(2);
  }
  const copy = await Copy.open(new LogStorage(values.copy), values.status ? undefined : write);
  const queue = await OdooWrites.open({ url: odoo ?? "", database, copy, key, session });
  if (values.show) return write(await show(copy, queue));
  const client = new ChangeFeedClient({
    ...values, url: positionals[0], copy, limit: Number(values.limit ?? 500),
    chunk: values.chunk && Number(values.chunk), writes: odoo && queue,
    onStatus: values.status ? (status) => write({ status }) : undefined });
  // Exit before the first acknowledgement: for tests.
  if (values.die) client.acknowledge = () => process.kill(process.pid, "SIGKILL");
  for (const content of values.write ?? []) await queue.add(JSON.parse(content));
  if (values.older) return client.olderSync(Number(values.older));
  await client.sync(Number(values.wait ?? 0));
  if (values.check) {
    const differed = await client.mend(values.check);
    const isRight = await client.isRight(values.check);
    write({ check: values.check, differed, is_right: isRight });
    process.exit(isRight ? 0 : 1);
  }
  if (values.once) return;
  if (!values.wait) return client.follow();
  client.attempts = Infinity;
  for (;;) await client.sync(Number(values.wait));
}
