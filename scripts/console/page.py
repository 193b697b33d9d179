"""The console's page, as a person uses it."""
import json

READY = ("document.querySelector('main .content') && "
         "!document.querySelector('main .content').hasAttribute('aria-busy')")
# Before any script of the page: what the Content-Security-Policy refuses is kept.
WATCH = ("window.violations = []; document.addEventListener('securitypolicyviolation', "
         "(event) => window.violations.push(event.violatedDirective + ' ' + event.blockedURI));")


class Page:
    def __init__(self, browser, base):
        self.browser = browser
        self.base = base
        browser.command("Page.addScriptToEvaluateOnNewDocument", source=WATCH)

    def open(self, name):
        self.browser.go("about:blank")
        self.browser.go("%s/console/#/%s" % (self.base, name))
        self.browser.wait(READY, "page %s" % name)

    def sign_in(self, key):
        self.browser.go("about:blank")
        self.browser.go(self.base + "/console")
        self.browser.wait("document.querySelector('#key')", "the form to sign in")
        self.browser.value("document.querySelector('#key').value = %s; "
                           "document.querySelector('#key').form.requestSubmit()" % json.dumps(key))

    def sign_out(self):
        self.press("Sign out")
        self.browser.wait("document.querySelector('#key')", "signed out")

    def press(self, text, within="document"):
        """Presses the button with this text."""
        found = "[...%s.querySelectorAll('button')].find((one) => one.textContent === %s)" % (within, json.dumps(text))
        self.browser.wait(found, "a button " + text)
        self.browser.value(found + ".click()")

    def fill(self, selector, value):
        self.browser.wait("document.querySelector(%s)" % json.dumps(selector), selector)
        self.browser.value("document.querySelector(%s).value = %s" % (json.dumps(selector), json.dumps(value)))

    def confirm(self):
        """Confirms the question that is shown."""
        self.browser.wait("document.querySelector('dialog[open]')", "a question")
        self.browser.value("document.querySelector('dialog[open] form').requestSubmit()")

    def shows(self, text, within="main"):
        self.browser.wait("document.querySelector(%s)?.innerText.includes(%s)" % (json.dumps(within), json.dumps(text)),
                          "%s shows %s" % (within, text))

    def violations(self):
        return self.browser.value("window.violations")
