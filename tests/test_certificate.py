"""Replay certificates, and what lies between two moments of an environment."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from schemas.check import ReplayCertificate
from schemas.environment import Change, between
from schemas.record import JsonObject
from tests.commands import toolweave
from tests.spoils import SECOND
from tests.tampering import edit
from tests.trajectories import GOOD, Shop
from validators.replay import certify

Rows = dict[str, JsonObject]


def test_a_faithful_record_is_certified_with_all_that_its_calls_changed() -> None:
    certificate = certify(GOOD, Shop)
    answers = [message for message in GOOD.messages if message.role == "tool"]
    assert certificate.holds
    assert [call.message for call in certificate.calls] == [message.index for message in answers]
    assert all(call.recorded == call.replayed for call in certificate.calls)
    assert certificate.final_state == GOOD.final_state
    assert [change.table for change in certificate.changes] == ["orders"]


def test_one_altered_result_breaks_the_certificate_and_is_named() -> None:
    certificate = certify(edit(SECOND, is_error=True), Shop)
    assert not certificate.holds
    assert [call.message for call in certificate.calls if not call.same] == [SECOND]
    assert [found.code for found in certificate.differences] == ["replay_differs"]


def test_what_is_no_json_has_no_hash_and_no_certificate() -> None:
    certificate = certify(edit(SECOND, content="four o'clock"), Shop)
    assert next(call for call in certificate.calls if call.message == SECOND).recorded == ""
    assert not certificate.holds


ROWS = st.dictionaries(st.sampled_from("abcd"), st.fixed_dictionaries({"n": st.integers(0, 2)}))


def since(begun: Rows, now: Rows) -> list[Change]:
    return [
        Change(table="t", key=key, before=begun.get(key), after=now.get(key))
        for key in sorted(begun.keys() | now.keys())
        if begun.get(key) != now.get(key)
    ]


@given(ROWS, ROWS, ROWS)
def test_between_two_moments_lies_what_differs_from_one_to_the_other(
    begun: Rows, first: Rows, second: Rows
) -> None:
    found = between(since(begun, first), since(begun, second))
    assert list(found) == since(first, second)


def test_the_command_certifies_a_folder_and_shows_one_record(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert toolweave("build", "-n", 2, "--out", out, "-q").code == 0
    ran = toolweave("sandbox", "replay", out)
    assert (ran.code, ran.out) == (0, f"{out / 'trajectories.jsonl'}: 2 of 2 certificates hold\n")
    told = json.loads(toolweave("sandbox", "replay", out, "--json").out)
    assert [ReplayCertificate.model_validate(one).holds for one in told] == [True, True]
    one = toolweave("sandbox", "replay", out, told[0]["trajectory"][:6])
    assert one.out.splitlines()[0].startswith(f"{told[0]['trajectory']} holds: ")
    assert toolweave("sandbox", "replay", out, "zzz").code == 2
    (out / "catalog.json").unlink()
    refused = toolweave("sandbox", "replay", out)
    assert (refused.code, "nothing can be replayed" in refused.last) == (2, True)
