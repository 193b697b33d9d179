// Elements. Text reaches the page as text nodes only, never as markup.

import { Refusal } from "./api.js";
import { ago, t, time } from "./text.js";

export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : document.createTextNode(String(child)))));
  return element;
}

export function svg(tag, properties = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const shapes = {
  ok: "M4 8.5l2.7 2.7L12 5.5",
  warning: "M8 4v5M8 11.5v.5",
  error: "M5 5l6 6M11 5l-6 6",
  info: "M8 7.5V12M8 4.5v.5",
  paused: "M6 4.5v7M10 4.5v7",
  create: "M8 4v8M4 8h8",
  write: "M4 12l1-3 6-6 2 2-6 6z",
  unlink: "M4 8h8",
  truncate: "M5 5l6 6M11 5l-6 6",
};

/** A state as a word with a sign: never by colour alone. */
export function badge(level, text, shape = level) {
  const sign = svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" },
    svg("path", { d: shapes[shape] || shapes.info, fill: "none", stroke: "currentColor", "stroke-width": "2", "stroke-linecap": "round", "stroke-linejoin": "round" }));
  return h("span", { class: `badge ${level}` }, sign, text);
}

/** What is the same in every language: a model, an id, a statement. */
export function code(text) {
  return h("code", { dir: "ltr", translate: "no" }, text);
}

/** A text that the database wrote, in English. */
export function english(text) {
  return h("span", { lang: "en", dir: "ltr" }, text);
}

export function when(text) {
  return text ? h("time", { datetime: text, title: time(text) }, ago(text)) : "–";
}

export function button(text, onclick, properties = {}) {
  return h("button", { type: "button", onclick, ...properties }, text);
}

/**
 * A table with its caption. columns: { head, cell(row), number, primary }; the primary one is the row's heading.
 */
export function table(caption, columns, rows, empty) {
  if (rows.length === 0) return h("p", { class: "empty" }, empty || t("table.empty"));
  const body = h("tbody", {}, rows.map((row) => tableRow(columns, row)));
  return h("div", { class: "scroll", role: "region", "aria-label": caption, tabindex: "0" },
    h("table", {},
      h("caption", {}, caption),
      h("thead", {}, h("tr", {}, columns.map((column) =>
        h("th", { scope: "col", class: column.number ? "number" : null }, column.head)))),
      body));
}

export function tableRow(columns, row) {
  return h("tr", {}, columns.map((column) => {
    const properties = { class: column.number ? "number" : null };
    return column.primary
      ? h("th", { scope: "row", ...properties }, column.cell(row))
      : h("td", { ...properties, "data-head": column.head instanceof Node ? column.head.textContent : column.head }, column.cell(row));
  }));
}

export function section(title, ...children) {
  const id = `s${Math.random().toString(36).slice(2)}`;
  return h("section", { class: "panel", "aria-labelledby": id }, h("h2", { id }, title), children);
}

let clearing = 0;

/** Says something for a moment, to screen readers too. */
export function say(text, level = "ok") {
  const place = document.getElementById("said");
  place.replaceChildren(badge(level, text));
  clearTimeout(clearing);
  clearing = setTimeout(() => place.replaceChildren(), 6000);
}

export function problem(error) {
  if (!(error instanceof Refusal)) throw error;
  if (error.code === "console_sign_in_needed") return h("p", {}, t("signin.ended"));
  return h("div", { class: "problem", role: "alert" },
    badge("error", error.code === "unreachable" ? t("error.unreachable") : t("error.title")),
    error.message ? h("p", {}, english(error.message)) : null,
    error.hint ? h("p", { class: "muted" }, english(error.hint)) : null);
}

/**
 * Asks before something is done. fields: { name, label, kind, options, required, hint }.
 * Resolves to the values, or null when it was cancelled.
 */
export function confirm({ title, text, fields = [], verb, danger = false }) {
  return new Promise((resolve) => {
    const inputs = fields.map((field) => {
      const id = `f-${field.name}`;
      const common = { id, name: field.name, required: field.required, "aria-describedby": field.hint ? `${id}-hint` : null };
      const input = field.kind === "select"
        ? h("select", common, field.options.map(([value, label]) => h("option", { value }, label)))
        : h("input", { ...common, type: field.kind || "text", maxlength: field.kind ? null : 500, autocomplete: "off" });
      return h("div", { class: "field" }, h("label", { for: id }, field.label), input,
        field.hint ? h("p", { class: "hint", id: `${id}-hint` }, field.hint) : null);
    });
    let answered = null;
    const form = h("form", {
      method: "dialog",
      onsubmit: (event) => {
        event.preventDefault();
        answered = Object.fromEntries(new FormData(form));
        dialog.close();
      },
    },
    h("h2", { id: "ask-title" }, title), (Array.isArray(text) ? text : [text]).map((line) => (line instanceof Node ? line : h("p", {}, line))), inputs,
    h("div", { class: "actions" },
      button(t("cancel"), () => dialog.close()),
      h("button", { type: "submit", class: danger ? "danger" : "primary" }, verb)));
    const dialog = h("dialog", { "aria-labelledby": "ask-title", onclose: () => { dialog.remove(); resolve(answered); } }, form);
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** A statement for a terminal, with a button that copies it. */
export function copyable(text) {
  const copy = button(t("copy"), async () => {
    try {
      await navigator.clipboard.writeText(text);
      say(t("copied"));
    } catch {
      getSelection().selectAllChildren(shown);
    }
  }, { class: "small" });
  const shown = h("code", { dir: "ltr", translate: "no" }, text);
  return h("div", { class: "copyable" }, shown, copy);
}
