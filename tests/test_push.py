"""Publishing: a folder for a hub, whose card says what is in it."""

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipeline.publishing.card import Part, write_card
from pipeline.publishing.push import push
from pipeline.publishing.statistics import count
from schemas.errors import OutputError
from schemas.message import AssistantMessage
from tests.commands import plan, records_of, toolweave

Row = dict[str, Any]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished output folder, which nothing changes."""
    folder = tmp_path_factory.mktemp("built")
    options = ("--tools", plan(folder, reject_every=4, stiff_every=5), "-n", 9)
    assert toolweave("build", *options, "--out", folder / "o").code == 0
    return folder / "o"


@pytest.fixture
def made(built: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(built, tmp_path / "o"))


def front(card: str) -> Row:
    _, told, _ = card.split("---\n", 2)
    found: Row = yaml.safe_load(told)
    return found


def test_the_folder_has_data_tables_card_and_croissant(made: Path, tmp_path: Path) -> None:
    target = tmp_path / "hub"
    ran = toolweave("push", made, target, "--to", "openai", "--to", "trl-completion", "--json")
    told = json.loads(ran.out)
    assert ran.code == 0
    assert told["files"] == [
        "README.md", "croissant.json", "data/openai/train.jsonl",
        "data/trl-completion/train.jsonl", "data/tables/conversations.parquet",
        "data/tables/messages.parquet",
    ]  # fmt: skip
    assert sorted(told["files"]) == sorted(
        path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()
    )
    card = front((target / "README.md").read_text())
    assert card["size_categories"] == ["n<1K"]
    assert [one["config_name"] for one in card["configs"] if one.get("default")] == ["openai"]
    for config in card["configs"]:
        (file,) = config["data_files"]
        path = target / file["path"]
        rows = (
            len(path.read_text().splitlines()) if path.suffix == ".jsonl"
            else duckdb.sql(f"SELECT count(*) FROM '{path}'").fetchall()[0][0]
        )  # fmt: skip
        assert rows == told["rows"][config["config_name"]] > 0
    tools = json.loads((target / "data/openai/train.jsonl").read_text().splitlines()[0])["tools"]
    assert isinstance(tools, str)


def test_the_figures_are_those_of_the_records(made: Path) -> None:
    told = count(made)
    records = records_of((made / "trajectories.jsonl").read_bytes(), made)
    said = [one for record in records for one in record.messages]
    spoken = [one for one in said if isinstance(one, AssistantMessage)]
    trained = [label for record in records for label in record.labels if label.train]
    assert (told.conversations, told.messages) == (len(records), len(said))
    assert told.calls == sum(len(one.calls) for one in spoken)
    assert (told.assistant_messages, told.trained_messages) == (len(spoken), len(trained))
    assert told.stiff == sum(bool(record.task.stiff) for record in records)
    assert sum(told.domains.values()) == len(records)
    assert sum(told.causes.values()) >= told.manifest.rejected > 0
    card_tools = {call.name for one in spoken for call in one.calls}
    assert set(told.tools) == card_tools


def test_the_card_tells_figures_licences_and_nothing_of_the_machine(
    made: Path, tmp_path: Path
) -> None:
    push(made, str(tmp_path / "hub"), ["openai"], name="Shops", licence="CC-BY-4.0")
    text = (tmp_path / "hub" / "README.md").read_text()
    assert front(text)["license"] == "cc-by-4.0"
    assert front(text)["pretty_name"] == "Shops"
    told = count(made)
    for line in (
        f"| candidates | {told.manifest.accepted + told.manifest.rejected} |",
        f"| trained on | {told.trained_messages} |",
        "| too_short |",
        "| user scripted, assistant scripted, judge none | 9 |",
        f"fingerprint `{told.manifest.fingerprint}`",
    ):
        assert line in text, line
    assert str(tmp_path) not in text
    assert "Prompts, by hash" not in text
    played = told.model_copy(update={"prompts": {"5f2a": 9}})
    parts = [Part("openai", "chats", "data/openai/train.jsonl", 9)]
    assert "| 5f2a | 9 |" in write_card(played, parts, "Shops", "mit")
    profile = {
        "model": "m-1", "temperature": 0.5, "base_url": "http://box.internal:8000/v1",
        "headers": {"X-Team": "TEAM_TOKEN"}, "key": "SECRET_KEY",
        "extra_body": {"top_k": 5, "auth": {"token": "SECRET_TOKEN"}},
    }  # fmt: skip
    settings = {**told.manifest.settings, "roles": {"user": profile}}
    modelled = told.model_copy(
        update={"manifest": told.manifest.model_copy(update={"settings": settings})}
    )
    card = write_card(modelled, parts, "Shops", "mit")
    assert "    model: m-1\n    temperature: 0.5\n" in card
    assert "    extra_body:\n    - auth\n    - top_k\n" in card
    assert not [word for word in ("box.internal", "TEAM", "SECRET") if word in card]
    push(made, str(tmp_path / "other"), ["openai"])
    assert front((tmp_path / "other" / "README.md").read_text())["license"] == "other"


def test_a_share_of_conversations_is_kept_for_tests_the_same_in_every_format(
    made: Path, tmp_path: Path
) -> None:
    target = tmp_path / "hub"
    options = ("--to", "openai", "--to", "trl-completion", "--test", 0.4, "--license", "mit")
    ran = toolweave("push", made, target, *options, "--json")
    rows = json.loads(ran.out)["rows"]
    text = (target / "README.md").read_text()
    card = front(text)
    assert card["license"] == "mit"
    assert [[one["split"] for one in config["data_files"]] for config in card["configs"]] == [
        ["train", "test"], ["train", "test"]
    ]  # fmt: skip
    assert (rows["openai"] + rows["openai/test"], rows["openai/test"] > 0) == (9, True)

    def openings(name: str, split: str, key: str) -> set[str]:
        lines = (target / f"data/{name}/{split}.jsonl").read_text().splitlines()
        return {json.dumps(json.loads(line)[key][:2]) for line in lines}

    for split in ("train", "test"):
        whole = openings("openai", split, "messages")
        assert whole == openings("trl-completion", split, "prompt")
        assert f"`data/openai/{split}.jsonl`" in text
    told = json.loads((target / "croissant.json").read_text())
    assert {one["name"] for one in told["distribution"]} >= {"openai", "openai-test"}


def test_croissant_names_every_file_with_its_hash_and_every_plain_column(
    made: Path, tmp_path: Path
) -> None:
    target = tmp_path / "hub"
    push(made, str(target), ["openai"])
    told = json.loads((target / "croissant.json").read_text())
    for one in told["distribution"]:
        content = (target / one["contentUrl"]).read_bytes()
        assert one["sha256"] == hashlib.sha256(content).hexdigest()
    assert len(told["distribution"]) == 3
    columns = {field["name"] for record in told["recordSet"] for field in record["field"]}
    assert columns >= {"candidate", "role", "text", "tool_calls", "train", "domain"}


def test_what_is_there_is_written_over_by_force_only(made: Path, tmp_path: Path) -> None:
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub" / "mine.txt").write_text("precious")
    ran = toolweave("push", made, tmp_path / "hub")
    assert (ran.code, ran.last) == (
        2, f"toolweave: {tmp_path}/hub: is there and not empty; --force writes over it"
    )  # fmt: skip
    ran = toolweave("push", made, tmp_path / "hub", "--force")
    assert ran.code == 0
    assert "the sources state no licence, or several: --license names one" in ran.last
    assert toolweave("push", made, tmp_path / "hub", "--force", "--license", "mit").err == ""
    assert (tmp_path / "hub" / "mine.txt").read_text() == "precious"


def test_by_force_nothing_of_an_earlier_push_is_left(made: Path, tmp_path: Path) -> None:
    target = tmp_path / "hub"
    push(made, str(target), ["openai", "trl-completion"], test=0.4)
    (target / "data" / "trl-completion" / "mine.txt").write_text("precious")
    pushed = push(made, str(target), ["openai"], force=True)
    there = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert there == {*pushed.files, "data/trl-completion/mine.txt"}
    (target / "data" / "trl-completion" / "mine.txt").unlink()
    (target / "croissant.json").write_text('{"distribution": 3}')
    with pytest.raises(OutputError, match=r"croissant\.json: does not tell what an earlier push"):
        push(made, str(target), ["trl-completion"], force=True)
    assert not [*(target / "data" / "trl-completion").iterdir()]


class Remote:
    """A hub that keeps what it is given."""

    def __init__(self) -> None:
        self.made: list[tuple[str, bool]] = []
        self.files: dict[str, bytes] = {}
        self.removed: list[str | None] = []

    def create_repo(self, repo_id: str, *, repo_type: str, private: bool, exist_ok: bool) -> None:
        assert (repo_type, exist_ok) == ("dataset", True)
        self.made.append((repo_id, private))

    def upload_folder(
        self,
        *,
        repo_id: str,
        folder_path: str,
        repo_type: str,
        commit_message: str,
        delete_patterns: str | None,
    ) -> None:
        assert repo_id == self.made[-1][0]
        self.removed.append(delete_patterns)
        for path in Path(folder_path).rglob("*"):
            if path.is_file():
                self.files[path.relative_to(folder_path).as_posix()] = path.read_bytes()


def test_the_hub_is_given_the_same_files(made: Path, tmp_path: Path) -> None:
    hub = Remote()
    pushed = push(made, "hf://datasets/me/shops", ["openai"], hub=hub)
    assert hub.made == [("me/shops", True)]
    assert pushed.target == "hf://datasets/me/shops"
    push(made, str(tmp_path / "hub"), ["openai"], name="shops")
    assert hub.files == {
        path.relative_to(tmp_path / "hub").as_posix(): path.read_bytes()
        for path in (tmp_path / "hub").rglob("*") if path.is_file()
    }  # fmt: skip

    push(made, "hf://datasets/me/shops", ["openai"], hub=hub, force=True)
    assert hub.removed == [None, "data/*"]


def test_what_a_hub_refuses_is_told_in_one_line(made: Path) -> None:
    class Refusing(Remote):
        def create_repo(self, repo_id: str, **_: object) -> None:
            raise RuntimeError("\n401 Client Error.\n\nInvalid username or password.")

    told = "hf://datasets/me/shops: RuntimeError: 401 Client Error."
    with pytest.raises(OutputError, match=f"^{re.escape(told)}$"):
        push(made, "hf://datasets/me/shops", ["openai"], hub=Refusing())


def test_targets_and_formats_that_there_are_not_are_told(made: Path, tmp_path: Path) -> None:
    ran = toolweave("push", made, "hf://datasets/shops")
    assert ran.last == (
        "toolweave: at TARGET: 'hf://datasets/shops' is no hf://datasets/OWNER/NAME"
    )
    ran = toolweave("push", made, tmp_path / "hub", "--to", "parchment")
    assert (ran.code, "unknown format 'parchment'" in ran.last) == (2, True)
    assert not (tmp_path / "hub").exists()


def test_what_a_format_cannot_hold_is_told(made: Path, tmp_path: Path) -> None:
    ran = toolweave("push", made, tmp_path / "hub", "--to", "trl")
    assert ran.code == 3
    assert "9 rows were left out: a message is masked" in ran.last
