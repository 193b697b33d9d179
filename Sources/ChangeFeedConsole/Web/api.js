// Requests to the console's own data. Nothing is asked of any other origin.

export class Refusal extends Error {
  constructor(status, code, detail, hint) {
    super(detail);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

async function answer(request) {
  let response;
  try {
    response = await request;
  } catch {
    throw new Refusal(0, "unreachable", "");
  }
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  if (body.code === "console_sign_in_needed") window.dispatchEvent(new Event("signed-out"));
  throw new Refusal(response.status, body.code || "internal_error", body.detail || "", body.hint);
}

export function get(page, parameters = {}) {
  // Not URLSearchParams, which writes a blank as a plus sign: that is a form's coding, and not a URI's.
  const text = Object.entries(parameters)
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return answer(fetch(`/console/api/${page}${text ? "?" + text : ""}`, { credentials: "same-origin" }));
}

export function post(name, body = {}) {
  return answer(fetch(`/console/api/${name}`, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-Changefeed-Console": "1" },
    body: JSON.stringify(body),
  }));
}

export function act(action, args = {}) {
  return post("act", { action, arguments: args });
}
