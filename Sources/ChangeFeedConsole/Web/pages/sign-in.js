import { post } from "../api.js";
import { english, h } from "../dom.js";
import { t } from "../text.js";

export function signIn(done, choices) {
  const said = h("div", { role: "alert", class: "problem", hidden: true });
  async function send(body, form) {
    said.hidden = true;
    form.querySelectorAll("button").forEach((one) => { one.disabled = true; });
    try {
      await post("sign-in", body);
      await done();
    } catch (error) {
      const known = { console_not_allowed: "signin.member", api_key_invalid: "signin.key.wrong", session_invalid: "signin.session.none", sessions_not_configured: "signin.session.off", rate_limited: "signin.often", too_many_failures: "signin.often", unreachable: "error.unreachable" }[error.code];
      said.replaceChildren(h("p", {}, known ? t(known) : english(error.message)));
      said.hidden = false;
      form.querySelectorAll("button").forEach((one) => { one.disabled = false; });
    }
  }
  const key = h("input", { id: "key", name: "key", type: "password", autocomplete: "off", spellcheck: "false", required: true, dir: "ltr", "aria-describedby": "key-hint" });
  const keyForm = h("form", { onsubmit: (event) => { event.preventDefault(); send({ api_key: key.value.trim() }, keyForm); } },
    h("div", { class: "field" }, h("label", { for: "key" }, t("signin.key")), key, h("p", { class: "hint", id: "key-hint" }, t("signin.key.hint"))),
    h("button", { type: "submit", class: "primary wide" }, t("signin.key.verb")));
  const sessionForm = h("form", { onsubmit: (event) => { event.preventDefault(); send({ session: true }, sessionForm); } },
    h("p", { class: "hint" }, t("signin.session.hint")),
    h("button", { type: "submit", class: "wide" }, t("signin.session.verb")));
  return h("main", { id: "main", class: "signin", tabindex: "-1" },
    h("div", { class: "panel" },
      h("h1", {}, h("img", { src: "/console/assets/icon.svg", alt: "", width: "32", height: "32" }), t("signin.title")),
      h("p", { class: "muted" }, t("signin.text")),
      said, keyForm, h("p", { class: "or" }, h("span", {}, t("signin.or"))), sessionForm),
    choices);
}
