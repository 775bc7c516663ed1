"""A headless Firefox on the end of a socket: the Marionette protocol without a driver or a library."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

NAMES = ("firefox-esr", "firefox")
PATIENCE = 60.0  # seconds


def find_firefox() -> str | None:
    """Return the browser of this machine, None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Firefox:
    """One page in one browser."""

    def __init__(self, command: str, dark: bool = False) -> None:
        self.profile = tempfile.mkdtemp(prefix="firefox-")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        wanted = {"marionette.port": port, "ui.systemUsesDarkTheme": int(dark), "network.proxy.type": 1}
        wanted |= {"network.proxy.http": "127.0.0.1", "network.proxy.http_port": 9, "network.proxy.ssl": "127.0.0.1"}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in wanted.items()]
        Path(self.profile, "user.js").write_text("".join(lines), encoding="utf-8")
        self._process = subprocess.Popen(
            [command, "--headless", "--marionette", "--no-remote", "--profile", self.profile],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._number, self._open = 0, ExitStack()
        try:
            self._socket = self._open.enter_context(_connected(port))
            self._file = self._open.enter_context(self._socket.makefile("rb"))
            self._read()  # it says who it is
            self.call("WebDriver:NewSession")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the browser, and remove what it left."""
        self._open.close()
        self._process.terminate()
        self._process.wait(PATIENCE)
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method: str, **parameters: Any) -> Any:
        """Send a command and return its answer."""
        self._number += 1
        message = json.dumps([0, self._number, method, parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(message), message))
        _, _, error, answer = self._read()
        if error is not None:
            raise RuntimeError(f"{method}: {error['message']}")
        return answer

    def open(self, page: Path, width: int = 1280, height: int = 900) -> None:
        """Load a file and wait until it is drawn."""
        self.call("WebDriver:SetWindowRect", width=width, height=height)
        self.call("WebDriver:Navigate", url=page.as_uri())

    def run(self, script: str) -> Any:
        """Return the value of an expression; what it throws is an error here."""
        return self.call("WebDriver:ExecuteScript", script=f"return {script}", args=[])["value"]

    def drag(self, selector: str, start: float, end: float) -> None:
        """Drag the mouse across an element, between shares of its width."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.run(f"{found}.scrollIntoView({{block: 'center', behavior: 'instant'}})")
        box = self.run(f"{found}.getBoundingClientRect().toJSON()")
        y = int(box["y"] + box["height"] / 2.0)
        first, last = ({"type": "pointerMove", "x": int(box["x"] + box["width"] * x), "y": y} for x in (start, end))
        steps = [first, {"type": "pointerDown", "button": 0}, last, {"type": "pointerUp", "button": 0}]
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps}
        self.call("WebDriver:PerformActions", actions=[mouse])

    def _read(self) -> Any:
        size = b""
        while (digit := self._file.read(1)) != b":":
            if not digit:
                raise RuntimeError("the browser is gone")
            size += digit
        return json.loads(self._file.read(int(size)))


def _connected(port: int) -> socket.socket:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
