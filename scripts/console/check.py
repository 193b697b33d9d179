"""The console in a real browser: BrowserTests runs it against `changefeed serve` on a database of Tests/Fixtures/odoo.sql
with an endpoint `orders` that is paused and has a dead letter.

    check.py URL KEY OTHER_KEY CONNINFO

Prints a line for each thing that it saw, and ends with status 1 at the first that it did not see.
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from devtools import Browser
from page import Page

PAGES = ["overview", "events", "models", "devices", "endpoints", "endpoints/orders", "access", "findings", "audit"]
NAMED = {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "table", "region", "navigation", "image",
         "img", "dialog", "heading", "meter"}


def psql(conninfo, sql):
    return subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", conninfo, "-c", sql],
                          check=True, capture_output=True, text=True).stdout.strip()


def nameless(browser):
    """Things of the accessibility tree that a screen reader could not announce."""
    found, roles = [], set()
    for node in browser.command("Accessibility.getFullAXTree")["nodes"]:
        role = node.get("role", {}).get("value")
        if node.get("ignored") or role is None:
            continue
        roles.add(role)
        if role in NAMED and not str(node.get("name", {}).get("value", "")).strip():
            found.append(role)
    return found, roles


def require(condition, what):
    if not condition:
        raise RuntimeError(what)
    print("ok:", what, flush=True)


def run(url, key, other, conninfo):
    browser = Browser()
    browser.size(1280, 900)
    page = Page(browser, url)

    page.sign_in(other)
    page.shows("may not use the console")
    require(True, "a user of another group is refused")

    page.sign_in(key)
    browser.wait("document.querySelector('nav.menu')", "signed in")
    require(True, "an administrator signs in")
    require("changefeed_console" not in browser.value("document.cookie"), "scripts do not see the cookie")

    for language in ("en", "fr", "ar"):
        browser.value("localStorage.setItem('changefeed.language', %s)" % json.dumps(language))
        for name in PAGES:
            page.open(name)
            require(page.violations() == [], "%s in %s: nothing that the policy refuses" % (name, language))
            missing, roles = nameless(browser)
            require(missing == [], "%s in %s: everything has a name %s" % (name, language, missing))
            require({"main", "navigation", "banner", "heading"} <= roles, "%s in %s: landmarks" % (name, language))
    require(browser.value("document.documentElement.dir") == "rtl", "Arabic is right to left")
    browser.value("localStorage.setItem('changefeed.language', 'en')")
    browser.size(390, 844, True)
    for name in PAGES:
        page.open(name)
        over = browser.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        require(over <= 0, "%s fits a phone" % name)
    browser.size(1280, 900)

    page.open("events")
    rows = "document.querySelectorAll('main tbody tr').length"
    before = browser.value(rows)
    psql(conninfo, "UPDATE res_partner SET phone = 'live' WHERE id = 1")
    browser.wait("%s > %d" % (rows, before), "the change appears")
    require(True, "a change appears by itself")
    browser.value("document.querySelector('main tbody a').click()")
    page.shows("res.partner")
    require(True, "an event opens")

    page.open("access?model=res.partner&record=1")
    page.fill("#a-login", "sales")
    page.press("Explain")
    page.shows("sales sees record 1 of res.partner")
    page.open("access?model=account.move&record=1")
    page.fill("#a-login", "sales")
    page.press("Explain")
    page.shows("sales has no right to read account.move")
    require(True, "explain says who sees what")
    page.open("access?model=res.partner&record=2")
    page.fill("#a-login", "sales")
    page.press("Explain")
    page.shows("sales does not see record 2 of res.partner")
    page.shows("A record rule hides it. #903")
    verdict = ("[...document.querySelectorAll('main tbody tr')].find((row) => "
               "row.querySelector('th')?.textContent.includes('#%d'))?.textContent")
    require("Does not let it pass" in (browser.value(verdict % 903) or ""), "the rule that hides a record says so")
    require("Lets it pass" in (browser.value(verdict % 904) or ""), "another rule lets it pass")
    missing, _ = nameless(browser)
    require(missing == [], "the explanation: everything has a name %s" % missing)

    page.open("findings")
    # By the keyboard: focused, then Enter.
    browser.wait("[...document.querySelectorAll('main button')].find((one) => one.textContent === 'Examine')",
                 "a button Examine")
    browser.value("[...document.querySelectorAll('main button')].find((one) => one.textContent === 'Examine').focus()")
    browser.command("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", text="\r",
                    windowsVirtualKeyCode=13)
    browser.command("Input.dispatchKeyEvent", type="keyUp", key="Enter", code="Enter", windowsVirtualKeyCode=13)
    for step in ("settings", "connect", "schema", "triggers", "doorbell"):
        page.shows(step, "main section")
    # The paused endpoint.
    page.shows("Failed: 1.", "main section [role=status]")
    page.shows("CF160 endpoint orders", "main section")
    page.shows("changefeed config", "main section")
    missing, roles = nameless(browser)
    require(missing == [] and "table" in roles, "the doctor's table: everything has a name %s" % missing)
    browser.size(390, 844, True)
    over = browser.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    require(over <= 0, "the doctor's table fits a phone")
    browser.size(1280, 900)
    require(psql(conninfo, "SELECT count(*) FROM changefeed.event WHERE model = 'changefeed.probe'") == "1",
            "the doctor examines when Enter is pressed")

    page.open("models")
    page.press("Pause capture …")
    page.fill("dialog input[name=reason]", "a test of the console")
    page.confirm()
    page.press("Resume capture")
    require(psql(conninfo, "SELECT pause_reason FROM changefeed.control") == "a test of the console (console: admin)",
            "capture is paused with its reason")
    page.confirm()
    browser.wait("[...document.querySelectorAll('main button')].some((one) => one.textContent === 'Pause capture …')",
                 "capture goes on")
    require(psql(conninfo, "SELECT paused FROM changefeed.control") == "f", "capture is resumed")

    page.open("endpoints/orders")
    page.press("Retry all …")
    page.confirm()
    page.shows("waits")
    require(psql(conninfo, "SELECT count(*) FROM changefeed.endpoint_queue WHERE is_dead") == "0",
            "a dead letter is tried again")

    page.open("audit")
    for text in ("Pause capture", "Resume capture", "Retry the dead letters", "Refused"):
        page.shows(text)
    require(True, "the audit has it all")

    page.sign_out()
    require(page.violations() == [], "nothing that the policy refuses")
    # A page asks first who is signed in: nobody, the first time.
    bad = [text for text in browser.complaints() if "/console/api/me" not in text and "/api/sign-in" not in text]
    require(bad == [], "no script fails and no file is missing %s" % bad)
    browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    try:
        run(*sys.argv[1:])
    except Exception as error:  # One line for the test's report.
        sys.exit("%s: %s" % (type(error).__name__, error))
