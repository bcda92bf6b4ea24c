"""What the documentation says is so: examples run, names exist, nothing is left out.

A fenced block of ``console``, ``python``, ``yaml`` or ``json`` is run if the word ``run`` follows
its language. Those of one page run in order, in one folder. ``file=NAME`` writes the block there,
and ``exit=N`` is what the last command of a console must end with.
"""

import contextlib
import io
import re
import shlex
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import typer.main

from docs.renew import PARTS, Part
from docs.tables import tables
from generators.importers.world_files import is_world_file, read_world_file
from generators.operators import USUAL_MIX
from pipeline.cli.app import app
from pipeline.config import KEYS, load_settings
from pipeline.entry import main
from pipeline.exports import EXPORTS
from pipeline.run.database import Store
from pipeline.run.manifest import version
from schemas.reasons import (
    CANDIDATE_FAILURES,
    NOT_SERVED,
    REASONS,
    REWRITING,
    ROLE_FAILURES,
    WRITING,
)
from tests.commands import OWN
from validators.judge import JUDGE_REASONS

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
RUNNING = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PATH = re.compile(
    r"`((?:schemas|generators|validators|pipeline|data|tests|benchmarks|docs|notebooks)/[\w./]*)`"
)
_TOP = dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
_GROUPS = ("graph", "world", "sandbox", "prompts")
COMMANDS = {name: command for name, command in _TOP.items() if name not in _GROUPS} | {
    f"{group} {name}": command
    for group in _GROUPS
    for name, command in _TOP[group].commands.items()
}


class Block(NamedTuple):
    language: str
    options: dict[str, str]
    text: str


def blocks(page: Path) -> list[Block]:
    """The blocks of a page that are to be run."""
    found = []
    for language, words, text in _FENCE.findall(page.read_text(encoding="utf-8")):
        mark, *options = words.split() or [""]
        if mark == "run":
            found.append(Block(language, dict(word.split("=", 1) for word in options), text))
    return found


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def section(page: str, heading: str) -> str:
    """What stands below a heading, up to the next of the same or a higher rank."""
    rank = heading.split()[0]
    _, found, rest = page.partition(f"\n{heading}\n")
    assert found, heading
    return re.split(rf"^#{{1,{len(rank)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> Iterator[str]:
    """The first cells of all tables."""
    for line in text.splitlines():
        if line.startswith("|"):
            yield line.split("|")[1]


def run_command(arguments: list[str]) -> tuple[int, list[str]]:
    """Exit code and the lines that it prints, without those that tell of progress."""
    out, err = io.StringIO(), io.StringIO()
    before = signal.getsignal(signal.SIGTERM)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            with pytest.raises(SystemExit) as end:
                main(arguments, OWN)
        finally:
            signal.signal(signal.SIGTERM, before)
    told = [line for line in err.getvalue().splitlines() if line.startswith("toolweave:")]
    code = end.value.code
    assert isinstance(code, int)
    return code, [*out.getvalue().splitlines(), *told]


def run_console(block: Block) -> None:
    commands = [part for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE) if part]
    for number, part in enumerate(commands, 1):
        command, *expected = part.splitlines()
        program, *arguments = shlex.split(command)
        assert program == "toolweave", command
        code, printed = run_command(arguments)
        assert printed == expected, command
        wanted = block.options.get("exit", "0") if number == len(commands) else "0"
        assert str(code) == wanted, command


