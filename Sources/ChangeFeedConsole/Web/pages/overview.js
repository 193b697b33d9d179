import { get } from "../api.js";
import { lagLine, minuteBars } from "../chart.js";
import { badge, code, english, h, problem, section, table, when } from "../dom.js";
import { bytes, number, seconds, t, word } from "../text.js";

function figure(label, value, note, level) {
  return h("div", { class: `figure ${level || ""}` }, h("dt", {}, label),
    h("dd", {}, h("span", { class: "value" }, value), note ? h("span", { class: "note" }, note) : null));
}

/** What needs attention, worst first. */
function concerns({ service, feed }) {
  const found = [];
  if (!service.ready) found.push(["error", [t("overview.notReady"), " ", english(service.reason || "")]]);
  if (feed.paused) found.push(["error", [t("overview.paused", { by: feed.paused_by || "" }), " ", h("q", {}, h("bdi", {}, feed.pause_reason || ""))]]);
  if (!feed.replicas.some((one) => one.leader)) found.push(["error", t("overview.noLeader")]);
  if (feed.gaps.length && !feed.paused) found.push(["warning", t("overview.openGaps", { count: number(feed.gaps.length) })]);
  if (feed.endpoints.failing) found.push(["warning", t("overview.failing", { count: number(feed.endpoints.failing) })]);
  if (feed.endpoints.dead) found.push(["warning", t("overview.dead", { count: number(feed.endpoints.dead) })]);
  if (feed.log.budget && feed.log.bytes > feed.log.budget * 0.9) found.push(["warning", t("overview.budget")]);
  if (feed.oldest_transaction_seconds > 600) found.push(["warning", t("overview.transaction")]);
  if (!feed.delivery.allowed && feed.endpoints.active) found.push(["warning", [t("overview.noDelivery"), " ", english(feed.delivery.details.join("; "))]]);
  return found;
}

function content(data) {
  const { service, feed, history } = data;
  const found = concerns(data);
  const lag = service.lag_seconds ?? feed.lag_seconds;
  const perHour = feed.minutes.rows.reduce((sum, [, , events]) => sum + events, 0);
  const share = feed.log.budget ? feed.log.bytes / feed.log.budget : null;
  const meter = share === null ? t("overview.noBudget")
    : [h("meter", { min: "0", max: "1", high: "0.9", optimum: "0", value: String(Math.min(share, 1)), "aria-label": t("overview.log") }), t("overview.ofBudget", { budget: bytes(feed.log.budget) })];
  return [
    found.length === 0
      ? h("div", { class: "state ok" }, badge("ok", t("overview.well")))
      : h("ul", { class: "state list" }, found.map(([level, text]) => h("li", { class: level }, badge(level, t(`level.${level}`)), " ", text))),
    h("dl", { class: "figures" },
      figure(t("overview.lag"), seconds(lag), t(`role.${service.role}`)),
      figure(t("overview.events"), number(perHour), feed.minutes.is_cut ? t("overview.cut") : t("overview.lastHour")),
      figure(t("overview.log"), bytes(feed.log.bytes), meter),
      figure(t("overview.oldestTransaction"), seconds(feed.oldest_transaction_seconds), t("overview.oldestTransaction.note"), feed.oldest_transaction_seconds > 600 ? "warning" : ""),
      figure(t("overview.gaps"), number(feed.gaps.length), feed.gaps.length ? t("overview.gaps.note") : t("overview.gaps.none"), feed.gaps.length ? "warning" : ""),
      figure(t("overview.devices"), number(feed.devices.all), t("overview.devices.note", { recent: number(feed.devices.last_hour), resync: number(feed.devices.resync) })),
      figure(t("overview.endpoints"), number(feed.endpoints.active), t("overview.endpoints.note", { waiting: number(feed.endpoints.waiting), dead: number(feed.endpoints.dead) }), feed.endpoints.failing || feed.endpoints.dead ? "warning" : ""),
      figure(t("overview.models"), number(feed.models), t("overview.epoch", { epoch: number(feed.epoch) }))),
    h("div", { class: "pair" },
      section(t("overview.lagChart"), lagLine(history)),
      section(t("overview.eventsChart"), minuteBars(feed.minutes.rows, feed.minutes.since))),
    h("div", { class: "pair" },
      section(t("overview.replicas"), table(t("overview.replicas.caption"), [
        { head: t("overview.replica"), primary: true, cell: (one) => code(one.address || "local") },
        { head: t("overview.role"), cell: (one) => (one.leader ? badge("ok", t("role.leader")) : t("role.follower")) },
        { head: t("overview.since"), cell: (one) => when(one.since) },
        { head: "PID", number: true, cell: (one) => code(one.pid) },
      ], feed.replicas, t("overview.noReplica"))),
      section(t("overview.errors"), table(t("overview.errors.caption"), [
        { head: t("time"), primary: true, cell: (one) => when(one.at) },
        { head: t("overview.source"), cell: (one) => code(one.source) },
        { head: t("overview.message"), cell: (one) => english(one.message) },
      ], feed.errors, t("overview.noErrors")))),
    feed.gaps.length ? section(t("overview.gaps"), table(t("overview.gaps.caption"), [
      { head: t("model"), primary: true, cell: (one) => (one.model ? code(one.model) : t("overview.allModels")) },
      { head: t("reason"), cell: (one) => h("bdi", {}, one.reason) },
      { head: t("overview.since"), cell: (one) => when(one.since) },
    ], feed.gaps)) : null,
    h("p", { class: "muted foot" }, t("overview.foot", { version: service.version }), " ", when(feed.retention_ran_at)),
  ].filter(Boolean);
}

export async function overview(context) {
  const place = h("div", { class: "stack" }, content(await get("overview")));
  context.every(5, async () => {
    try {
      const data = await get("overview");
      if (!context.isCurrent()) return;
      const open = place.querySelector("details")?.open;
      place.replaceChildren(...content(data));
      if (open) place.querySelector("details").open = true;
    } catch (error) {
      if (context.isCurrent()) place.replaceChildren(problem(error));
    }
  });
  return place;
}
