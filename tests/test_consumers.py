"""Exports, read by those they are for: `make test-consumers` installs them and runs this."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.exports.chat import Chat, Said
from pipeline.exports.shaping import shape_batches, shape_text_beside
from tests.commands import toolweave
from tests.consuming import (
    GPT_OSS,
    LLAMA,
    MARKS,
    QWEN,
    SHORT,
    TEMPLATES,
    TRAINING,
    Row,
    as_qwen,
    ask,
    build_some,
    learned,
    read_chats,
    rows_in,
    says,
    strip,
    write,
    wrong_moves,
)

pytestmark = MARKS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_some(tmp_path_factory.mktemp("made") / "o")


@pytest.fixture(scope="module")
def chats(folder: Path) -> list[Chat]:
    return read_chats(folder)


@pytest.fixture(scope="module")
def masked(chats: list[Chat]) -> list[Chat]:
    """The same, with every third message of the assistant's masked."""
    return [mask_some(chat) for chat in chats]


def mask_some(chat: Chat) -> Chat:
    off = [n for count, n in enumerate(chat.decisions) if count % 3 == 1]
    messages = (
        said._replace(train=False) if n in off else said for n, said in enumerate(chat.messages)
    )
    return replace(chat, messages=tuple(messages))


def hold_exactly(found: list[list[str]], chats: list[Chat]) -> None:
    """The runs of trained tokens are the messages that are to be learned, and nothing else."""
    assert len(found) == len(chats)
    for trained, chat in zip(found, chats, strict=True):
        assert [strip(text) for text in trained] == [as_qwen(said) for said in learned(chat)]


def hold(found: list[list[str]], chats: list[Chat]) -> None:
    """The same where calls are written in other ways: as many runs, each with its message."""
    assert len(found) == len(chats)
    for trained, chat in zip(found, chats, strict=True):
        assert len(trained) == len(learned(chat))
        assert all(says(text, said) for text, said in zip(trained, learned(chat), strict=True))


def test_renderers_train_on_what_is_meant(masked: list[Chat], tmp_path: Path) -> None:
    found = ask("readers", "read_renderers", write(tmp_path, "prime", masked), QWEN, "Qwen3")
    hold_exactly(found, masked)