def run_block(block: Block) -> None:
    if "file" in block.options:
        Path(block.options["file"]).write_text(block.text, encoding="utf-8")
    if block.language == "console":
        run_console(block)
    elif block.language == "python":
        exec(compile(block.text, "documentation", "exec"), {})
    elif block.language == "yaml":
        file = Path(block.options["file"])
        read_world_file(file) if is_world_file(file) else load_settings(file, {})
    else:
        assert block.language == "json", block.language


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda p: p.stem)
def test_examples_do_what_the_page_says(page: Path, tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        for block in blocks(page):
            run_block(block)


def test_there_are_examples_of_every_kind() -> None:
    kinds = {block.language for page in PAGES for block in blocks(page)}
    assert kinds == {"console", "python", "yaml", "json"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_documented_and_no_other(name: str) -> None:
    known = {
        spelling
        for parameter in COMMANDS[name].params
        for spelling in (*parameter.opts, *parameter.secondary_opts)
        if spelling.startswith("-") and spelling != "--help"
    }
    told = re.findall(r"`(-[\w-]+)[ `]", " ".join(rows(section(RUNNING, f"### toolweave {name}"))))
    assert set(told) == known


def test_no_command_is_documented_that_does_not_exist() -> None:
    assert set(re.findall(r"^### toolweave ([\w ]+)$", RUNNING, re.MULTILINE)) == set(COMMANDS)
    assert "`toolweave --version`" in RUNNING


def test_every_key_of_the_config_is_documented_and_no_other() -> None:
    told = re.findall(r"`(\w+)`", " ".join(rows(section(RUNNING, "## Config file"))))
    assert sorted(told) == sorted(KEYS)


def test_every_exit_code_is_documented() -> None:
    codes = [cell.strip() for cell in rows(section(RUNNING, "## Exit codes"))]
    assert codes[2:] == ["0", "2", "3", "130"]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_what_is_made_from_the_code_is_up_to_date(part: Part) -> None:
    page = part.page.read_text(encoding="utf-8")
    assert part.renewed() == page, "write it anew: python -m docs.renew"


def test_every_reason_code_has_a_row() -> None:
    told = re.findall(r"^\| `(\w+)` \|", tables(), re.MULTILINE)
    known = [*(found.code for found in REASONS), *JUDGE_REASONS]
    known += [*ROLE_FAILURES, *NOT_SERVED, *CANDIDATE_FAILURES, *REWRITING, *WRITING]
    assert sorted(told) == sorted(known)


def test_a_page_that_lost_its_marks_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "checks.md"
    page.write_text("# Checks\n")
    with pytest.raises(ValueError, match=r"checks.md must have the marks <!-- codes: begin -->"):
        Part(page, "codes", tables).renewed()


def test_the_mix_is_told_as_it_is() -> None:
    page = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \|.*?\| (\d+) %[^|]*\|$", page, re.MULTILINE))
    told["twin"] = told.pop("parallel")
    told["confirm_all"] = re.findall(r"In (\d+) % of conversations the system message", page)[0]
    assert {name: int(share) for name, share in told.items()} == {
        name: round(100 * share) for name, share in USUAL_MIX.items()
    }


def test_every_export_is_documented() -> None:
    page = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## ([\w-]+)$", page, re.MULTILINE)) == {
        *(form.name for form in EXPORTS),
        "parquet",
    }


def test_every_table_is_documented(tmp_path: Path) -> None:
    for name in ("catalog.json", "graph.json"):
        empty = '{"tools": []}' if name == "catalog.json" else '{"edges": []}'
        (tmp_path / name).write_text(empty)
    Store(tmp_path).follow()
    query = "SELECT table_name FROM information_schema.tables"
    with Store(tmp_path).open() as connection:
        known = {name for (name,) in connection.execute(query).fetchall()}
    page = section((ROOT / "docs" / "notebook.md").read_text(encoding="utf-8"), "## Tables")
    for name in known:
        assert f"`{name}`" in page, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(prose(page)):
        if re.match(r"\w+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), link
        if anchor:
            assert anchor in anchors(file), link


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", text).strip().lower().replace(" ", "-") for text in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_files_that_are_named_exist(page: Path) -> None:
    for path in _PATH.findall(prose(page)):
        assert (ROOT / path).exists(), path


def test_every_page_is_reached_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert f"](docs/{page.name})" in readme, page.name


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    entries = re.findall(r"^## (\S+)$", changelog, re.MULTILINE)
    assert entries[0] == version()
