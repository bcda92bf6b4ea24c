"""A byte that something else changed is named, believed by nobody, and mended where that can be."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.dataset import Dataset
from pipeline.run.checksums import (
    note_pending,
    note_sums,
    read_list,
    read_sums,
    seal,
    settle_sums,
    unseal,
    write_list,
)
from pipeline.run.integrity import find_damage
from pipeline.run.journal import Journal
from pipeline.run.repair import repair
from schemas.errors import InputError
from tests.commands import contents, data_of, manifest, plan, toolweave
from tests.trajectories import GOOD

FILES = (
    "begun.json", "catalog.json", "checksums.jsonl", "definitions.jsonl", "exports/rows.jsonl",
    "graph.json", "index.jsonl", "manifest.json", "rejected.jsonl", "shards/0001/candidates.jsonl",
    "toolweave.duckdb", "trajectories.jsonl",
)  # fmt: skip
ROWS = ("index.jsonl", "rejected.jsonl", "trajectories.jsonl", "shards/0001/candidates.jsonl")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What candidates are made from."""
    return plan(tmp_path_factory.mktemp("plan"), reject_every=4, repeat_every=5)


@pytest.fixture(scope="module")
def built(known: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished folder with an export, and one candidate beyond its end in the journal."""
    out = tmp_path_factory.mktemp("built") / "o"
    ran = toolweave("build", "--tools", known, "-n", 20, "--shard-size", 16, "--out", out)
    assert ran.code == 0
    Journal(out / "shards", 16).append(GOOD.model_copy(update={"index": 31}))
    assert toolweave("export", out, "--to", "rows").code == 0
    assert list(find_damage(out)) == []
    assert set(FILES) | {".lock"} == set(contents(out))
    return out


@pytest.fixture
def made(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "o"))


def change(path: Path, place: int) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])


def in_hash(content: bytes) -> int:
    found = re.search(rb'"[0-9a-f]{16}"|\d{9,}', content)
    return found.start() + 3 if found else len(content) // 3


PLACES: dict[str, Callable[[bytes], int]] = {
    "first": lambda _: 0,
    "middle": lambda content: len(content) // 2,
    "last": lambda content: len(content) - 1,
    "line feed": lambda content: max(content.find(b"\n"), 0),
    "hash": in_hash,
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_is_named(made: Path, name: str, place: str) -> None:
    change(made / name, PLACES[place]((made / name).read_bytes()))
    found = list(find_damage(made))
    assert [one.file for one in found] == [name]
    if name in ROWS:
        assert found[0].line is not None


@pytest.mark.parametrize("name", FILES)
def test_check_names_it_and_ends_with_3(made: Path, name: str) -> None:
    change(made / name, (made / name).stat().st_size // 2)
    ran = toolweave("check", made)
    assert ran.code == 3
    assert ran.out.startswith(f"{made}/{name}")
    assert "something else changed it" in ran.out.splitlines()[0]
    told = json.loads(toolweave("check", made, "--json").out)
    assert [one["file"] for one in told["damages"]] == [name]


def test_check_judges_the_rows_that_are_left(made: Path) -> None:
    path = made / "trajectories.jsonl"
    change(path, path.stat().st_size // 2)
    ran = toolweave("check", path)
    assert "19 of 19" in ran.out or "of 19 trajectories" in ran.out


def test_nobody_believes_a_changed_row(made: Path) -> None:
    path = made / "trajectories.jsonl"
    line = path.read_bytes().splitlines()[3]
    row = json.loads(line)
    known = next(one for n, one in enumerate(Dataset.open(made)) if n == 3).id
    assert toolweave("show", made, known).code == 0
    said = row["messages"][1]["text"].encode()
    assert line.count(said) >= 1
    path.write_bytes(path.read_bytes().replace(line, line.replace(said, said.swapcase())))
    for command in (("show", made, known), ("export", made, "--to", "openai"),
                    ("export", made, "--to", "rows", "--force")):  # fmt: skip
        ran = toolweave(*command)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert "something else changed it" in ran.last
    with pytest.raises(InputError, match="line 4: something else changed it"):
        list(Dataset.open(made))
    assert len(list(Dataset.open(made).rejected())) == manifest(made)["rejected"]


@pytest.mark.parametrize("name", FILES)
def test_repair_mends_what_can_be_and_the_same_build_makes_the_rest(
    made: Path, built: Path, known: Path, name: str
) -> None:
    whole = (made / name).read_bytes()
    change(made / name, len(whole) // 2)
    ran = toolweave("repair", made)
    lost = ("lost: " in ran.out, name in ran.out)
    lasting = name in ("catalog.json", "graph.json", "exports/rows.jsonl")
    rows = name in ("trajectories.jsonl", "rejected.jsonl", "shards/0001/candidates.jsonl")
    assert (ran.code, lost) == ((3, (True, True)) if lasting or rows else (0, (False, True)))
    assert [one.file for one in find_damage(made)] == ([name] if lasting else [])
    if name in ("begun.json", "definitions.jsonl", "index.jsonl"):
        assert (made / name).read_bytes() == whole
    again = ("build", "--tools", known, "-n", 20, "--shard-size", 16, "--out", made)
    assert toolweave(*again).code == 0
    assert data_of(made) == data_of(built)
    assert manifest(made)["lost"] == []
    left = [] if name != "exports/rows.jsonl" else [name]
    assert [one.file for one in find_damage(made)] == left


def test_the_bytes_of_a_lost_row_are_kept_and_the_others_stay(made: Path) -> None:
    path = made / "trajectories.jsonl"
    rows = path.read_bytes().splitlines(keepends=True)
    change(path, len(rows[0]) + 100)
    done = repair(made)
    assert len(done.lost) == 1
    assert "trajectories.jsonl, line 2 (candidate" in done.lost[0]
    assert path.read_bytes().splitlines(keepends=True) == [rows[0], *rows[2:]]
    aside = (made / "lost/trajectories.jsonl").read_bytes()
    assert len(aside) == len(rows[1])
    assert sum(a != b for a, b in zip(aside, rows[1], strict=True)) == 1
    ran = toolweave("check", made)
    assert "19 trajectories are good" in ran.out or "of 19 trajectories" in ran.out
    assert repair(made) == ([], [])


def test_without_index_and_tables_all_is_made_anew(made: Path) -> None:
    before = contents(made)
    for name in ("index.jsonl", "toolweave.duckdb"):
        (made / name).unlink()
    assert toolweave("repair", made).code == 0
    after = contents(made)
    for name in ("index.jsonl", "manifest.json", "trajectories.jsonl", "rejected.jsonl"):
        assert after[name] == before[name]
    assert list(find_damage(made)) == []


def test_where_the_index_is_gone_nobody_believes_a_row(made: Path) -> None:
    (made / "index.jsonl").unlink()
    ran = toolweave("export", made, "--to", "openai")
    assert (ran.code, "something else changed it" in ran.last) == (2, True)
    assert toolweave("check", made).out.startswith(f"{made}/index.jsonl: is gone")


def test_a_lost_manifest_is_counted_anew(made: Path) -> None:
    before = manifest(made)
    (made / "manifest.json").write_text("{}")
    assert toolweave("repair", made).code == 0
    changed = {"state", "checksum", "failed_in_a_row", "origin"}
    after = manifest(made)
    assert {k: v for k, v in after.items() if k not in changed} == {
        k: v for k, v in before.items() if k not in changed
    }


def test_a_part_that_nothing_has_is_told_by_its_hash(made: Path) -> None:
    path = made / "definitions.jsonl"
    tool = json.loads((made / "catalog.json").read_bytes())["tools"][0]["wire_name"]
    catalog = (made / "catalog.json").read_text().replace(f'"{tool}"', f'"{tool}x"')
    (made / "catalog.json").write_text(catalog)
    change(path, next(
        path.read_bytes().find(line) + 40 for line in path.read_bytes().splitlines()
        if f'"wire_name":"{tool}"'.encode() in line
    ))  # fmt: skip
    ran = toolweave("repair", made)
    assert ran.code == 3
    assert re.search(r"lost: definitions\.jsonl: part [0-9a-f]{16}", ran.out)


def test_without_a_word_of_what_it_was_made_from_nothing_is_touched(made: Path) -> None:
    for name in ("manifest.json", "begun.json"):
        (made / name).write_text("{}")
    before = contents(made)
    ran = toolweave("repair", made)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert contents(made) == before


def test_a_sound_folder_is_left_as_it_is(made: Path) -> None:
    before = contents(made)
    ran = toolweave("repair", made)
    assert (ran.code, "nothing is amiss" in ran.out) == (0, True)
    assert contents(made) == before


def test_sealed_lines_vouch_for_themselves() -> None:
    line = write_list([1, "a,é", None])
    assert read_list(line) == [1, "a,é", None]
    assert unseal(seal(b"[1")) == b"[1"
    for place in range(len(line)):
        assert read_list(line[:place] + bytes([line[place] ^ 4]) + line[place + 1 :]) is None
    assert read_list(b"") is None


def test_the_last_word_about_a_file_counts(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    note_pending(tmp_path, "a")
    assert read_sums(tmp_path)[0]["a"].pending
    note_sums(tmp_path, ["a", "b"])
    known, garbled = read_sums(tmp_path)
    assert (known["a"].holds(tmp_path), garbled, [*known]) == (True, [], ["a"])
    (tmp_path / "a").write_bytes(b"2")
    assert not known["a"].holds(tmp_path)
    note_sums(tmp_path, ["a"])
    settle_sums(tmp_path)
    assert (tmp_path / "checksums.jsonl").read_bytes().count(b"\n") == 1
    assert read_sums(tmp_path)[0]["a"].holds(tmp_path)
