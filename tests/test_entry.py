"""The way in: packages of other people that bear our names are refused before anything runs."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.entry import PACKAGES, package_folder, refuse_strangers
from schemas.errors import InputError
from tests.commands import ROOT, apart, environment


def test_our_packages_are_ours() -> None:
    folders = {name: package_folder(name) for name in PACKAGES}
    assert folders == {name: ROOT / name for name in PACKAGES}
    refuse_strangers(folders)


@pytest.mark.parametrize("elsewhere", [Path("/somewhere/validators"), None])
def test_a_package_from_elsewhere_is_named(elsewhere: Path | None) -> None:
    folders = {name: package_folder(name) for name in PACKAGES}
    with pytest.raises(InputError, match=r"the package 'validators' comes from (/some|nowhere)"):
        refuse_strangers(folders | {"validators": elsewhere})


def test_a_shadowing_package_stops_the_program(tmp_path: Path) -> None:
    (tmp_path / "validators").mkdir()
    (tmp_path / "validators/__init__.py").write_text("raise SystemExit('the wrong package ran')")
    known = environment(tmp_path)
    program = "from pipeline.entry import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", program, "--version"], text=True, capture_output=True, check=False,
        cwd=tmp_path, env=known | {"PYTHONPATH": f"{tmp_path}:{ROOT}"},
    )  # fmt: skip
    assert ran.returncode == 2
    assert ran.stderr.startswith("toolweave: the package 'validators' comes from ")
    assert ran.stderr.count("\n") == 1


def test_an_error_is_one_line_though_the_tables_were_loaded(tmp_path: Path) -> None:
    ran = apart(tmp_path, "check", tmp_path / "nothing")
    assert (ran.code, ran.err) == (2, f"toolweave: {tmp_path}/nothing: does not exist\n")


_PROGRAM = """
from pipeline import entry

class Late:
    def __del__(self):
        print("taken apart")

late = Late()
entry.main()
"""


@pytest.mark.parametrize(("argument", "code"), [("--version", 0), ("--no-such-option", 2)])
def test_the_process_is_not_taken_apart_and_has_told_all(
    tmp_path: Path, argument: str, code: int
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM, argument], text=True, capture_output=True, check=False,
        cwd=tmp_path, env=environment(tmp_path) | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert ran.returncode == code
    assert "taken apart" not in ran.stdout
    assert len((ran.stdout + ran.stderr).splitlines()) >= 1


def test_what_cannot_be_printed_is_told_as_python_does(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no device that is always full")
    with full.open("w") as out:
        ran = subprocess.run(
            [sys.executable, "-c", "from pipeline.entry import main; main()", "--version"],
            stdout=out, stderr=subprocess.PIPE, text=True, check=False, cwd=tmp_path,
            env=environment(tmp_path) | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert ran.returncode != 0
