import { act, get } from "../api.js";
import { badge, button, code, confirm, h, problem, say, section, table } from "../dom.js";
import { number, t, time, word } from "../text.js";

const kinds = { create: "ok", write: "info", unlink: "warning", truncate: "error" };

const kindBadge = (kind) => badge(kinds[kind], word("event", kind), kind);

const columns = () => [
  { head: t("time"), cell: (row) => h("time", { datetime: row.at }, time(row.at)) },
  { head: t("events.event"), primary: true, cell: (row) => h("a", { href: `#/events/${row.id}` }, kindBadge(row.event)) },
  { head: t("model"), cell: (row) => code(row.model) },
  { head: t("events.records"), cell: (row) => [number(row.records), "\u2002", h("span", { class: "muted ids" }, h("bdi", {}, row.ids.join(", ") + (row.records > row.ids.length ? " …" : "")))] },
  { head: t("events.notes"), cell: (row) => [row.has_old ? h("span", { class: "tag" }, t("events.hasOld")) : null, row.archived ? h("span", { class: "tag" }, t("events.archived")) : null].filter(Boolean) },
];

export async function events(context) {
  if (context.parts.length) return one(context);
  const fields = ["model", "event", "record", "since"];
  const filter = Object.fromEntries(fields.map((name) => [name, context.query.get(name) || ""]));
  const form = h("form", {
    class: "filters",
    onsubmit: (event) => {
      event.preventDefault();
      const query = new URLSearchParams();
      for (const [name, value] of new FormData(form)) {
        if (value) query.set(name, name === "since" && !value.endsWith("Z") ? new Date(value).toISOString() : value.trim());
      }
      location.hash = `#/events?${query}`;
    },
  },
  field("model", t("model"), h("input", { id: "e-model", name: "model", value: filter.model, placeholder: "sale.order", dir: "ltr", spellcheck: "false" })),
  field("event", t("events.event"), h("select", { id: "e-event", name: "event" }, ["", ...Object.keys(kinds)].map((kind) => h("option", { value: kind, selected: kind === filter.event }, kind ? word("event", kind) : t("any"))))),
  field("record", t("events.record"), h("input", { id: "e-record", name: "record", value: filter.record, inputmode: "numeric", pattern: "[0-9]*", dir: "ltr" })),
  field("since", t("events.since"), h("input", { id: "e-since", name: "since", type: "datetime-local", value: local(filter.since) })),
  h("div", { class: "actions" }, h("button", { type: "submit", class: "primary" }, t("search")),
    h("a", { href: "#/events", class: "button" }, t("clear"))));

  let rows = [];
  let next = null;
  const body = () => holder.querySelector("tbody");
  const holder = h("div");
  const more = button(t("more"), () => load(false));
  const status = h("p", { class: "muted", role: "status", "aria-live": "polite" });
  const draw = (fresh = new Set()) => {
    holder.replaceChildren(table(t("events.caption"), columns(), rows, t("events.none")));
    if (fresh.size && body()) rows.forEach((row, index) => { if (fresh.has(row.id)) body().rows[index].classList.add("fresh"); });
    more.hidden = next === null;
  };
  async function load(first) {
    const page = await get("events", { ...filter, before: first ? null : next });
    rows = first ? page.events : rows.concat(page.events);
    next = page.next;
    draw();
    status.textContent = page.searched_to && filter.record + filter.event ? t("events.searched", { time: time(page.searched_to) }) : "";
  }
  await load(true);

  let isLive = true;
  const live = button(t("events.live"), () => {
    isLive = !isLive;
    live.setAttribute("aria-pressed", String(isLive));
    live.classList.toggle("on", isLive);
  }, { "aria-pressed": "true", class: "toggle on" });
  context.every(2, async () => {
    if (!isLive) return;
    try {
      const page = await get("events", filter);
      if (!context.isCurrent()) return;
      const known = new Set(rows.map((row) => row.id));
      const fresh = page.events.filter((row) => !known.has(row.id));
      if (fresh.length === 0) return;
      // Numbers do not rise in the order of commits: a late one goes to its place.
      rows = [...fresh, ...rows].sort((a, b) => b.id - a.id).slice(0, Math.max(200, rows.length));
      if (rows.length === 200 && next !== null) next = rows[rows.length - 1].id;
      draw(new Set(fresh.map((row) => row.id)));
      status.textContent = t("events.new", { count: number(fresh.length) });
    } catch (error) {
      if (context.isCurrent()) holder.replaceChildren(problem(error));
    }
  });
  const archive = context.mayAct ? button(t("events.archive"), () => archiveBefore(context)) : null;
  return h("div", { class: "stack" }, form,
    h("div", { class: "toolbar" }, live, status, h("span", { class: "space" }), archive), holder, h("div", { class: "actions" }, more));
}

