"""The command line: options, configuration, answers for people and for scripts, exit codes."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.cli.app import app
from pipeline.config import KEYS, Settings, load_settings
from pipeline.run.database import Store
from schemas.errors import InputError
from tests.commands import apart, contents, manifest, plan, records_of, toolweave

COMMANDS = (
    *("build", "schedule", "tools", "graph build", "graph show", "graph stats"),
    *(
        "world show",
        "world write",
        "world complete",
        "world check",
        "world schema",
        "sandbox replay",
        "prompts show",
    ),
    *("tasks", "check", "repair", "show", "export", "push", "cost", "errors", "calibrate", "masks"),
    *("serve", "probe", "harden"),
)


def known_commands() -> dict[str, Any]:
    """Name → command; of a group, each of its commands."""
    from typer.main import get_command

    found = dict(getattr(get_command(app), "commands"))  # noqa: B009
    groups = {name: found.pop(name).commands for name in ("graph", "world", "sandbox", "prompts")}
    return found | {
        f"{group} {name}": command
        for group, inner in groups.items()
        for name, command in inner.items()
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished output folder."""
    folder = tmp_path_factory.mktemp("made")
    ran = toolweave(
        "build", "--tools", plan(folder, reject_every=4), "-n", 12, "--out", folder / "o"
    )
    assert ran.code == 0
    return folder / "o"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself_with_an_example(command: str) -> None:
    ran = toolweave(*command.split(), "--help")
    assert ran.code == 0
    assert f"toolweave {command}" in ran.out.partition("Example")[2]


def test_every_option_is_explained() -> None:
    commands = known_commands()
    assert set(commands) == set(COMMANDS)
    for command in commands.values():
        assert all(getattr(parameter, "help", None) for parameter in command.params)


def test_every_option_of_a_build_is_a_key_of_the_configuration() -> None:
    commands = known_commands()
    options = {
        parameter.name for name in ("build", "schedule") for parameter in commands[name].params
    }
    only_keys = {
        "run_python", "observations", "complete_results", "judge_edges",
        "check_edges",
        "structure", "mix", "near", "size", "mcp_calls", "tools_by", "result_tokens",
        "max_description", "task_runner", "roles", "most_requests", "most_tokens", "move_tries",
            "dialogue_tries", "manners", "errors", "best_of", "unwritten",
        "judges", "votes", "user_model", "user_base_url",
    }  # fmt: skip
    assert options - {"config"} == set(KEYS) - only_keys


HEAVY = """
import sys, pipeline.cli.app, pipeline.cli.build_commands
print([name for name in ("prefect", "duckdb", "openai", "numpy") if name in sys.modules])
import pipeline.opening
heavy = ("prefect", "openai", "networkx", "jsonschema", "jinja2")
print([name for name in heavy if name in sys.modules])
"""


def test_heavy_packages_are_not_imported_before_they_are_needed() -> None:
    import subprocess
    import sys

    ran = subprocess.run(
        [sys.executable, "-c", HEAVY], capture_output=True, text=True, check=True, timeout=240
    )
    assert ran.stdout.splitlines() == ["[]", "[]"]


