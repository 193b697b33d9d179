"""Pictures of the console's pages: screenshots.py URL KEY FOLDER"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from devtools import Browser
from page import Page

PAGES = ["overview", "events", "models", "devices", "endpoints", "endpoints/partners", "access", "findings", "audit"]
# Names, which pages, dark, width, language.
LOOKS = [("light", PAGES, False, 1280, "en"), ("dark", PAGES, True, 1280, "en"), ("phone", PAGES, False, 390, "en"),
         ("arabic", ["overview"], False, 1280, "ar")]
TALL = ["overview", "access", "findings"]
MOST = 150_000


def main(url, key, folder):
    os.makedirs(folder, exist_ok=True)
    browser = Browser()
    browser.size(1280, 900)
    page = Page(browser, url)
    page.sign_in(key)
    browser.wait("document.querySelector('nav.menu')", "signed in")
    for look, names, is_dark, width, language in LOOKS:
        browser.dark(is_dark)
        browser.size(width, 900, width < 600)
        browser.value("localStorage.setItem('changefeed.language', '%s')" % language)
        for name in names:
            page.open(name)
            if name == "findings":
                browser.wait("document.querySelector('.findings, .state.ok')", "findings")
                page.press("Examine")
                browser.wait("document.querySelectorAll('main table tbody tr').length > 5", "an examination")
            if name == "access":
                page.fill("#a-login", "sales")
                page.fill("#a-model", "sale.order")
                page.fill("#a-record", "3")
                page.press("Explain")
                browser.wait("document.querySelector('main details')", "an explanation")
            tall = min(int(browser.value("document.documentElement.scrollHeight")), 1500 if width < 600 else 1080 if name in TALL else 700)
            path = os.path.join(folder, "%s-%s.png" % ("endpoint" if "/" in name else name, look))
            browser.picture(path, width, tall)
            if os.path.getsize(path) > MOST:
                sys.exit("%s has more than %d bytes" % (path, MOST))
            print(path, os.path.getsize(path))
    browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
