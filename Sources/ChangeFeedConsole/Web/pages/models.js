import { act, get } from "../api.js";
import { badge, button, code, confirm, copyable, h, problem, say, section, table, when } from "../dom.js";
import { bytes, number, seconds, t, word } from "../text.js";

export async function models(context) {
  const data = await get("models");
  const states = { enabled: "ok", stale: "warning", "not always": "warning" };
  const rows = data.models;
  const switchCapture = !context.mayAct ? null : data.paused
    ? button(t("models.resume"), () => resume(context), { class: "primary" })
    : button(t("models.pause"), () => pause(context), { class: "danger" });
  return h("div", { class: "stack" },
    section(t("models.capture"),
      h("p", {}, data.paused
        ? [badge("paused", t("models.paused")), " ", t("models.paused.text", { by: data.paused_by || "" }), " ", h("q", {}, h("bdi", {}, data.pause_reason || "")), " · ", when(data.paused_at)]
        : [badge("ok", t("models.running")), " ", t("models.running.text")]),
      switchCapture ? h("div", { class: "actions" }, switchCapture) : null),
    section(t("models.tracked"), data.is_cut ? h("p", { class: "muted" }, t("overview.cut")) : null,
      table(t("models.caption"), [
        { head: t("model"), primary: true, cell: (row) => h("a", { href: `#/events?model=${row.model}` }, code(row.model)) },
        { head: t("models.state"), cell: (row) => [badge(states[row.state] || "error", word("trigger", row.state)), row.gap ? badge("warning", t("models.gap")) : null].filter(Boolean) },
        { head: t("models.access"), cell: (row) => (row.access === "open" || !row.access ? t("models.open") : badge("warning", word("access", row.access))) },
        { head: t("event.create"), number: true, cell: (row) => number(row.creates) },
        { head: t("event.write"), number: true, cell: (row) => number(row.writes) },
        { head: t("event.unlink"), number: true, cell: (row) => number(row.unlinks) },
        { head: t("models.last"), cell: (row) => when(row.last_at) },
        { head: t("models.size"), number: true, cell: (row) => bytes(row.bytes) },
        { head: t("models.columns"), number: true, cell: (row) => h("span", { title: row.rule_columns.join(", ") }, number(row.rule_columns.length)) },
        { head: t("models.change"), cell: (row) => button(t("models.untrack"), () => plan(row.model, place), { class: "small", "aria-label": t("models.untrackOne", { model: row.model }) }) },
      ], rows)),
    planning());

  function planning() {
    const input = h("input", { id: "plan-model", name: "model", required: true, dir: "ltr", spellcheck: "false", placeholder: "crm.lead", list: "untracked" });
    const form = h("form", { class: "filters", onsubmit: (event) => { event.preventDefault(); plan(input.value.trim(), place); } },
      h("div", { class: "field" }, h("label", { for: "plan-model" }, t("models.plan.model")), input, h("datalist", { id: "untracked" }, data.untracked.map((name) => h("option", { value: name })))),
      h("div", { class: "actions" }, h("button", { type: "submit", class: "primary" }, t("models.plan.verb"))));
    return section(t("models.plan"), h("p", {}, t("models.plan.text")), form, place);
  }
}

const place = h("div", { "aria-live": "polite" });

async function plan(model, target) {
  try {
    const found = await get("plan", { model });
    target.replaceChildren(found.table === null
      ? h("p", {}, badge("error", t("models.plan.none")))
      : h("div", { class: "plan" },
        h("h3", {}, found.is_tracked ? t("models.plan.untrack") : t("models.plan.track"), " ", code(found.model)),
        h("dl", { class: "facts" },
          [[t("models.table"), code(found.table)], [t("models.rows"), number(found.rows)], [t("models.size"), bytes(found.bytes)],
            [t("models.columns"), found.rule_columns && found.rule_columns.length ? code(found.rule_columns.join(", ")) : t("none")], [t("models.lock"), code(found.lock)]]
            .map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
        h("p", {}, found.is_tracked ? t("models.plan.untrack.text") : t("models.plan.track.text")),
        h("p", {}, t("models.plan.run")),
        copyable(found.sql),
        table(t("models.holders"), [
          { head: "PID", primary: true, cell: (one) => code(one.pid) },
          { head: t("models.holder.user"), cell: (one) => code(one.user || "") },
          { head: t("models.holder.application"), cell: (one) => code(one.application || "") },
          { head: t("models.holder.age"), number: true, cell: (one) => seconds(one.seconds) },
        ], found.holders, t("models.holders.none"))));
  } catch (error) { target.replaceChildren(problem(error)); }
  target.scrollIntoView({ block: "nearest" });
}

async function pause(context) {
  const chosen = await confirm({
    title: t("models.pause"), text: [t("models.pause.text"), t("models.pause.gap")], verb: t("models.pause.verb"), danger: true,
    fields: [{ name: "reason", label: t("reason"), required: true, hint: t("models.pause.reason") }],
  });
  if (!chosen) return;
  try {
    await act("pause", { reason: chosen.reason });
    say(t("models.paused"));
  } catch (error) { say(error.message, "error"); }
  context.refresh();
}

async function resume(context) {
  const chosen = await confirm({ title: t("models.resume"), text: t("models.resume.text"), verb: t("models.resume") });
  if (!chosen) return;
  try {
    await act("resume");
    say(t("models.running"));
  } catch (error) { say(error.message, "error"); }
  context.refresh();
}
