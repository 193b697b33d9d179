"""A headless Chromium, driven by its DevTools protocol over a WebSocket (RFC 6455), with Python's standard library alone."""
import atexit
import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import urllib.request

PATIENCE = 180.0


class Browser:
    def __init__(self, program="chromium"):
        self.folder = tempfile.mkdtemp(prefix="cf-browser-")
        # The sandbox needs rights that root and containers lack; the pages are our own.
        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--hide-scrollbars", "--remote-debugging-port=0", "--user-data-dir=" + self.folder, "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(self.close)
        self.count = 0
        self.events = []
        port = self._port()
        pages = json.load(urllib.request.urlopen("http://127.0.0.1:%d/json" % port, timeout=PATIENCE))
        address = next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
        self._connect(port, address.split(str(port), 1)[1])
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.command(domain + ".enable")

    def _port(self):
        path = os.path.join(self.folder, "DevToolsActivePort")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError("the browser ended with status %d" % self.process.returncode)
            try:
                with open(path, encoding="ascii") as file:
                    lines = file.read().split("\n")
                if len(lines) >= 2:
                    return int(lines[0])
            except FileNotFoundError:
                pass
            time.sleep(0.05)
        raise RuntimeError("the browser did not start")

    def _connect(self, port, path):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((
            "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n" % (path, port, key)).encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._read(1)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise RuntimeError("no WebSocket")

    def _read(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise EOFError("the browser has gone")
            data += part
        return data

    def _message(self):
        data = b""
        while True:
            first, second = self._read(2)
            size = second & 127
            if size == 126:
                size = struct.unpack(">H", self._read(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self._read(8))[0]
            data += self._read(size)
            if first & 128:
                return json.loads(data)

    def command(self, method, **parameters):
        self.count += 1
        data = json.dumps({"id": self.count, "method": method, "params": parameters}).encode()
        mask = os.urandom(4)
        size = len(data)
        head = bytes([0x81]) + (
            bytes([128 | size]) if size < 126
            else b"\xfe" + struct.pack(">H", size) if size < 65536 else b"\xff" + struct.pack(">Q", size))
        self.socket.sendall(head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))
        while True:
            message = self._message()
            if message.get("id") != self.count:
                self.events.append(message)
            elif "error" in message:
                raise RuntimeError("%s: %s" % (method, message["error"]))
            else:
                return message["result"]

    def value(self, script):
        answer = self.command("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:800])
        return answer["result"].get("value")

    def wait(self, script, what=None):
        """Waits until an expression is true; while the page changes it may also fail."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if self.value("!!(%s)" % script):
                    return
            except RuntimeError:
                pass
            time.sleep(0.05)
        raise RuntimeError("did not happen: %s\n%s" % (
            what or script, self.value("document.body.innerText.slice(0, 2000)")))

    def go(self, address):
        self.command("Page.navigate", url=address)

    def size(self, width, height, mobile=False):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                     mobile=mobile)

    def dark(self, is_dark):
        self.command("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}])

    def picture(self, path, width, height):
        answer = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                              clip={"x": 0, "y": 0, "width": width, "height": height, "scale": 1})
        with open(path, "wb") as file:
            file.write(base64.b64decode(answer["data"]))

    def complaints(self):
        """What the browser logged as an error, and what scripts threw."""
        found = []
        for event in self.events:
            entry = event["params"].get("entry", {})
            if event["method"] == "Log.entryAdded" and entry.get("level") == "error":
                found.append("%s %s" % (entry.get("text"), entry.get("url", "")))
            if event["method"] == "Runtime.exceptionThrown":
                details = event["params"]["exceptionDetails"]
                found.append(details.get("exception", {}).get("description") or details["text"])
        return found

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
