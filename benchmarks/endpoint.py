"""A model's endpoint on loopback: 50 trajectories through it, and endpoints that fail.

A scripted build is served by ``python -m pipeline.chat.loopback`` and built again with ``--model``.
Failing endpoints run in a process of their own too, so that the measuring one stays small:
``python -m benchmarks.endpoint KIND DIR`` prints the address and serves until its input ends.
"""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.lines import CannotRun, Line
from benchmarks.program import ACCEPTED, ROOT, build, python, rows, serving

KEY = "sk-acceptance-5f0c1d9a7b"
KINDS = (
    ("refuse_key", 2),
    ("other_key", 2),  # the refusal repeats the key that was sent
    ("server_error", 2),
    ("html", 2),
    ("no_choices", 2),
    ("truncated", 2),
    ("prose", 3),  # completions in good form that say nothing: candidates are made, none is good
    ("unreadable_judge", 3),
)
"""Ways of failing, with the exit code that each must lead to."""


def through_endpoint(folder: Path, n: int) -> Iterator[Line]:
    """Every line about endpoints; ``n`` trajectories go through the one that works."""
    scripted, modelled = folder / "scripted", folder / "modelled"
    ran = build(folder, scripted, n, "--seed", 7)
    if ran.code != 0:
        raise CannotRun(f"the scripted build ended with {ran.told}")
    with serving("-m", "pipeline.chat.loopback", scripted) as (address, _):
        options = ("--seed", 7, "--model", "recorded", "--base-url", address)
        ran = build(folder, modelled, n, *options, OPENAI_API_KEY=KEY)
    accepted = rows(modelled / ACCEPTED)
    measured = f"{accepted} in {ran.seconds:.0f} s, exit {ran.code}"
    yield Line("through the endpoint", f"{n} accepted", measured, (accepted, ran.code) == (n, 0))
    checked = python(folder, ROOT / "tests" / "independent.py", modelled / ACCEPTED)
    last = checked.out.strip().splitlines()[-1:] or [checked.told]
    yield Line("independent checker on them", "0 problems", last[0], checked.code == 0)
    yield from _failing(folder, scripted)
    yield _key_is_nowhere(folder)


def _failing(folder: Path, scripted: Path) -> Iterator[Line]:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    yield _fails(folder, "absent", f"http://127.0.0.1:{port}/v1", 2)
    yield _fails(folder, "no key is set", "https://endpoint.invalid/v1", 2, key="")
    for kind, code in KINDS:
        with serving("-m", "benchmarks.endpoint", kind, scripted) as (address, _):
            yield _fails(folder, kind, address, code)


def _fails(folder: Path, kind: str, address: str, code: int, key: str = KEY) -> Line:
    """Build against an endpoint that fails: one line, the exit code, nothing accepted."""
    out = folder / f"failed-{kind.replace(' ', '-')}"
    options = ("--seed", 7, "--model", "m", "--base-url", address, "--max-candidates", 8)
    ran = build(folder, out, 4, *options, OPENAI_API_KEY=key)
    accepted, lines = rows(out / ACCEPTED), ran.err.count("\n")
    measured = f"{accepted} rows, {lines} lines, {ran.seconds:.0f} s, {ran.told}"
    holds = (ran.code, lines, accepted) == (code, 1, 0)
    return Line(f"endpoint: {kind}", f"exit {code}, 1 line, 0 rows", measured, holds)


def _key_is_nowhere(folder: Path) -> Line:
    files = [path for path in folder.rglob("*") if path.is_file()]
    holding = [str(path.relative_to(folder)) for path in files if KEY.encode() in path.read_bytes()]
    measured = f"{len(files)} files searched" + "".join(f"; in {name}" for name in holding)
    return Line("the key is written nowhere", "in 0 files", measured, not holding)


def serve(kind: str, recorded: Path) -> None:
    """Serve one way of failing until standard input ends."""
    from pipeline.chat.loopback import Answer, Loopback, completion, load_recorded
    from tests import endpoints

    brain = load_recorded(recorded)
    answers: dict[str, Answer] = {
        "prose": lambda request: completion({"content": "It looks good to me!"}, request),
        "unreadable_judge": endpoints.unreadable_judge(brain),
        "other_key": brain,
    }
    key = "another" if kind == "other_key" else None
    answer = answers.get(kind) or getattr(endpoints, kind)
    with Loopback(answer, key=key) as endpoint:
        sys.stdout.write(f"{endpoint.base_url}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
