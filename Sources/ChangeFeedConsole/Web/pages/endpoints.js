import { act, get } from "../api.js";
import { badge, button, code, confirm, copyable, english, h, say, section, table, when } from "../dom.js";
import { number, seconds, t, time, word } from "../text.js";

const levels = { active: "ok", paused: "paused", disabled: "error" };

function health(row) {
  return [badge(levels[row.state], word("endpoint", row.state)), row.state === "active" && row.failing_since ? badge("warning", t("endpoints.failing")) : null].filter(Boolean);
}

export async function endpoints(context) {
  if (context.parts.length) return one(context);
  let rows = [];
  let next = null;
  const holder = h("div");
  const more = button(t("more"), () => load());
  let delivery = null;
  async function load() {
    const page = await get("endpoints", { after: next });
    rows = rows.concat(page.endpoints);
    next = page.next;
    delivery = page.delivery;
    more.hidden = next === null;
    holder.replaceChildren(table(t("endpoints.caption"), [
      { head: t("endpoints.name"), primary: true, cell: (row) => h("a", { href: `#/endpoints/${row.name}` }, h("bdi", {}, row.name)) },
      { head: t("endpoints.state"), cell: health },
      { head: t("endpoints.kind"), cell: (row) => code(row.kind) },
      { head: t("endpoints.url"), cell: (row) => code(row.url) },
      { head: t("endpoints.delivered"), number: true, cell: (row) => number(row.delivered) },
      { head: t("endpoints.failed"), number: true, cell: (row) => number(row.failed) },
      { head: t("endpoints.waiting"), number: true, cell: (row) => number(row.waiting) },
      { head: t("endpoints.dead"), number: true, cell: (row) => (row.dead ? badge("warning", number(row.dead)) : number(0)) },
      { head: t("endpoints.last"), cell: (row) => when(row.last_delivery_at) },
    ], rows, t("endpoints.none")));
  }
  await load();
  return h("div", { class: "stack" },
    delivery.allowed ? null : h("p", { class: "state list" }, badge("warning", t("overview.noDelivery")), " ", english(delivery.details.join("; "))),
    holder, h("div", { class: "actions" }, more));
}

