"""What follows from a mistake on record: a pair, step labels, and how they are read."""

import shutil
from pathlib import Path

import pytest

from pipeline.dataset import Dataset
from pipeline.run.error_files import ERRORS, read_mistakes
from schemas.errors import InputError
from schemas.mistake import Mistake, label_steps, make_pair
from schemas.trajectory import Slip, Trajectory
from tests.commands import plan, toolweave
from tests.spoils import AGAIN, SEARCHED, SHELF
from tests.tampering import edit_call
from tests.trajectories import GOOD


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished output folder."""
    folder = tmp_path_factory.mktemp("built")
    ran = toolweave("build", "--tools", plan(folder), "-n", 4, "--out", folder / "o")
    assert ran.code == 0
    return folder / "o"


@pytest.fixture
def built(finished: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(finished, tmp_path / "o"))


def mistake(trajectory: Trajectory = GOOD, **changes: object) -> Mistake:
    """The search made with an argument too many."""
    wrong = edit_call(SEARCHED, arguments={"query": "oak desk", "colour": "red"})
    told: dict[str, object] = {
        "kind": "unknown_argument", "use": "pair", "trajectory": trajectory.id,
        "index": trajectory.index, "decision": SEARCHED, "code": "invalid_arguments",
        "wrong": (wrong.messages[SEARCHED], GOOD.messages[SHELF]), "blame": SEARCHED,
    }  # fmt: skip
    return Mistake.model_validate(told | changes)


def test_a_pair_has_one_move_each_after_the_same_prefix() -> None:
    pair = make_pair(GOOD, mistake())
    assert pair.prefix == GOOD.messages[:SEARCHED]
    assert pair.chosen == (GOOD.messages[SEARCHED],)
    assert pair.rejected == mistake().wrong[:1]
    assert pair.code == "invalid_arguments"


def test_steps_before_the_mistake_are_right_and_none_after_it_is_judged() -> None:
    late = mistake(decision=AGAIN, blame=AGAIN, wrong=GOOD.messages[AGAIN : AGAIN + 3])
    messages, labels = label_steps(GOOD, late)
    assert messages == GOOD.messages[: AGAIN + 3]
    assert {label.message: label.value for label in labels}[AGAIN] == -1
    assert all(label.value == 1 for label in labels if label.message < AGAIN)
    assert all(label.value == 0 for label in labels if label.message > AGAIN)


def test_a_trajectory_with_a_mistake_has_an_id_of_its_own_and_is_read_back() -> None:
    slip = Slip(message=SEARCHED, kind="x", code=None, of=GOOD.id, repaired=True)
    other = GOOD.model_copy(update={"slips": (slip,)})
    assert other.id != GOOD.id
    assert Trajectory.model_validate_json(other.model_dump_json()) == other
    assert "slips" not in GOOD.model_dump_json()


def test_mistakes_are_read_with_their_trajectories(built: Path) -> None:
    clean = [*Dataset.open(built)]
    made = [mistake(clean[n], use=use) for n, use in ((0, "pair"), (0, "steps"), (2, "pair"))]
    (built / ERRORS).write_text("".join(f"{one.model_dump_json()}\n" for one in made))
    assert [*read_mistakes(built)] == [
        (clean[0], made[0]),
        (clean[0], made[1]),
        (clean[2], made[2]),
    ]
    assert [one for _, one in read_mistakes(built, "steps")] == [made[1]]


def test_what_is_no_mistake_or_of_another_folder_is_refused(built: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        [*read_mistakes(built)]
    (built / ERRORS).write_text("{}\n")
    with pytest.raises(InputError, match="line 1"):
        [*read_mistakes(built)]
    foreign = mistake(next(iter(Dataset.open(built))))
    foreign = foreign.model_copy(update={"trajectory": "0" * 16})
    (built / ERRORS).write_text(f"{foreign.model_dump_json()}\n")
    with pytest.raises(InputError, match="not in"):
        [*read_mistakes(built)]
