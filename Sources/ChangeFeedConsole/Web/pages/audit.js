import { get } from "../api.js";
import { badge, button, code, english, h, table } from "../dom.js";
import { t, time, word } from "../text.js";

const levels = { done: "ok", refused: "warning", failed: "error" };

export async function audit() {
  let rows = [];
  let next = null;
  const holder = h("div");
  const more = button(t("more"), () => load());
  async function load() {
    const page = await get("audit", { before: next });
    rows = rows.concat(page.rows);
    next = page.next;
    more.hidden = next === null;
    holder.replaceChildren(table(t("audit.caption"), [
      { head: t("time"), cell: (row) => h("time", { datetime: row.at }, time(row.at)) },
      { head: t("user"), primary: true, cell: (row) => [h("bdi", {}, row.login || ""), " ", h("span", { class: "muted" }, `#${row.user_id}`)] },
      { head: t("audit.action"), cell: (row) => word("act", row.action) },
      { head: t("audit.on"), cell: (row) => (Object.keys(row.arguments).length ? code(Object.entries(row.arguments).map(([name, value]) => `${name}=${value}`).join(" ")) : "–") },
      { head: t("audit.outcome"), cell: (row) => [badge(levels[row.outcome], word("outcome", row.outcome)), row.detail ? [" ", english(row.detail)] : null] },
      { head: t("audit.client"), cell: (row) => code(row.client || "–") },
    ], rows, t("audit.none")));
  }
  await load();
  return h("div", { class: "stack" }, h("p", { class: "muted" }, t("audit.text")), holder, h("div", { class: "actions" }, more));
}
