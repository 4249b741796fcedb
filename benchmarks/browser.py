"""A headless Chromium at the other end of a pipe, for what only a browser can tell: when a page is painted."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Self

# The browser reads orders from 3 and answers on 4; a program in between puts our pipes there.
_START = "import os, sys; i, o = map(int, sys.argv[1:3]); i, o = os.dup(i), os.dup(o); os.dup2(i, 3); os.dup2(o, 4); "
_START += "os.set_inheritable(3, True); os.set_inheritable(4, True); os.execvp(sys.argv[3], sys.argv[3:])"


def browser() -> str | None:
    """Where Chromium or Chrome is, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


class Browser:
    """One page of a browser; orders are those of the Chrome DevTools Protocol."""

    def __init__(self, program: str) -> None:
        self._folder = tempfile.TemporaryDirectory()
        theirs, self._out = os.pipe()
        self._in, answers = os.pipe()
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run"]
        order = [sys.executable, "-c", _START, str(theirs), str(answers), program, *options]
        self._process = subprocess.Popen(
            [*order, f"--user-data-dir={self._folder.name}"],
            pass_fds=(theirs, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(answers)
        self._numbers, self._rest, self._events, self._session = itertools.count(1), b"", [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session = None
        self.call("Browser.close")
        self._process.wait()
        os.close(self._out)
        os.close(self._in)
        self._folder.cleanup()

    def call(self, method: str, **values: Any) -> Any:
        """Give an order; give what the browser answers."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": values}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != number:
            self._events.append(answer.get("method"))
        if "error" in answer:
            raise RuntimeError(f"the browser must do {method}, and says {answer['error']}")
        return answer["result"]

    def open(self, page: Path) -> None:
        """Open a page from the disk and wait until it is loaded."""
        self._events.clear()
        self.call("Page.navigate", url=page.absolute().as_uri())
        while "Page.loadEventFired" not in self._events:
            self._events.append(self._read().get("method"))

    def value(self, script: str) -> Any:
        """What an expression of JavaScript gives, waited for."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"a script must run, and says {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self._in, 1 << 20)
            if not more:
                raise RuntimeError("the browser must answer, and has ended")
            self._rest += more
        message, self._rest = self._rest.split(b"\0", 1)
        return dict(json.loads(message))
