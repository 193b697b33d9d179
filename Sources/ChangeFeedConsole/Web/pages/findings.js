import { act, get, post } from "../api.js";
import { badge, button, code, confirm, copyable, english, h, problem, say, section, table, when } from "../dom.js";
import { number, seconds, t, word } from "../text.js";

export async function findings(context) {
  const place = h("div", { class: "stack" });
  const again = button(t("findings.again"), look, { class: "primary" });
  const status = h("span", { role: "status", "aria-live": "polite", class: "muted" });
  async function look() {
    again.disabled = true;
    status.replaceChildren(t("findings.looking"));
    try {
      draw((await post("findings")).findings);
    } catch (error) {
      place.replaceChildren(problem(error));
      status.replaceChildren();
    }
    again.disabled = false;
  }
  function draw(found) {
    const count = (level) => found.findings.filter((one) => one.level === level).length;
    status.replaceChildren(t("findings.at"), " ", when(found.at));
    place.replaceChildren(
      found.findings.length === 0
        ? h("div", { class: "state ok" }, badge("ok", t("findings.none")))
        : h("p", {}, t("findings.count", { errors: number(count("error")), warnings: number(count("warning")), infos: number(count("info")) })),
      h("ul", { class: "findings" }, found.findings.map((one) => h("li", { class: `panel ${one.level}` },
        h("h2", {}, badge(one.level, t(`level.${one.level}`)), " ", code(one.code), " ", h("bdi", {}, one.object)),
        h("p", {}, english(one.detail)),
        h("h3", {}, t("findings.remedy")),
        copyable(one.remediation),
        one.action && context.mayAct ? h("div", { class: "actions" }, button(t(`act.${one.action.action}`), () => remedy(one), { class: "primary" })) : null))));
  }
  async function remedy(one) {
    const { action, ...args } = one.action;
    const chosen = await confirm({ title: t(`act.${action}`), text: [english(one.detail), t(`act.${action}.text`)], verb: t(`act.${action}`) });
    if (!chosen) return;
    try {
      await act(action, args);
      say(t("done"));
      await look();
    } catch (error) { say(error.message, "error"); }
  }
  const known = (await get("findings")).findings;
  if (known) draw(known); else look();
  return h("div", { class: "stack" }, h("p", {}, t("findings.text")), h("div", { class: "toolbar" }, again, status), place, doctor());
}

const levels = { ok: "ok", warning: "warning", failed: "error", skipped: "info" };

/** The steps of changefeed doctor, which the service runs when it is asked to. */
function doctor() {
  const place = h("div", {});
  const status = h("span", { role: "status", "aria-live": "polite", class: "muted" });
  const examine = button(t("doctor.examine"), async () => {
    examine.disabled = true;
    status.replaceChildren(t("doctor.examining"));
    try {
      const steps = (await post("doctor")).steps;
      const count = (outcome) => number(steps.filter((one) => one.outcome === outcome).length);
      status.replaceChildren(t("doctor.ended", { ok: count("ok"), warnings: count("warning"), failed: count("failed"), skipped: count("skipped") }));
      place.replaceChildren(table(t("doctor.caption"), [
        { head: t("doctor.step"), primary: true, cell: (row) => code(row.step) },
        { head: t("doctor.result"), cell: (row) => badge(levels[row.outcome] || "info", word("doctor", row.outcome)) },
        { head: t("doctor.took"), number: true, cell: (row) => (row.outcome === "skipped" ? "–" : seconds(row.milliseconds / 1000)) },
        { head: t("doctor.detail"), cell: (row) => [h("p", {}, english(row.detail)), row.fix ? copyable(row.fix) : null] },
      ], steps));
    } catch (error) {
      status.replaceChildren();
      place.replaceChildren(problem(error));
    }
    examine.disabled = false;
  }, { class: "primary" });
  return section(t("doctor.title"), h("div", { class: "stack" }, h("p", {}, t("doctor.text")), h("div", { class: "toolbar" }, examine, status), place));
}