async function one(context) {
  const name = context.parts[0];
  const data = await get("endpoint", { name });
  const row = data.endpoint;
  context.title(name);
  const back = h("p", {}, h("a", { href: "#/endpoints" }, t("endpoints.back")));
  if (!row) return h("div", { class: "stack" }, back, h("p", {}, badge("warning", t("endpoints.gone"))));
  const said = h("div", { "aria-live": "polite" });
  async function run(action, args = {}, options = {}) {
    if (options.title) {
      const chosen = await confirm({ verb: options.title, ...options });
      if (!chosen) return;
      args = { ...args, ...chosen };
    }
    for (const [key, value] of Object.entries(args)) if (value === "") delete args[key];
    if (args.since) args.since = new Date(args.since).toISOString();
    try {
      const done = await act(action, { name, ...args });
      say(done.detail || t("done"));
      if (done.secret) said.replaceChildren(h("div", { class: "panel warning" }, h("p", {}, t("endpoints.secret")), copyable(done.secret)));
      else if (options.then) options.then();
      else context.refresh();
    } catch (error) { say(error.message, "error"); }
  }
  const acts = context.mayAct ? h("div", { class: "actions" },
    row.state === "active"
      ? button(t("endpoints.pause"), () => run("endpoint_pause", {}, { title: t("endpoints.pause"), text: t("endpoints.pause.text"), fields: [{ name: "reason", label: t("reason") }] }))
      : button(t("endpoints.resume"), () => run("endpoint_resume", {}, { title: t("endpoints.resume"), text: t("endpoints.resume.text") }), { class: "primary" }),
    button(t("endpoints.test"), () => run("endpoint_test")),
    row.waiting + row.dead > 0 ? button(t("endpoints.retry"), () => run("endpoint_retry", {}, { title: t("endpoints.retry"), text: t("endpoints.retry.text") })) : null,
    row.dead > 0 ? button(t("endpoints.drop"), () => run("endpoint_drop", {}, { title: t("endpoints.drop"), text: t("endpoints.drop.text"), danger: true }), { class: "danger" }) : null,
    button(t("endpoints.replay"), () => run("endpoint_replay", {}, {
      title: t("endpoints.replay"), text: t("endpoints.replay.text"),
      fields: [{ name: "start", label: t("endpoints.start"), kind: "select", options: ["earliest", "all", "time", "now"].map((word) => [word, t(`start.${word}`)]) }, { name: "since", label: t("endpoints.since"), kind: "datetime-local" }],
    })),
    row.kind === "webhook" ? button(t("endpoints.rotate"), () => run("endpoint_rotate", {}, { title: t("endpoints.rotate"), text: t("endpoints.rotate.text") })) : null,
    button(t("endpoints.remove"), () => run("endpoint_remove", {}, { title: t("endpoints.remove"), text: t("endpoints.remove.text"), danger: true, then: () => { location.hash = "#/endpoints"; } }), { class: "danger" })) : null;
  return h("div", { class: "stack" }, back, said,
    section(t("endpoints.facts"), h("dl", { class: "facts" }, [
      [t("endpoints.state"), [health(row), row.reason ? [" ", english(row.reason)] : null]],
      [t("endpoints.url"), code(row.url)], [t("endpoints.kind"), code(row.kind)],
      [t("user"), data.login ? h("bdi", {}, data.login) : number(row.user_id)],
      [t("endpoints.models"), row.models ? code(row.models.join(", ")) : t("overview.allModels")],
      [t("endpoints.events"), code(row.events.join(", "))],
      [t("endpoints.delivered"), number(row.delivered)], [t("endpoints.failed"), number(row.failed)],
      [t("endpoints.waiting"), number(row.waiting)], [t("endpoints.dead"), number(row.dead)],
      [t("endpoints.last"), time(row.last_delivery_at)],
      [t("endpoints.lastFailure"), row.last_failure ? [time(row.last_failure_at), " · ", english(row.last_failure)] : "–"]]
      .map(([label, value]) => [h("dt", {}, label), h("dd", {}, value)])), acts),
    section(t("endpoints.waitingRecords"), table(t("endpoints.waiting.caption"), [
      { head: t("endpoints.record"), primary: true, cell: (one) => code(`${one.model},${one.record_id}`) },
      { head: t("events.event"), cell: (one) => word("event", one.event) },
      { head: t("endpoints.state"), cell: (one) => (one.is_dead ? badge("error", t("endpoints.deadLetter")) : badge("info", t("endpoints.waits"))) },
      { head: t("endpoints.attempts"), number: true, cell: (one) => number(one.attempts) },
      { head: t("endpoints.next"), cell: (one) => when(one.next_attempt_at) },
      { head: t("endpoints.error"), cell: (one) => english([one.status, one.error].filter(Boolean).join(" · ")) },
      ...(context.mayAct ? [{ head: t("models.change"), cell: (one) => button(t("endpoints.retryOne"), () => run("endpoint_retry", { model: one.model, record: one.record_id }), { class: "small", "aria-label": t("endpoints.retryRecord", { record: `${one.model} ${one.record_id}` }) }) }] : []),
    ], data.waiting, t("endpoints.waiting.none"))),
    section(t("endpoints.lastAttempts"), table(t("endpoints.attempts.caption"), [
      { head: t("time"), primary: true, cell: (one) => when(one.at) },
      { head: t("endpoints.result"), cell: (one) => (one.error ? badge("error", one.status || t("endpoints.noAnswer")) : badge("ok", one.status || t("done"))) },
      { head: t("endpoints.record"), cell: (one) => (one.model ? code(`${one.model},${one.record_id}`) : "–") },
      { head: t("endpoints.took"), number: true, cell: (one) => seconds(one.milliseconds / 1000) },
      { head: t("endpoints.error"), cell: (one) => (one.error ? english(one.error) : "–") },
    ], data.attempts, t("endpoints.attempts.none"))));
}
