"""A Prefect server for the time of one run: it ends when the run ends, however that ends.

Prefect starts a temporary server by itself, but that one outlives a run that is killed, waits 20 s
at most for its own start, and prints tracebacks when the run ends first. This one reads a pipe
whose other end only the run holds, and leaves at once when that end is closed.
"""

import atexit
import importlib
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.files import writing
from schemas.errors import OutputError

START_SECONDS = 180
API_URL = "PREFECT_API_URL"
QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_ROOT_LEVEL": "ERROR",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "DASK_LOGGING__DISTRIBUTED": "critical",
}
"""Defaults that the environment of a user overrides."""
SECONDS_BETWEEN_TRIES = 60


def retry_variables(count: int) -> dict[str, str]:
    """What tells Prefect, in the process of a run, how often to try it again where it fails."""
    names = ("PREFECT_FLOWS_DEFAULT_RETRIES", "PREFECT_FLOWS_DEFAULT_RETRY_DELAY_SECONDS")
    values = map(str, (count, SECONDS_BETWEEN_TRIES))
    return dict(zip(names, values, strict=True)) if count else {}


@contextmanager
def prefect_server(home: Path) -> Iterator[None]:
    """Import Prefect with a server: that of ``PREFECT_API_URL``, else one of its own in ``home``.

    Must be entered before anything else imports prefect. Raises OutputError where the server does
    not start.
    """
    hush_exit()
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    os.environ.setdefault("PREFECT_HOME", str(home.resolve()))
    with writing(home):
        Path(os.environ["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)
    if os.environ.get(API_URL):
        yield
        return
    with _started(Path(os.environ["PREFECT_HOME"]) / "server.log"):
        yield
        # Let Prefect send what it has to tell: it would go on trying after the server has ended.
        from prefect.events.worker import EventsWorker

        EventsWorker.drain_all(timeout=10)


@contextmanager
def _started(log: Path) -> Iterator[None]:
    with writing(log), log.open("wb") as errors, socket.create_server(("127.0.0.1", 0)) as listener:
        os.environ[API_URL] = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, str(listener.fileno())],
            pass_fds=[listener.fileno()],
            stdin=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,  # Ctrl-C is for the run, which ends the server last
        )
    try:
        importlib.import_module("prefect")  # two seconds that the server's start needs anyway
        address = f"{os.environ[API_URL]}/health"
        deadline = time.monotonic() + START_SECONDS
        while True:
            with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    break
            if time.monotonic() > deadline or process.poll() is not None:
                raise OutputError(f"Prefect's server did not start; {log} tells why")
            time.sleep(0.05)
        yield
    finally:
        del os.environ[API_URL]
        process.kill()
        process.communicate()


def hush_exit() -> None:
    """Let nothing be printed to stderr once this process is on its way out.

    With Prefect loaded, exit hooks report services that cannot reach the server any more, and
    duckdb's bindings report objects that Prefect's threads still hold. An error of ours has been
    printed before the hooks run.
    """

    def hush() -> None:
        sys.stderr.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)

    atexit.register(hush)


def main(descriptor: int) -> None:
    """Serve on a listening socket that the parent opened, for as long as the parent lives."""
    import uvicorn

    def leave_with_parent() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=leave_with_parent, daemon=True).start()
    config = uvicorn.Config(
        "prefect.server.api.server:create_app", factory=True, log_level="error", lifespan="on"
    )
    with socket.socket(fileno=descriptor) as listener:
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(int(sys.argv[1]))
