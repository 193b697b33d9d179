import { act, get } from "../api.js";
import { badge, button, code, confirm, english, h, problem, say, section, table, when } from "../dom.js";
import { t, word } from "../text.js";

export async function access(context) {
  const data = await get("access");
  const answer = h("div", { "aria-live": "polite", class: "stack" });
  const given = (name) => context.query.get(name) || "";
  const input = (name, more = {}) => h("input", { id: `a-${name}`, name, value: given(name), dir: "ltr", spellcheck: "false", autocomplete: "off", ...more });
  const form = h("form", {
    class: "filters",
    onsubmit: async (event) => {
      event.preventDefault();
      answer.replaceChildren(h("p", { class: "muted" }, t("loading")));
      try {
        const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
        const { explanation: found, verdicts } = await get("explain", values);
        answer.replaceChildren(...explanation(found, verdicts || [], values, context));
      } catch (error) { answer.replaceChildren(problem(error)); }
    },
  },
  h("div", { class: "field" }, h("label", { for: "a-login" }, t("access.login")), input("login", { required: true })),
  h("div", { class: "field" }, h("label", { for: "a-model" }, t("model")), input("model", { required: true, placeholder: "sale.order" })),
  h("div", { class: "field" }, h("label", { for: "a-record" }, t("access.record")), input("record", { inputmode: "numeric", pattern: "[0-9]*" })),
  h("div", { class: "actions" }, h("button", { type: "submit", class: "primary" }, t("access.explain"))));
  const decide = (kind, args, text, options) => (context.mayAct ? button(t("access.decide"), () => decideAbout(kind, args, text, options, context), { class: "small", "aria-label": t("access.decideAbout", { what: text }) }) : "");
  return h("div", { class: "stack" },
    section(t("access.question"), h("p", {}, t("access.question.text")), form, answer),
    section(t("access.rules"), h("p", {}, t("access.rules.text")), table(t("access.rules.caption"), [
      { head: t("access.rule"), primary: true, cell: (row) => [h("bdi", {}, row.name || ""), " ", code(`#${row.id}`)] },
      { head: t("model"), cell: (row) => code(row.model) },
      { head: t("access.domain"), cell: (row) => code(row.domain || "[]") },
      { head: t("access.why"), cell: (row) => (row.reason ? english(row.reason) : "–") },
      { head: t("access.decision"), cell: decision },
      { head: t("models.change"), cell: (row) => decide("rule_decide", { rule_id: row.id }, row.name || `#${row.id}`, ["allow", "deny", "clear"]) },
    ], data.rules, t("access.rules.none"))),
    section(t("access.models"), h("p", {}, t("access.models.text")), table(t("access.models.caption"), [
      { head: t("model"), primary: true, cell: (row) => code(row.model) },
      { head: t("endpoints.state"), cell: (row) => (row.state === "open" ? badge("ok", t("access.open")) : badge("warning", word("access", row.state))) },
      { head: t("access.why"), cell: (row) => (row.code ? english(row.code) : "–") },
      { head: t("access.decision"), cell: decision },
      { head: t("models.change"), cell: (row) => decide("model_decide", { model: row.model }, row.model, ["allow", "deny", "clear"]) },
    ], data.models, t("access.models.none"))),
    section(t("access.fields"), h("p", {}, t("access.fields.text")), table(t("access.fields.caption"), [
      { head: t("access.field"), primary: true, cell: (row) => code(`${row.model}.${row.field}`) },
      { head: t("access.decision"), cell: decision },
      { head: t("models.change"), cell: (row) => decide("field_decide", { model: row.model, field: row.field }, `${row.model}.${row.field}`, ["allow", "deny", "clear"]) },
    ], data.fields, t("access.fields.none"))));
}

function decision(row) {
  if (!row.decision) return "–";
  const level = { allow: "ok", deny: "error", override: "info" }[row.decision] || "info";
  return [badge(level, word("decision", row.decision)), row.decision_counts === false ? badge("warning", t("access.outdated")) : null,
    h("span", { class: "muted" }, " ", row.decision_reason || row.reason ? h("bdi", {}, row.decision_reason || row.reason) : h("bdi", {}, row.decided_by || ""), " · ", when(row.decided_at))].filter(Boolean);
}

async function decideAbout(action, args, text, decisions, context) {
  const chosen = await confirm({
    title: t("access.decideAbout", { what: text }), text: t("access.decide.text"), verb: t("access.decide"), danger: true,
    fields: [
      { name: "decision", label: t("access.decision"), kind: "select", options: decisions.map((one) => [one, t(`decision.${one}`)]) },
      { name: "reason", label: t("reason"), required: true }],
  });
  if (!chosen) return;
  try {
    await act(action, { ...args, ...chosen });
    say(t("done"));
    context.refresh();
  } catch (error) { say(error.message, "error"); }
}