@pytest.mark.parametrize(
    ("family", "tokenizer"),
    [("Qwen35", QWEN), ("Qwen36", QWEN), ("Nemotron3", QWEN)],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_renderers_of_other_families(
    family: str, tokenizer: Path, masked: list[Chat], tmp_path: Path
) -> None:
    alone = [shape_text_beside(shape_batches(chat, "split"), "drop") for chat in masked]
    file = write(tmp_path, "prime", alone)
    hold(ask("readers", "read_renderers", file, tokenizer, family), alone)


PREFIX_HOLDS = (
    "qwen2_5", "qwen3", "qwen3_training", "qwen3_instruct_2507", "qwen3_8",
    "qwen3_5_think_training", "glm4moe", "gemma4", "lfm2_v2",
)  # fmt: skip
TOKENS_HOLD = ("qwen2_5", "qwen3", "qwen3_training", "qwen3_instruct_2507", "lfm2_v2")


def test_templates_keep_the_prompt_and_complete_it(masked: list[Chat], tmp_path: Path) -> None:
    """What a prompt is completed by: the message that is learned, all of it."""
    few = masked[:6]
    file = write(tmp_path, "trl-completion", few)
    told = ask("readers", "read_templates", file, QWEN, TEMPLATES, *PREFIX_HOLDS)
    wanted = [said for chat in few for said in learned(chat)]
    for name in PREFIX_HOLDS:
        assert told[name]["refused"] == []
        assert len(told[name]["said"]) == len(wanted)
        for text, said in zip(told[name]["said"], wanted, strict=True):
            assert text is not None, name
            assert says(text, said), name
    for name in TOKENS_HOLD:
        assert told[name]["tokens"] == len(wanted), name
    for name in ("qwen2_5", "qwen3", "qwen3_instruct_2507"):
        assert [strip(text) for text in told[name]["said"]] == [as_qwen(said) for said in wanted]


def test_the_reasoning_of_a_completion_is_kept(chats: list[Chat], tmp_path: Path) -> None:
    def think(said: Said) -> Said:
        return said._replace(reasoning="I think of it." if said.role == "assistant" else "")

    few = [replace(chat, messages=tuple(map(think, chat.messages))) for chat in chats[:3]]
    names = ("qwen3", "qwen3_5_think", "qwen3_6", "qwen3_8")
    file = write(tmp_path, "trl-completion", few)
    told = ask("readers", "read_templates", file, QWEN, TEMPLATES, *names)
    wanted = [said for chat in few for said in learned(chat)]
    for name in names:
        assert told[name]["tokens"] == len(wanted), name
        for text, said in zip(told[name]["said"], wanted, strict=True):
            assert "I think of it." in text
            assert says(text, said)


def test_templates_that_break_the_law_are_known(masked: list[Chat], tmp_path: Path) -> None:
    """Nemotron rewrites what was asked; words beside calls are lost by Llama 3.1 and muse."""
    few = [chat for chat in masked if any(said.calls and said.text for said in learned(chat))][:6]
    file = write(tmp_path, "trl-completion", few)
    names = ("nemotron_3_nano", "nemotron_3_nano_training", "llama3_1", "muse_glimmer", "glm4moe",
             "qwen3_8")  # fmt: skip
    told = ask("readers", "read_templates", file, QWEN, TEMPLATES, *names)
    wanted = [said for chat in few for said in learned(chat)]
    for name in ("nemotron_3_nano", "nemotron_3_nano_training"):
        assert told[name]["said"] == [None] * len(wanted)
    for name in ("llama3_1", "muse_glimmer"):
        lost = [
            said for text, said in zip(told[name]["said"], wanted, strict=True)
            if text is not None and not says(text, said)
        ]  # fmt: skip
        assert lost
        assert all(said.calls and said.text for said in lost)
    # Prompts end with a line feed, which becomes one token with the next: it is not learned.
    for name in ("glm4moe", "qwen3_8"):
        assert None not in told[name]["said"]
        assert told[name]["tokens"] == 0


@pytest.mark.parametrize(
    ("name", "tokenizer"), [("llama3_1", LLAMA), ("gptoss", GPT_OSS)], ids=lambda one: str(one)[-8:]
)
def test_templates_of_one_call_take_what_is_split(
    name: str, tokenizer: Path, chats: list[Chat], tmp_path: Path
) -> None:
    batched = [chat for chat in chats if any(len(said.calls) > 1 for said in chat.messages)][:4]
    assert batched
    kept = write(tmp_path, "trl-completion", batched)
    split = [shape_text_beside(shape_batches(chat, "split"), "drop") for chat in batched]
    told = [
        ask("readers", "read_templates", file, tokenizer, TEMPLATES, name)[name]
        for file in (kept, write(tmp_path, "trl-completion", split))
    ]
    wanted = [said for chat in split for said in learned(chat)]
    whole = [text is not None and says(text, said)
             for text, said in zip(told[1]["said"], wanted, strict=True)]  # fmt: skip
    assert told[1]["refused"] == []
    assert all(whole[n] for n, said in enumerate(wanted) if said.calls)
    if name == "llama3_1":
        assert told[0]["refused"]


SPANS = (
    "qwen2_5_training", "qwen3_training", "qwen3_instruct_2507_training", "qwen3_8_training",
    "qwen3_5_think_training", "glm4moe_training", "lfm2_v2_training", "nemotron_3_nano_training",
    "nemotron_3_super_training", "nemotron_3_5_lightning_training", "muse_glimmer_training",
)  # fmt: skip


def test_marked_spans_of_ten_templates_are_what_is_meant(chats: list[Chat], tmp_path: Path) -> None:
    few = [shape_text_beside(chat, "drop") for chat in chats[:8]]
    told = ask("readers", "read_spans", write(tmp_path, "trl", few), QWEN, TEMPLATES, *SPANS)
    assert len(SPANS) >= 10
    for name in SPANS:
        assert told[name]["refused"] == [], name
        hold(told[name]["trained"], few)
    for name in ("qwen2_5_training", "qwen3_training", "qwen3_instruct_2507_training"):
        hold_exactly(told[name]["trained"], few)
        assert told[name]["exact"] == len(few)


def test_mistral_common_takes_what_it_is_given(masked: list[Chat], tmp_path: Path) -> None:
    new = ("mistral_instruct_tokenizer_241114.model.v7",)
    old = ("mistral_instruct_tokenizer_240323.model.v3", "tekken_240911.json", "tekken_240718.json")
    file = write(tmp_path, "mistral", masked)
    told = ask("readers", "read_mistral", file, *new, *old)
    assert told[new[0]]["refused"] == []
    hold_text(told[new[0]]["texts"], masked)
    beside = sum(any(said.calls and said.text for said in chat.messages) for chat in masked)
    assert beside
    assert len(told[old[0]]["refused"]) == beside
    bare = [shape_text_beside(chat, "drop") for chat in masked]
    told = ask("readers", "read_mistral", write(tmp_path, "mistral", bare), *new, *old)
    for name in (*new, *old):
        assert told[name]["refused"] == [], name
        hold_text(told[name]["texts"], bare)
    plain = ask("readers", "read_mistral", write(tmp_path, "openai", masked), new[0])
    calling = sum(any(said.calls for said in chat.messages) for chat in masked)
    assert len(plain[new[0]]["refused"]) == calling  # its ids are of another length


def hold_text(texts: list[str], chats: list[Chat]) -> None:
    assert len(texts) == len(chats)
    for text, chat in zip(texts, chats, strict=True):
        for call in (call for said in chat.messages for call in said.calls):
            assert call.name in text


def test_datasets_give_every_row_back_as_it_was(masked: list[Chat], tmp_path: Path) -> None:
    for name, text in (("trl", False), ("openai", False), ("trl-completion", False),
                       ("axolotl", True), ("prime", False), ("toolmind", False)):  # fmt: skip
        file = write(tmp_path, name, masked, text)
        rows = rows_in(file)
        back = ask("readers", "read_datasets", file)
        assert [calls_in(row) for row in back] == [calls_in(row) for row in rows], name
        assert [row["tools"] for row in back] == [row["tools"] for row in rows], name


def calls_in(row: Row) -> list[Any]:
    keys = ("messages", "prompt", "completion", "conversations")
    said = [one for key in keys for one in row.get(key) or ()]
    return [call["function"] for one in said for call in one.get("tool_calls") or ()]


def test_a_published_folder_is_read_by_its_card_and_its_croissant(
    folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "hub"
    options = ("--to", "openai", "--to", "trl-completion", "--licence", "apache-2.0", "--json")
    ran = toolweave("push", folder, target, *options)
    rows = json.loads(ran.out)["rows"]
    assert ask("readers", "read_published", target) == {
        "configurations": {name: rows[name] for name in ("openai", "trl-completion")},
        "records": {name: rows[name] for name in ("conversations", "messages")},
        "faults": [],
    }


def test_datasets_read_the_columns_of_verl(folder: Path) -> None:
    assert toolweave("export", folder, "--to", "verl-sft", "--force").code == 0
    back = ask("readers", "read_datasets", folder / "exports" / "verl-sft.parquet")
    assert all(set(one) == {"role", "content"} for row in back for one in row["messages"])


def test_harmony_reads_its_messages(masked: list[Chat], tmp_path: Path) -> None:
    file = write(tmp_path, "harmony", [shape_batches(chat, "split") for chat in masked])
    back = ask("readers", "read_harmony", file)
    for row, told in zip(rows_in(file), back, strict=True):
        for one, other in zip(row["messages"], told, strict=True):
            assert {key: value for key, value in other.items() if value is not None} | {
                "content": one["content"]
            } == one
            assert one["content"][0].get("text") == other["content"][0].get("text")


def test_nemo_gym_takes_every_decision(masked: list[Chat], tmp_path: Path) -> None:
    file = write(tmp_path, "nemo-gym", masked)
    rows = rows_in(file)
    back = ask("gym", "read_nemo_gym", file)
    assert len(back) == len(rows) > len(masked)
    for row, told in zip(rows, back, strict=True):
        assert len(told["input"]) == len(row["responses_create_params"]["input"])
        assert told["tools"] == row["responses_create_params"]["tools"]


def test_harbor_gives_every_trajectory_back(masked: list[Chat], tmp_path: Path) -> None:
    file = write(tmp_path, "atif", masked)
    rows = rows_in(file)
    back = ask("gym", "read_atif", file)
    for row, told in zip(rows, back, strict=True):
        for step, other in zip(row["steps"], told["steps"], strict=True):
            kept = {key: value for key, value in step.items() if key != "timestamp"}
            assert {key: other[key] for key in kept} == kept


def test_swift_normalises_nothing_away(masked: list[Chat], tmp_path: Path) -> None:
    file = write(tmp_path, "swift", masked)
    rows = rows_in(file)
    back = ask("trainers", "read_swift", file)
    assert len(back) == len(rows)
    for row, told in zip(rows, back, strict=True):
        plain = [{key: value for key, value in one.items() if value is not None}
                 for one in told["messages"]]  # fmt: skip
        assert plain == row["messages"]


def test_axolotl_trains_on_what_has_weight(masked: list[Chat], tmp_path: Path) -> None:
    few = masked[:6]
    file = write(tmp_path, "axolotl", few)
    hold_exactly(ask("trainers", "read_axolotl", file, QWEN, TRAINING), few)


def test_llamafactory_trains_on_every_turn(chats: list[Chat], tmp_path: Path) -> None:
    few = chats[:6]
    found = ask(
        "trainers", "read_llamafactory", write(tmp_path, "llamafactory", few), QWEN, "qwen3"
    )
    hold(found, few)


def test_verl_trains_on_every_message(folder: Path, chats: list[Chat]) -> None:
    assert toolweave("export", folder, "--to", "verl-sft", "--force").code == 0
    file = folder / "exports" / "verl-sft.parquet"
    split = [shape_batches(chat, "split") for chat in chats]
    hold_exactly(
        ask("trainers", "read_verl", file, QWEN, TEMPLATES / "qwen2_5_training.jinja"), split
    )


def test_trl_writes_both_moves_of_a_pair(chats: list[Chat], tmp_path: Path) -> None:
    pairs = wrong_moves(chats)
    file = write(tmp_path, "trl-dpo", pairs)
    found = ask("trainers", "read_pairs", file, QWEN, TEMPLATES / "qwen2_5_training.jinja")
    assert len(found) == len(pairs)
    for told, pair in zip(found, pairs, strict=True):
        right, wrong = pair.messages[-2:]
        assert (strip(told["chosen"]), strip(told["rejected"])) == (as_qwen(right), as_qwen(wrong))


WHOLE = replace(SHORT, messages=tuple(
    said._replace(train=said.role == "assistant") for said in SHORT.messages
))  # fmt: skip


@pytest.mark.parametrize(
    ("script", "name", "chat"),
    [("step_trl", "trl", WHOLE), ("step_trl", "trl-completion", SHORT),
     ("step_axolotl", "axolotl", SHORT)],
    ids=("trl", "trl-completion", "axolotl"),
)  # fmt: skip
def test_a_step_of_training_has_its_loss_on_the_meant_tokens(
    script: str, name: str, chat: Chat, tmp_path: Path
) -> None:
    file = write(tmp_path, name, [chat])
    if name == "trl-completion":
        file.write_text(file.read_text().splitlines()[0] + "\n")
    made = ask("trainers", script, file, QWEN, TRAINING)
    wanted = learned(chat)[: 1 if name == "trl-completion" else None]
    assert [strip(text) for text in made["runs"]] == [as_qwen(said) for said in wanted]
    assert 0 < made["trained"] < made["tokens"] / 2
    assert made["loss"] == pytest.approx(made["meant"], rel=1e-4)
    assert made["moved"]