def test_usage_that_is_wrong_ends_with_2() -> None:
    assert toolweave("build", "--no-such-option").code == 2
    assert toolweave("build", "-n", "many").code == 2
    assert toolweave("invent").code == 2
    assert toolweave("export", "nowhere").code == 2


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("-n", 0), "toolweave: at n: input should be greater than or equal to 1, not 0"),
        (("--concurrency", -1), "toolweave: at concurrency: input should be greater"),
        (("--base-url", "localhost:1"), "toolweave: at base_url: must begin with http://"),
        (("--tools", "nowhere.json"), "toolweave: nowhere.json: does not exist"),
        (("--config", "nowhere.yaml"), "toolweave: nowhere.yaml: cannot be read: No such file"),
    ],
)
def test_an_option_that_cannot_be_used_is_one_line(
    tmp_path: Path, options: tuple[object, ...], told: str
) -> None:
    ran = toolweave("build", "--quiet", "--out", tmp_path / "o", *options)
    assert ran.code == 2
    assert ran.err.startswith(told)
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sed: 7", "at sed: unknown key; did you mean 'seed'? allowed are tools, mcp, strict"),
        ("colour: red", "at colour: unknown key; allowed are tools"),
        ("n: many", "at n: input should be a valid integer"),
        ("tools: 5", "at tools: input should be a valid tuple, not 5"),
        ("n: 1\nm: [", "at line 2, column 5: is not YAML"),
        ("- n", "must hold keys and values, such as 'n: 200'"),
        ("1: 2", "must hold keys and values"),
        ("shard_size: 0", "at shard_size: input should be greater than or equal to 1, not 0"),
        ("api_key: sk-1", "at api_key: unknown key"),
        ("dedup: 1.5", "at dedup: input should be less than or equal to 1, not 1.5"),
        ("structure: deep", "at structure: input should be a valid dictionary, not 'deep'"),
        ("judge_edges: true", ": judge_edges needs a model: give --model"),
        ("near: -1", "at near: input should be greater than or equal to 0, not -1"),
        (b"\xff\xfe", "is not UTF-8 text"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_told_with_file_and_key(
    tmp_path: Path, text: str | bytes, told: str
) -> None:
    file = tmp_path / "c.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as refused:
        load_settings(file, {})
    assert str(refused.value).startswith(str(file))
    assert told in str(refused.value)


def test_options_override_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    values = {"n": 3, "seed": 4, "out": str(tmp_path / "o"), "tools": [str(plan(tmp_path))]}
    file.write_text(yaml.safe_dump(values | {"json": True, "quiet": True}))
    ran = toolweave("build", "--config", file, "-n", 5)
    assert ran.code == 0
    assert json.loads(ran.out)["accepted"] == 5
    assert ran.err == ""
    assert manifest(tmp_path / "o")["settings"]["seed"] == 4  # type: ignore[index]


def test_an_empty_configuration_is_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("# nothing yet\n")
    assert load_settings(file, {"n": None}) == Settings()
    assert Settings().cap == 450


def test_the_key_and_the_password_of_an_address_are_written_nowhere(tmp_path: Path) -> None:
    os.environ["OPENAI_API_KEY"] = "sk-very-secret"
    try:
        ran = toolweave(
            "build", "--tools", plan(tmp_path), "-n", 2, "--out", tmp_path / "o", "--model", "m",
            "--base-url", "https://me:hidden-word@host.test/v1?token=hidden-word",
        )  # fmt: skip
    finally:
        del os.environ["OPENAI_API_KEY"]
    assert ran.code == 0
    assert manifest(tmp_path / "o")["settings"]["base_url"] == "https://host.test/v1"  # type: ignore[index]
    written = b"".join(contents(tmp_path).values())
    assert b"sk-very-secret" not in written
    assert b"hidden-word" not in written


def test_an_option_stands_above_the_file_and_a_flag_that_is_not_given_does_not(
    tmp_path: Path,
) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("strict: true\ndedup: 0.5\nmcp: [one, two]\nsampler: a\n")
    given = {"strict": None, "dedup": 0.0, "mcp": [], "sampler": "b"}
    settings = load_settings(file, given)
    assert (settings.strict, settings.dedup, settings.sampler) == (True, 0.0, "b")
    assert settings.mcp == ("one", "two")


def test_the_secrets_of_a_servers_address_are_not_recorded() -> None:
    settings = Settings(mcp=("https://me:hidden@host.test/mcp?key=hidden", "server --port 1"))
    assert settings.recorded["mcp"] == ["https://host.test/mcp", "server --port 1"]


def test_what_decides_the_data_is_told_where_it_differs(tmp_path: Path) -> None:
    differing = Settings(sampler="b").deciding
    assert {key for key, value in Settings().deciding.items() if differing[key] != value} == {
        "sampler"
    }


def test_a_build_counts_the_tools_and_edges_that_it_used(made: Path, tmp_path: Path) -> None:
    ran = toolweave("build", "--tools", plan(tmp_path), "-n", 2, "--json", "--out", tmp_path / "o")
    report = json.loads(ran.out)
    assert report["coverage"] == {
        "tools": 4, "tools_possible": 5, "tools_used": 4,
        "edges": 1, "edges_possible": 1, "edges_used": 1,
        "entities_possible": 0, "entities_used": 0, "outcomes_possible": 2, "outcomes_used": 2,
        "persons_possible": 0, "persons_used": 0,
    }  # fmt: skip
    shares = {name: (one["asked"], one["got"]) for name, one in report["operators"].items()}
    assert shares == {"fault": (0.5, 1), "clarify": (0.5, 0), "compare": (0.9, 0)}
    why = "cannot be had: no tool that people ask for is a list"
    assert report["operators"]["compare"]["why"] == why
    with Store(made).open() as tables:
        rows = tables.execute("SELECT kind, name, used FROM coverage ORDER BY ALL").fetchall()
        calls = dict(
            tables.execute(
                "SELECT tool, count(*) FROM calls JOIN accepted USING (candidate) GROUP BY 1"
            ).fetchall()
        )
    (edge,) = [row for row in rows if row[0] == "edge"]
    name = "search_products: products[].product_id → place_order: product_id"
    assert edge[1:] == (name, calls["place_order"])
    assert {name: used for kind, name, used in rows if kind == "tool"} == calls


def test_a_build_says_what_was_asked_and_got_and_what_cannot_be_had(tmp_path: Path) -> None:
    ran = toolweave("build", "--tools", plan(tmp_path), "-n", 2, "--out", tmp_path / "o")
    why = "no tool that people ask for is a list"
    assert f"compare: asked for, and cannot be had: {why}" in ran.err
    assert ran.out.splitlines()[1:] == [
        "fault: asked 50%, got 100%",
        f"compare: asked 90%, got 0% (cannot be had: {why})",
        "used: 4 of 5 tools, 1 of 1 edges, 2 of 2 outcomes",
    ]


def test_a_build_tells_what_it_reads_first_and_where_the_data_lies(tmp_path: Path) -> None:
    tools = (plan(tmp_path), plan(tmp_path))
    arguments = [part for path in tools for part in ("--tools", path)]
    ran = toolweave("build", *arguments, "-n", 3, "--out", tmp_path / "o")
    assert ran.err.splitlines()[0] == "Reading 2 catalogues …"
    first = ran.out.splitlines()[0]
    assert first == f"{tmp_path / 'o'}: 3 accepted, 1 rejected of 4 candidates"


def test_quiet_prints_nothing(tmp_path: Path) -> None:
    ran = toolweave("build", "--quiet", "--tools", plan(tmp_path), "-n", 3, "--out", tmp_path / "o")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_a_bug_keeps_its_traceback_and_ends_with_1(tmp_path: Path) -> None:
    broken = tmp_path / "plan.json"
    broken.write_text("[3]")
    ran = apart(tmp_path, "build", "--tools", broken, "-n", 2, "--out", tmp_path / "o")
    assert ran.code == 1
    assert "Traceback" in ran.err
    assert "TypeError" in ran.last


def test_a_clean_data_set_passes_the_check(made: Path) -> None:
    for file in (made, made / "trajectories.jsonl"):
        ran = toolweave("check", file)
        assert ran.code == 0
        assert ran.out == f"{made / 'trajectories.jsonl'}: 12 of 12 trajectories are good\n"


def spoiled(made: Path, folder: Path) -> Path:
    """A copy in which the third trajectory orders for another day than was said."""
    lines = (made / "trajectories.jsonl").read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b'"delivery_date":"2026-03-12"', b'"delivery_date":"2026-03-13"')
    folder.mkdir()
    for name in ("catalog.json", "definitions.jsonl"):
        (folder / name).write_bytes((made / name).read_bytes())
    (folder / "data.jsonl").write_bytes(b"".join(lines))
    return folder / "data.jsonl"


