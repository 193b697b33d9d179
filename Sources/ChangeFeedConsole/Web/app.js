// The shell: who is signed in, where one is, and the page.

import { get, post } from "./api.js";
import { badge, button, h, problem, say, svg } from "./dom.js";
import { language, languages, remember, setLanguage, t } from "./text.js";
import { signIn } from "./pages/sign-in.js";
import { overview } from "./pages/overview.js";
import { events } from "./pages/events.js";
import { models } from "./pages/models.js";
import { devices } from "./pages/devices.js";
import { endpoints } from "./pages/endpoints.js";
import { access } from "./pages/access.js";
import { findings } from "./pages/findings.js";
import { audit } from "./pages/audit.js";

const pages = { overview, events, models, devices, endpoints, access, findings, audit };
const icons = {
  overview: "M3 13h4V8H3zM8.5 13h4V3h-4zM14 13h3V6h-3z",
  events: "M3 5h14M3 10h14M3 15h9",
  models: "M3 6l7-3 7 3-7 3zM3 6v8l7 3 7-3V6M10 9v8",
  devices: "M6 2.5h8v15H6zM9 15h2",
  endpoints: "M3 10h9M9 6l4 4-4 4M15 4v12",
  access: "M5 9V7a5 5 0 0110 0v2M4 9h12v8H4z",
  findings: "M10 3l8 14H2zM10 8v4M10 14.5v.5",
  audit: "M5 3h10v14l-5-2.5L5 17zM8 7h4M8 10h4",
};

let me = null;
let leave = null;
let turn = 0;

function place() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  return { name: parts[0] in pages ? parts[0] : "overview", parts: parts.slice(1), query: new URLSearchParams(query || "") };
}

async function start() {
  try {
    me = await get("me");
  } catch (error) {
    me = null;
    showSignIn(error.code === "console_sign_in_needed" ? null : error);
    return;
  }
  shell();
  await show();
}

function showSignIn(error) {
  if (leave) leave();
  leave = null;
  turn += 1;
  document.title = `${t("signin.title")} – changefeed`;
  document.getElementById("skip").textContent = "";
  document.getElementById("app").replaceChildren(signIn(start, choices()), ...(error ? [problem(error)] : []));
}

function choices() {
  const languageChoice = h("select", {
    "aria-label": t("language"),
    onchange: (event) => { setLanguage(event.target.value); start(); },
  }, Object.entries(languages).map(([name, text]) => h("option", { value: name, lang: name, selected: name === language() }, text)));
  const theme = document.documentElement.dataset.theme || "auto";
  const themeChoice = h("select", {
    "aria-label": t("theme"),
    onchange: (event) => {
      const chosen = event.target.value;
      if (chosen === "auto") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = chosen;
      remember("changefeed.theme", chosen === "auto" ? null : chosen);
    },
  }, ["auto", "light", "dark"].map((name) => h("option", { value: name, selected: name === theme }, t(`theme.${name}`))));
  return h("div", { class: "choices" }, languageChoice, themeChoice);
}

function shell() {
  document.getElementById("skip").textContent = t("skip");
  const links = Object.keys(pages).map((name) =>
    h("li", {}, h("a", { href: `#/${name}`, "data-page": name },
      svg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, svg("path", { d: icons[name], fill: "none", stroke: "currentColor", "stroke-width": "1.6", "stroke-linejoin": "round", "stroke-linecap": "round" })),
      h("span", {}, t(`page.${name}`)))));
  document.getElementById("app").replaceChildren(
    h("header", { class: "bar" },
      h("a", { href: "#/overview", class: "brand" },
        h("img", { src: "/console/assets/icon.svg", alt: "", width: "24", height: "24" }), h("span", {}, "changefeed"),
        h("span", { class: "database" }, h("bdi", {}, me.user.database))),
      h("div", { class: "who" },
        h("span", { class: "user" }, h("bdi", {}, me.user.login), " ",
          me.standing === "reader" ? badge("info", t("standing.reader")) : null),
        choices(),
        button(t("signout"), async () => {
          await post("sign-out").catch(() => {});
          me = null;
          showSignIn(null);
        }, { class: "small" }))),
    h("nav", { class: "menu", "aria-label": t("menu") }, h("ul", {}, links)),
    h("main", { id: "main", tabindex: "-1" }));
}

async function show() {
  if (!me) return;
  if (leave) leave();
  leave = null;
  const mine = (turn += 1);
  const here = place();
  for (const link of document.querySelectorAll("nav.menu a")) {
    if (link.dataset.page === here.name) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  const title = t(`page.${here.name}`);
  document.title = `${title} – changefeed`;
  const main = document.getElementById("main");
  const heading = h("h1", { tabindex: "-1" }, title);
  const content = h("div", { class: "content", "aria-busy": "true" }, h("p", { class: "muted" }, t("loading")));
  main.replaceChildren(heading, content);
  const leaving = [];
  const context = {
    ...here, me, mayAct: me.standing === "operator",
    isCurrent: () => mine === turn,
    onLeave: (what) => leaving.push(what),
    refresh: show,
    title: (text) => { heading.textContent = text; document.title = `${text} – changefeed`; },
    /** Runs again every so many seconds, while the page is looked at. */
    every: (time, what) => {
      const timer = setInterval(() => { if (!document.hidden) what(); }, time * 1000);
      leaving.push(() => clearInterval(timer));
    },
  };
  leave = () => leaving.forEach((what) => what());
  try {
    const shown = await pages[here.name](context);
    if (mine !== turn) return;
    content.replaceChildren(...[shown].flat());
  } catch (error) {
    if (mine !== turn) return;
    content.replaceChildren(problem(error));
  }
  content.removeAttribute("aria-busy");
}

window.addEventListener("hashchange", async () => {
  await show();
  document.querySelector("main h1")?.focus();
});
window.addEventListener("signed-out", () => {
  if (!me) return;
  me = null;
  showSignIn(null);
  say(t("signin.ended"), "warning");
});
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("main")?.focus();
});
start();
