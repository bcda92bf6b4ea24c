"""The way in: packages of other people that bear our names are refused before anything runs."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.entry import PACKAGES, package_folder, refuse_strangers
from schemas.errors import InputError
from tests.commands import ROOT, environment


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
        timeout=240, cwd=tmp_path, env=known | {"PYTHONPATH": f"{tmp_path}:{ROOT}"},
    )  # fmt: skip
    assert ran.returncode == 2
    assert ran.stderr.startswith("toolweave: the package 'validators' comes from ")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize(("given", "said"), [("", ""), ("sys.argv[1:]", "taken apart")])
def test_a_process_of_the_program_is_not_taken_apart(given: str, said: str, tmp_path: Path) -> None:
    program = f"""
import os, sys
from pipeline.entry import main
class Held:
    def __del__(self, write=os.write):
        write(1, b"taken apart")
held = Held()
main({given})
"""
    ran = subprocess.run(
        [sys.executable, "-c", program, "check", "nothing"], text=True, capture_output=True,
        timeout=240, check=False, cwd=tmp_path, env=environment(tmp_path),
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (2, said)
    assert ran.stderr == "toolweave: nothing: does not exist\n"