def test_the_check_says_what_falls_short_and_where(made: Path, tmp_path: Path) -> None:
    ran = toolweave("check", spoiled(made, tmp_path / "bad"))
    assert ran.code == 3
    findings = ran.out.splitlines()[:-1]
    assert findings
    assert all(re.match(r"line 3, [0-9a-f]{16}", line) for line in findings)
    assert any("message 8" in line and ": provenance bad: " in line for line in findings)
    assert ran.out.splitlines()[-1].endswith("data.jsonl: 11 of 12 trajectories are good")


def test_the_check_answers_scripts(made: Path, tmp_path: Path) -> None:
    ran = toolweave("check", "--json", spoiled(made, tmp_path / "bad"))
    answer = json.loads(ran.out)
    assert (ran.code, answer["trajectories"], answer["good"]) == (3, 12, 11)
    assert {finding["line"] for finding in answer["findings"]} == {3}


def test_trajectories_that_are_alike_fall_short(made: Path, tmp_path: Path) -> None:
    first = (made / "trajectories.jsonl").read_bytes().splitlines(keepends=True)[0]
    for name in ("catalog.json", "definitions.jsonl"):
        (tmp_path / name).write_bytes((made / name).read_bytes())
    (tmp_path / "twice.jsonl").write_bytes(first * 2)
    ran = toolweave("check", tmp_path / "twice.jsonl")
    assert ran.code == 3
    assert "duplicate_task" in ran.out
    assert ran.out.startswith("line 2, ")