function field(name, label, input) {
  return h("div", { class: "field" }, h("label", { for: `e-${name}` }, label), input);
}

function local(text) {
  if (!text) return "";
  const moment = new Date(text);
  return new Date(moment - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

async function archiveBefore(context) {
  const chosen = await confirm({
    title: t("events.archive"), text: [t("events.archive.text"), t("events.archive.undo")], verb: t("events.archive.verb"), danger: true,
    fields: [{ name: "before", label: t("events.archive.before"), kind: "datetime-local", required: true }],
  });
  if (!chosen) return;
  try {
    const done = await act("archive", { before: new Date(chosen.before).toISOString() });
    say(t("events.archive.done", { count: done.detail }));
    context.refresh();
  } catch (error) { say(error.message, "error"); }
}

async function one(context) {
  const id = Number(context.parts[0]);
  const from = Number(context.query.get("from") || 1);
  const row = await get("event", { id, from });
  context.title(t("events.one", { id }));
  const columnsOfRecords = [
    { head: t("events.record"), primary: true, cell: (one) => code(one.record) },
    { head: t("events.old"), cell: (one) => (one.old === null ? "–" : h("dl", { class: "values" }, Object.entries(one.old).map(([name, value]) => [h("dt", {}, code(name)), h("dd", {}, code(JSON.stringify(value)))]))) },
    { head: t("events.who"), cell: (one) => h("a", { href: `#/access?model=${encodeURIComponent(row.model)}&record=${one.record}` }, t("events.whoSees")) },
  ];
  const last = from + row.list.length - 1;
  return h("div", { class: "stack" },
    h("p", {}, h("a", { href: "#/events" }, t("events.back"))),
    section(t("events.facts"), h("dl", { class: "facts" },
      [[t("model"), code(row.model)], [t("events.event"), kindBadge(row.event)], [t("time"), time(row.at)],
        [t("events.records"), number(row.records)], [t("events.transaction"), code(row.transaction)], [t("overview.epochName"), number(row.epoch)],
        [t("events.slot"), number(row.slot)], [t("events.archivedAt"), time(row.archived_at)]]
        .map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]))),
    section(t("events.records"), row.event === "truncate" ? h("p", {}, t("events.truncated")) :
      table(t("events.list", { from: number(from), to: number(last), all: number(row.records) }), columnsOfRecords, row.list),
    h("div", { class: "actions" },
      from > 1 ? h("a", { class: "button", href: `#/events/${id}?from=${Math.max(1, from - 100)}` }, t("previous")) : null,
      last < row.records ? h("a", { class: "button", href: `#/events/${id}?from=${last + 1}` }, t("next")) : null)),
    section(t("events.same"), table(t("events.same.caption"), [
      { head: t("events.row"), primary: true, cell: (one) => h("a", { href: `#/events/${one.id}` }, one.id) },
      { head: t("model"), cell: (one) => code(one.model) },
      { head: t("events.event"), cell: (one) => kindBadge(one.event) },
      { head: t("events.records"), number: true, cell: (one) => number(one.records) },
    ], row.same_transaction, t("events.same.none"))));
}
