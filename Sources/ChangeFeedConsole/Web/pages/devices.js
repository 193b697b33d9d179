import { act, get } from "../api.js";
import { badge, button, code, confirm, h, say, section, table, when } from "../dom.js";
import { number, seconds, t, time, word } from "../text.js";

const link = (row) => `#/devices/${row.user_id}/${encodeURIComponent(row.device_id)}`;

export async function devices(context) {
  if (context.parts.length === 2) return one(context);
  const login = context.query.get("login") || "";
  const form = h("form", {
    class: "filters", role: "search",
    onsubmit: (event) => { event.preventDefault(); location.hash = `#/devices?login=${encodeURIComponent(input.value.trim())}`; },
  });
  const input = h("input", { id: "d-login", name: "login", value: login, dir: "ltr", spellcheck: "false" });
  form.append(h("div", { class: "field" }, h("label", { for: "d-login" }, t("devices.login")), input),
    h("div", { class: "actions" }, h("button", { type: "submit", class: "primary" }, t("search")), h("a", { href: "#/devices", class: "button" }, t("clear"))));
  let rows = [];
  let next = null;
  const holder = h("div");
  const more = button(t("more"), () => load());
  async function load() {
    const page = await get("devices", { login, ...(next || {}) });
    rows = rows.concat(page.devices);
    next = page.next;
    more.hidden = next === null;
    holder.replaceChildren(table(t("devices.caption"), [
      { head: t("devices.device"), primary: true, cell: (row) => h("a", { href: link(row) }, h("bdi", {}, row.device_id)) },
      { head: t("user"), cell: (row) => (row.login ? h("bdi", {}, row.login) : t("devices.userGone", { id: row.user_id })) },
      { head: t("devices.app"), cell: (row) => code(row.app_type || "–") },
      { head: t("devices.lastPull"), cell: (row) => when(row.last_pull_at) },
      { head: t("devices.behind"), number: true, cell: (row) => number(row.behind) },
      { head: t("devices.state"), cell: (row) => [
        row.is_retired ? badge("paused", t("devices.retired")) : row.resync ? badge("warning", t("devices.resync")) : badge("ok", t("devices.follows")),
        row.last_resync_reason ? h("span", { class: "muted" }, " ", t("devices.lastResync", { reason: word("resync", row.last_resync_reason) })) : null].filter(Boolean) },
    ], rows, t("devices.none")));
  }
  await load();
  return h("div", { class: "stack" }, form, h("p", { class: "muted" }, t("devices.behind.text")), holder, h("div", { class: "actions" }, more));
}

async function one(context) {
  const [user, device] = context.parts;
  const found = await get("device", { user_id: user, device_id: device });
  context.title(device);
  const back = h("p", {}, h("a", { href: "#/devices" }, t("devices.back")));
  if (found.problem) return h("div", { class: "stack" }, back, h("p", {}, badge("warning", word("problem", found.problem))));
  const state = found.state;
  const args = { user_id: Number(user), device_id: device };
  const acts = context.mayAct ? h("div", { class: "actions" },
    button(t("devices.reset"), async () => {
      const chosen = await confirm({
        title: t("devices.reset"), text: t("devices.reset.text"), verb: t("devices.reset"), danger: true,
        fields: [{ name: "start", label: t("devices.start"), kind: "select", options: ["now", "all", "earliest"].map((word) => [word, t(`start.${word}`)]) }],
      });
      if (chosen) await run("device_reset", { ...args, start: chosen.start }, context.refresh);
    }),
    button(t("devices.forget"), async () => {
      const chosen = await confirm({ title: t("devices.forget"), text: t("devices.forget.text"), verb: t("devices.forget"), danger: true });
      if (chosen) await run("device_forget", args, () => { location.hash = "#/devices"; });
    }, { class: "danger" })) : null;
  return h("div", { class: "stack" }, back,
    section(t("devices.one"), h("dl", { class: "facts" }, [
      [t("user"), number(state.user_id)], [t("devices.app"), code(state.app_type || "–")],
      [t("devices.pending"), number(state.pending) + (state.pending_more ? " +" : "")], [t("devices.lag"), seconds(state.lag_seconds)],
      [t("devices.registered"), time(state.registered_at)], [t("devices.lastPull"), time(state.last_pull_at)],
      [t("devices.lastAcknowledgement"), time(state.last_acknowledgement_at)],
      [t("devices.lastResyncAt"), state.last_resync_at ? [time(state.last_resync_at), " · ", word("resync", state.last_resync_reason)] : "–"],
      [t("devices.resync"), state.resync ? code(JSON.stringify(state.resync)) : t("none")],
      [t("devices.models"), code((state.models || []).join(", "))]]
      .map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])), acts));
}

async function run(action, args, then) {
  try {
    await act(action, args);
    say(t("done"));
    then();
  } catch (error) { say(error.message, "error"); }
}