/** What a rule alone says about the record; undefined where no record was asked for. */
function said(verdicts, rule) {
  return verdicts.find((one) => one.id === rule.id && one.model === rule.model);
}

/** The rules that hide the record: every global one has to let it pass, and of each model one of the groups' rules. */
function hiding(rules, verdicts) {
  const stops = (rule) => said(verdicts, rule)?.verdict !== "passes";
  const global = rules.filter((rule) => rule.is_global && stops(rule));
  if (global.length > 0) return global;
  const ofGroups = rules.filter((rule) => !rule.is_global);
  return ofGroups.filter((rule) => ofGroups.filter((other) => other.model === rule.model).every(stops));
}

const levels = { passes: "ok", blocks: "error", failed: "error", closed: "warning" };

function explanation(found, verdicts, values, context) {
  const facts = found.facts;
  if (!facts) return [h("p", {}, badge("warning", t("access.noUser")))];
  const record = found.record;
  return [
    verdict(found, facts, record, verdicts, values),
    h("details", { open: true }, h("summary", {}, t("access.lines")), table(t("access.lines.caption"), [
      { head: t("access.line"), primary: true, cell: (row) => h("bdi", {}, row.name) },
      { head: t("model"), cell: (row) => code(row.model) },
      { head: t("access.group"), cell: (row) => (row.group ? code(row.group) : t("access.everybody")) },
      { head: t("access.applies"), cell: (row) => (row.applies ? badge("ok", t("yes")) : badge("info", t("no"))) },
    ], facts.access_lines, t("access.lines.none"))),
    h("details", { open: true }, h("summary", {}, t("access.applied")), facts.rules.length > 0 ? h("p", {}, t("access.applied.text")) : null, table(t("access.applied.caption"), [
      { head: t("access.rule"), primary: true, cell: (row) => [h("bdi", {}, row.name), " ", code(`#${row.id}`)] },
      { head: t("access.scope"), cell: (row) => (row.is_global ? t("access.global") : code(row.groups.join(", "))) },
      { head: t("access.domain"), cell: (row) => code(row.counted_domain || row.domain || "[]") },
      { head: t("access.decision"), cell: (row) => (row.decision ? word("decision", row.decision) : "–") },
      ...(verdicts.length > 0 ? [{ head: t("access.verdict"), cell: (row) => ruleVerdict(said(verdicts, row)) }] : []),
    ], facts.rules, t("access.applied.none"))),
    h("details", {}, h("summary", {}, t("access.withheld", { count: facts.withheld_fields.length })), table(t("access.withheld.caption"), [
      { head: t("access.field"), primary: true, cell: (row) => code(row.field) },
      { head: t("access.why"), cell: (row) => english(row.reason || "") },
      ...(context.mayAct ? [{ head: t("models.change"), cell: (row) => button(t("access.decide"), () => decideAbout("field_decide", { model: values.model, field: row.field }, `${values.model}.${row.field}`, ["allow", "deny", "clear"], context), { class: "small", "aria-label": t("access.decideAbout", { what: row.field }) }) }] : []),
    ], facts.withheld_fields, t("none"))),
  ];
}

function ruleVerdict(one) {
  if (!one) return "–";
  return [badge(levels[one.verdict] || "info", word("verdict", one.verdict)), one.reason ? [" ", english(one.reason)] : null];
}

function verdict(found, facts, record, verdicts, values) {
  const name = { login: values.login, record: values.record, model: values.model };
  if (!found.is_tracked) return h("p", { class: "state list" }, badge("warning", t("access.untracked")));
  if (!facts.user.is_active) return h("p", { class: "state list" }, badge("error", t("access.inactive")));
  if (facts.as_model === null || facts.as_model === undefined) return h("p", { class: "state list" }, badge("error", t("access.unreadable", name)));
  if (!record) return h("p", { class: "state ok" }, badge("ok", t("access.readable", name)));
  if (record.failure) return h("p", { class: "state list" }, badge("error", t("access.failed")), " ", english(record.failure));
  if (record.is_visible) return h("p", { class: "state ok" }, badge("ok", t("access.sees", name)));
  const obstacle = record.problem ? word("problem", record.problem) : record.is_there === false ? t("access.gone") : record.is_closed ? t("access.closedModel") : record.is_readable === false ? t("access.unreadable", name) : record.is_there === null ? t("access.thereUnknown") : null;
  const rules = obstacle ? [] : hiding(facts.rules, verdicts);
  return h("p", { class: "state list" }, badge("error", t("access.seesNot", name)), " ", obstacle || t("access.byRules"), rules.map((rule) => [" ", code(`#${rule.id}`)]));
}
