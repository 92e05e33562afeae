"""A real browser without a window, told what to do by its debugging protocol; it knows what it asked the network."""

import asyncio
import base64
import json
import shutil
import subprocess
from contextlib import contextmanager
from itertools import count
from time import monotonic, sleep

import aiohttp

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --remote-debugging-port=0 --no-first-run --disable-background-networking"
)


@contextmanager
def browser(folder, *, width=1280, height=900, dark=False):
    """Open a page of a new browser, whose files go into a folder."""
    flags = [
        *FLAGS.split(),
        "--remote-debugging-port=0",
        f"--user-data-dir={folder}",
        f"--window-size={width},{height}",
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([CHROMIUM, *flags, "about:blank"], **quiet)
    loop = asyncio.new_event_loop()
    try:
        port = _port(folder / "DevToolsActivePort")
        page = Page(loop)
        loop.run_until_complete(page.connect(port))
        page.view(width, height, dark)
        yield page
        loop.run_until_complete(page.session.close())
    finally:
        process.terminate()
        process.wait(10)
        loop.close()


def _port(file):
    end = monotonic() + 30
    while monotonic() < end:
        if file.is_file() and (lines := file.read_text().split()):
            return int(lines[0])
        sleep(0.1)
    raise TimeoutError("the browser has not begun")


class Page:
    """A page: what it is told, and what it has asked the network for."""

    def __init__(self, loop):
        self.loop, self.numbers, self.requests, self.complaints = loop, count(1), [], []

    async def connect(self, port):
        self.session = aiohttp.ClientSession()
        async with self.session.get(f"http://127.0.0.1:{port}/json") as answer:
            (target,) = [one for one in await answer.json() if one["type"] == "page"]
        self.socket = await self.session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0)
        for domain in ("Page", "Network", "Runtime", "Log"):
            await self._call(f"{domain}.enable")

    def call(self, method, **options):
        return self.loop.run_until_complete(asyncio.wait_for(self._call(method, **options), 60))

    async def _call(self, method, **options):
        number = next(self.numbers)
        await self.socket.send_json({"id": number, "method": method, "params": options})
        while True:
            message = json.loads((await self.socket.receive()).data)
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]
            self._note(message)

    def _note(self, message):
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
            case "Runtime.exceptionThrown" | "Log.entryAdded":
                self.complaints.append(json.dumps(message["params"]))

    def view(self, width, height, dark=False):
        """Be a screen of so many pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)

    def go(self, address):
        self.call("Page.navigate", url=address)

    def value(self, script):
        """Give what an expression in the page is."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def until(self, script, seconds=30):
        """Wait until an expression is true."""
        end = monotonic() + seconds
        while not (found := self.value(script)):
            assert monotonic() < end, f"never: {script}\n{self.value('document.body.innerText')}\n{self.complaints}"
            sleep(0.05)
        return found

    def press(self, key):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key)

    def screenshot(self, file):
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]))