def test_without_a_catalogue_the_replay_is_unknown_and_nothing_is_good(
    made: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "alone.jsonl"
    records = records_of((made / "trajectories.jsonl").read_bytes(), made)
    alone.write_text("".join(f"{record.model_dump_json()}\n" for record in records))
    ran = toolweave("check", alone)
    assert ran.code == 3
    assert "no catalog.json beside" in ran.err
    assert ran.out.count("replay unknown") == 12
    assert "0 of 12 trajectories are good" in ran.out


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b'{"schema_version":', "at line 1: is no trajectory: "),
        (b'\n{"schema_version":1}\n', "at line 2 index: is no trajectory: Field required"),
    ],
)
def test_a_file_that_cannot_be_checked_is_one_line(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    file = tmp_path / "x.jsonl"
    if content is not None:
        file.write_bytes(content)
    ran = toolweave("check", file)
    assert ran.code == 2
    assert ran.last.startswith(f"toolweave: {file}")
    assert told in ran.last


def test_samples_are_listed_and_found_by_the_beginning_of_their_id(made: Path) -> None:
    table = toolweave("show", made, "--limit", 3).out.splitlines()
    assert len(table) == 4
    short = table[1].split()[0]
    shown = toolweave("show", made, short)
    assert shown.code == 0
    for part in (
        f"{short}", "accepted", "Hi, do you have an oak desk?", "[train]", "[masked]",
        "→ place_order", "quantity ← the user said 'two' in message 5", "fault: rate_limited",
        "product_id ← products[0].product_id of the result in message 3", "good", "structure",
    ):  # fmt: skip
        assert part in shown.out
    assert "\x1b[" not in shown.out, "colours do not go into a pipe"


def test_rejected_samples_show_their_reasons(made: Path) -> None:
    rows = json.loads(toolweave("show", made, "--rejected", "--json").out)
    assert {tuple(row["reasons"]) for row in rows} == {("too_short",)}
    shown = toolweave("show", made, rows[0]["id"])
    assert "rejected" in shown.out
    assert "too_short at message 1 text: says too little" in shown.out


def test_random_samples_are_whole(made: Path) -> None:
    ran = toolweave("show", made, "--random", "--limit", 2)
    assert ran.out.count("verdicts") == 2
    drawn = json.loads(toolweave("show", made, "--random", "--limit", 2, "--json").out)
    assert [one["messages"][0]["role"] for one in drawn] == ["system", "system"]


@pytest.mark.parametrize(
    ("identity", "told"),
    [("zzzz", "no trajectory has an id that begins with 'zzzz'"), ("", "begins several ids: ")],
)
def test_an_id_that_means_none_or_several_is_told(made: Path, identity: str, told: str) -> None:
    ran = toolweave("show", made, identity)
    assert ran.code == 2
    assert told in ran.last


def test_a_folder_that_is_no_output_is_told(tmp_path: Path) -> None:
    for arguments in (("show", tmp_path), ("export", tmp_path, "--to", "openai")):
        ran = toolweave(*arguments)
        assert ran.code == 2
        assert "is no output of toolweave: it has no manifest.json" in ran.last
    assert "is no folder" in toolweave("show", tmp_path / "nowhere").last


def test_a_schedule_needs_to_know_when() -> None:
    ran = toolweave("schedule", "-n", 3)
    assert ran.code == 2
    assert ran.last == "toolweave: say when to run, such as --cron '0 2 * * *', or --once"
