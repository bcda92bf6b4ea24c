"""The forms of exports, one by one: what their readers ask for, told on a conversation by hand."""

import ast
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.exports import EXPORTS, bfcl, hermes, llamafactory, retrieval, templates
from pipeline.exports.chat import Called, Chat, Said, chat_of, read_chat
from pipeline.exports.shaping import (
    Known,
    RefusedError,
    add_distractors,
    make_irrelevant,
    mask_names,
    shape_batches,
    shape_masked,
    shape_text_beside,
    show_times,
)
from pipeline.run.data_lines import lines
from tests.commands import ROOT, plan, toolweave
from tests.workshop import FINE, said_by

Row = dict[str, Any]
REAL = ROOT.parent / "shared" / "real"
SAMPLE = chat_of(said_by("customer 1", 0, FINE))
TWICE = next(n for n, said in enumerate(SAMPLE.messages) if said.calls)


def batch(chat: Chat) -> Chat:
    """The same with a batch of two calls in its first message that calls, in which it thinks."""
    said = chat.messages[TWICE]
    second = said.calls[0]._replace(id="second")
    both = said._replace(
        calls=(said.calls[0], second), text="Let me look twice.", reasoning="I need two looks."
    )
    answer = chat.messages[TWICE + 1]
    messages = (
        *chat.messages[:TWICE], both, answer, answer._replace(call_id="second"),
        *chat.messages[TWICE + 2 :],
    )  # fmt: skip
    trained = tuple(
        one._replace(train=True, label="good") if one.role == "assistant" else one
        for one in messages
    )
    return replace(chat, messages=trained)


BATCH = batch(SAMPLE)


def rows_of(name: str, chat: Chat = BATCH) -> list[Row]:
    form = next(one for one in EXPORTS if one.name == name).load()
    shaped = shape_batches(chat, "split") if form.one_call else chat
    rows = [*form.rows(shaped)]
    assert [problem for row in rows for problem in form.problems(row)] == []
    json.dumps(rows, allow_nan=False)
    return rows


def calls_of(chat: Chat) -> list[tuple[str, Row]]:
    return [(one.name, one.arguments) for said in chat.messages for one in said.calls]


def texts_of(chat: Chat) -> list[str]:
    return [said.text for said in chat.messages if said.role == "assistant" and said.text]


def of_template(row: Row, key: str = "messages") -> list[tuple[str, Row]]:
    return [
        (call["function"]["name"], read(call["function"]["arguments"]))
        for said in row[key] for call in said.get("tool_calls", ())
    ]  # fmt: skip


def read(arguments: Any) -> Row:
    told: Row = json.loads(arguments) if isinstance(arguments, str) else arguments
    return told


def of_swift(row: Row) -> list[tuple[str, Row]]:
    told = [json.loads(one["content"]) for one in row["messages"] if one["role"] == "tool_call"]
    return [(one["name"], one["arguments"]) for one in told]


def of_llamafactory(row: Row) -> list[tuple[str, Row]]:
    found = []
    for turn in row["conversations"]:
        if turn["from"] == "function_call":
            value = turn["value"].rpartition("</think>\n\n")[2]
            value = value.partition("<tool_call>")[2].removesuffix("</tool_call>") or value
            found += [(one["name"], one["arguments"]) for one in json.loads(value)]
    return found


def between_tags(text: str) -> list[tuple[str, Row]]:
    parts = [part.partition("</tool_call>")[0] for part in text.split("<tool_call>")[1:]]
    return [(one["name"], one["arguments"]) for one in map(json.loads, parts)]


def of_hermes(row: Row) -> list[tuple[str, Row]]:
    said = [turn["value"] for turn in row["conversations"] if turn["from"] == "gpt"]
    return [one for text in said for one in between_tags(text)]


def of_verl(row: Row) -> list[tuple[str, Row]]:
    said = [one["content"] for one in row["messages"] if one["role"] == "assistant"]
    return [one for text in said for one in between_tags(text)]


def of_harmony(row: Row) -> list[tuple[str, Row]]:
    return [
        (one["recipient"].removeprefix("functions."), json.loads(one["content"][0]["text"]))
        for one in row["messages"] if one.get("content_type")
    ]  # fmt: skip


def of_atif(row: Row) -> list[tuple[str, Row]]:
    return [
        (one["function_name"], one["arguments"])
        for step in row["steps"] for one in step.get("tool_calls", ())
    ]  # fmt: skip


def of_bfcl(row: Row) -> list[tuple[str, Row]]:
    found = []
    for text in (call for turn in row["ground_truth"] for call in turn):
        call = ast.parse(text, mode="eval").body
        assert isinstance(call, ast.Call)
        assert isinstance(call.func, ast.Name)
        assert not call.args
        arguments: Row = {}
        for one in call.keywords:
            value = ast.literal_eval(one.value)
            arguments |= value if one.arg is None else {one.arg: value}
        found.append((call.func.id, arguments))
    return found


ROUND_TRIPS: dict[str, Callable[[Row], list[tuple[str, Row]]]] = {
    "openai": of_template, "trl": of_template, "axolotl": of_template, "prime": of_template,
    "mistral": of_template, "swift": of_swift, "llamafactory": of_llamafactory,
    "hermes": of_hermes, "verl-sft": of_verl, "harmony": of_harmony, "atif": of_atif,
    "bfcl": of_bfcl,
}  # fmt: skip


@pytest.mark.parametrize("name", ROUND_TRIPS)
def test_every_call_comes_back_as_it_was(name: str) -> None:
    (row,) = rows_of(name)
    assert ROUND_TRIPS[name](row) == calls_of(BATCH)


@pytest.mark.parametrize("name", [name for name in ROUND_TRIPS if name != "bfcl"])
def test_every_word_of_the_assistant_is_there(name: str) -> None:
    whole = json.dumps(rows_of(name), ensure_ascii=False)
    for text in texts_of(BATCH):
        assert json.dumps(text, ensure_ascii=False)[1:-1] in whole


def test_a_form_that_has_a_place_for_reasoning_has_it_and_no_other() -> None:
    for one in EXPORTS:
        if one.name == "rows" or one.load().read:
            continue
        whole = json.dumps(rows_of(one.name))
        assert ("I need two looks." in whole) == ("reasoning" in one.load().carries), one.name


def test_what_is_learned_is_named_in_every_form_that_can() -> None:
    masked = [said for said in SAMPLE.messages if said.role == "assistant" and not said.train]
    assert len(masked) == 1
    trained = [said.train for said in SAMPLE.messages if said.role == "assistant"]
    for name in ("openai", "axolotl", "mistral"):
        (row,) = rows_of(name, SAMPLE)
        assert [bool(m["weight"]) for m in row["messages"] if "weight" in m] == trained
    (row,) = rows_of("prime", SAMPLE)
    assert row["message_loss_mask"] == [said.train for said in SAMPLE.messages]
    (row,) = rows_of("swift", SAMPLE)
    loss = [m["loss"] for m in row["messages"] if "loss" in m]
    parts = [
        bool(said.text) + len(said.calls) for said in SAMPLE.messages if said.role == "assistant"
    ]
    assert loss == [one for one, count in zip(trained, parts, strict=True) for _ in range(count)]
    (row,) = rows_of("atif", SAMPLE)
    assert [step["extra"]["train"] for step in row["steps"] if "extra" in step] == trained
    (row,) = rows_of("harmony", SAMPLE)
    spoken = [n for n, m in enumerate(row["messages"]) if m["role"] == "assistant"]
    assert len(spoken) - len(row["trained"]) == bool(masked[0].text) + len(masked[0].calls)
    for name, key in (("trl-completion", "completion"), ("toolmind", "conversations")):
        last = [row[key][-1] for row in rows_of(name, SAMPLE)]
        assert len(last) == sum(trained)
        assert [one["content"] for one in last] == [s.text for s in SAMPLE.messages if s.train]


def test_a_target_that_trains_on_all_refuses_what_is_masked_or_is_cut_before_it() -> None:
    with pytest.raises(RefusedError, match="a message is masked"):
        shape_masked(SAMPLE, "refuse")
    assert shape_masked(BATCH, "refuse") is BATCH
    at = next(n for n in SAMPLE.decisions if not SAMPLE.messages[n].train)
    said = Said("assistant", "One moment.", True, "good")
    before = replace(SAMPLE, messages=(*SAMPLE.messages[:at], said, SAMPLE.messages[at]))
    cut = shape_masked(before, "cut")
    assert cut.messages[-1] == said
    assert all(cut.messages[n].train for n in cut.decisions)
    first = replace(SAMPLE, messages=SAMPLE.messages[at:])
    with pytest.raises(RefusedError, match="nothing that is whole"):
        shape_masked(first, "cut")


def test_batches_are_split_with_each_result_behind_its_call() -> None:
    split = shape_batches(BATCH, "split")
    first, one, second, two = split.messages[TWICE : TWICE + 4]
    assert [len(first.calls), len(second.calls)] == [1, 1]
    assert (first.text, second.text, second.reasoning) == ("Let me look twice.", "", "")
    assert (one.call_id, two.call_id) == (first.calls[0].id, second.calls[0].id)
    assert first.train
    assert second.train
    assert calls_of(split) == calls_of(BATCH)
    assert shape_batches(BATCH, "keep") is BATCH
    with pytest.raises(RefusedError, match="several calls"):
        shape_batches(BATCH, "refuse")


def test_text_beside_calls_is_kept_dropped_or_refused() -> None:
    dropped = shape_text_beside(BATCH, "drop")
    assert dropped.messages[TWICE].text == ""
    assert calls_of(dropped) == calls_of(BATCH)
    assert texts_of(dropped) == [s.text for s in BATCH.messages
                                 if s.role == "assistant" and not s.calls]  # fmt: skip
    with pytest.raises(RefusedError, match="beside a call"):
        shape_text_beside(BATCH, "refuse")


def test_time_stamps_stand_before_all_that_the_assistant_does_not_say() -> None:
    for said, shown in zip(SAMPLE.messages, show_times(SAMPLE).messages, strict=True):
        stamped = said.role in ("user", "tool")
        assert shown.text == (f"[{said.at}] {said.text}" if stamped else said.text)


def test_masked_names_tell_nothing_and_are_the_same_everywhere() -> None:
    first = {
        "description": "As of place_order.", "enum": ["place_order"], "default": "place_order",
        "items": {"anyOf": [{"title": "for place_order"}]},
    }  # fmt: skip
    schema = {"properties": {"place_order": first, "description": {"type": "string"}}}
    told = SAMPLE.tools[0].model_copy(
        update={"description": "Use it before place_order.", "parameters": schema}
    )
    chat = replace(SAMPLE, tools=(told, *SAMPLE.tools[1:]))
    masked = mask_names(chat, 3)
    names = {
        old.wire_name: new.wire_name for old, new in zip(chat.tools, masked.tools, strict=True)
    }
    assert len({*names.values()}) == len(names)
    assert not {*names} & {*names.values()}
    assert [one[0] for one in calls_of(masked)] == [names[one[0]] for one in calls_of(chat)]
    assert masked.tools[0].description == f"Use it before {names['place_order']}."
    about = masked.tools[0].parameters["properties"]
    assert about == {
        "place_order": first | {
            "description": f"As of {names['place_order']}.",
            "items": {"anyOf": [{"title": f"for {names['place_order']}"}]},
        },
        "description": {"type": "string"},
    }  # fmt: skip
    masked = mask_names(SAMPLE, 3)
    names = {
        old.wire_name: new.wire_name for old, new in zip(SAMPLE.tools, masked.tools, strict=True)
    }
    assert [s.name for s in masked.messages] == [names.get(s.name, "") for s in chat.messages]
    assert not any(old in json.dumps(rows_of("trl", masked)) for old in names)
    assert mask_names(SAMPLE, 3) == masked
    assert mask_names(SAMPLE, 4) != masked


def strangers() -> Known:
    other = SAMPLE.tools[0].model_copy(update={"domain": "weather", "wire_name": "get_weather"})
    more = other.model_copy(update={"wire_name": "get_tides"})
    return Known((*SAMPLE.tools, other, more))


def ending(outcome: str) -> Chat:
    record = SAMPLE.record()
    turns = tuple(one.model_copy(update={"outcome": outcome}) for one in record.task.turns)
    other = record.model_copy(update={"task": record.task.model_copy(update={"turns": turns})})
    return replace(SAMPLE, domain=SAMPLE.tools[0].domain, task=lambda: other.task)


def test_distractors_are_of_other_domains_and_never_where_a_wish_was_declined() -> None:
    chat = ending("complete")
    more = add_distractors(chat, strangers(), 1, 0)
    added = {one.wire_name for one in more.tools} - {one.wire_name for one in chat.tools}
    assert len(added) == 1
    assert added < {"get_weather", "get_tides"}
    assert len(add_distractors(chat, strangers(), 9, 0).tools) == len(chat.tools) + 2
    assert add_distractors(ending("refuse"), strangers(), 1, 0).tools == chat.tools


def test_a_row_without_a_fitting_tool_has_the_request_and_an_honest_no() -> None:
    chat = replace(SAMPLE, domain=SAMPLE.tools[0].domain)
    made = make_irrelevant(chat, strangers(), 0)
    assert made is not None
    assert [said.role for said in made.messages] == ["user", "assistant"]
    assert made.messages[0] == chat.opening[-1]
    assert {one.wire_name for one in made.tools} == {"get_weather", "get_tides"}
    assert made.name == "0-irrelevant"
    assert make_irrelevant(chat, Known(SAMPLE.tools), 0) is None
    greeting = chat.opening[-1]._replace(text="Hello!", act="chat")
    greeted = replace(chat, messages=(chat.messages[0], greeting, *chat.messages[2:]))
    assert make_irrelevant(greeted, strangers(), 0) is None


def test_ids_of_mistral_are_nine_letters_and_digits_and_lead_back() -> None:
    (row,) = rows_of("mistral")
    ids = [call["id"] for said in row["messages"] for call in said.get("tool_calls", ())]
    assert all(len(one) == 9 and one.isalnum() and one.isascii() for one in ids)
    answers = [said["tool_call_id"] for said in row["messages"] if said["role"] == "tool"]
    assert answers == ids
    twin = row["messages"][TWICE]["tool_calls"]
    twin[1]["id"] = twin[0]["id"]
    assert templates.MISTRAL.problems(row) == ["two call ids have the same short form"]


def test_turns_of_llamafactory_alternate_and_a_batch_is_one_turn_with_one_answer() -> None:
    (row,) = rows_of("llamafactory")
    turn, answer = row["conversations"][1:3]
    assert turn["from"] == "function_call"
    assert turn["value"].startswith(
        "<think>\nI need two looks.\n</think>\n\nLet me look twice. <to"
    )
    assert len(json.loads(answer["value"])) == 2
    row["conversations"].insert(0, {"from": "human", "value": "Hello?"})
    assert llamafactory.problems(row) == ["turns do not alternate"]


def test_tools_stand_in_the_system_message_of_texts() -> None:
    (row,) = rows_of("hermes")
    told = row["conversations"][0]["value"].partition("<tools>\n")[2].partition("\n</tools>")[0]
    assert [json.loads(line)["function"]["name"] for line in told.split("\n")] == [
        tool.wire_name for tool in SAMPLE.tools
    ]
    alone = hermes.with_tools_told(replace(BATCH, messages=BATCH.messages[1:]))
    assert alone[0].text.startswith("# Tools")
    assert alone[1:] == BATCH.messages[1:]


def test_a_decision_of_nemo_gym_has_all_before_it_and_the_call_as_the_truth() -> None:
    rows = rows_of("nemo-gym")
    assert len(rows) == sum(bool(said.calls) for said in BATCH.messages if said.train)
    given, truth = rows[0]["responses_create_params"], rows[0]["ground_truth"]
    assert [one["role"] for one in given["input"]] == ["system", "user"]
    assert len(truth) == 2
    assert all(one["strict"] is False and "function" not in one for one in given["tools"])
    later = rows[1]["responses_create_params"]["input"]
    asked = [one["call_id"] for one in later if one.get("type") == "function_call"]
    answered = [one["call_id"] for one in later if one.get("type") == "function_call_output"]
    assert asked[:2] == answered[:2]


def test_requests_of_retrieval_name_the_tools_that_were_called() -> None:
    rows = rows_of("retrieval")
    assert [name for row in rows for name in row["positive_names"]] == [
        *dict.fromkeys(name for name, _ in calls_of(BATCH))
    ]
    for row in rows:
        assert len(row["positive"]) + len(row["negative"]) == len(BATCH.tools)
    assert retrieval.problems(rows[0] | {"positive": []}) != []


def test_tasks_have_the_gold_calls_and_what_must_be_said() -> None:
    task = SAMPLE.record().task
    (made,) = rows_of("tau2", SAMPLE)
    criteria = made["evaluation_criteria"]
    gold = [(one.tool, one.arguments) for one in task.calls if not one.skipped]
    assert [(one["name"], one["arguments"]) for one in criteria["actions"]] == gold
    assert criteria["communicate_info"] == [str(one.value) for one in task.acceptance.must_say]
    (row,) = rows_of("verl-rl", SAMPLE)
    truth = json.loads(row["reward_model"]["ground_truth"])
    assert [(one["name"], one["arguments"]) for one in truth["calls"]] == gold
    assert truth["final_state"] == task.final_state
    assert [one["role"] for one in row["prompt"]] == ["system", "user"]


def test_arguments_that_no_identifier_names_are_python_all_the_same() -> None:
    arguments = {"from": "x", "$top": 3, "q": None, "on": True}
    text = bfcl.write_call(Called("c1", "find", arguments))
    assert text == "find(q=None, on=True, **{'from': 'x', '$top': 3})"


def test_a_name_that_no_method_can_have_is_no_task_of_berkeley() -> None:
    said = Said("assistant", "", calls=(Called("c1", "find-it", {}),))
    (row,) = bfcl.rows(replace(SAMPLE, messages=(Said("user", "Find it."), said)))
    assert bfcl.FORMAT.problems(row) == ["'find-it' is called, which is no name of a method"]
    (row,) = bfcl.rows(SAMPLE)
    assert bfcl.FORMAT.problems(row) == []


@pytest.mark.skipif(not REAL.is_dir(), reason="the folder ../shared/real is absent")
def test_tasks_of_tau2_have_the_shape_of_its_own() -> None:
    known: dict[str, set[type]] = {}
    for domain in ("retail", "airline"):
        for task in json.loads((REAL / f"tau2_{domain}" / "tasks.json").read_text()):
            for path, kind in shape_of(task):
                known.setdefault(path, set()).add(kind)
    known[".user_scenario.persona"].add(str)  # theirs have none
    known[".evaluation_criteria.actions[].requestor"] = {str}
    known[".evaluation_criteria.actions[].compare_args"].add(type(None))
    (made,) = rows_of("tau2", SAMPLE)
    assert made["evaluation_criteria"]["actions"]
    assert [(path, kind) for path, kind in shape_of(made) if kind not in known[path]] == []


def shape_of(value: Any, path: str = "") -> Iterator[tuple[str, type]]:
    """Places and types; what arguments hold is the tool's own."""
    yield path, type(value)
    if isinstance(value, dict) and not path.endswith(".arguments"):
        for key, one in value.items():
            yield from shape_of(one, f"{path}.{key}")
    elif isinstance(value, list):
        for one in value:
            yield from shape_of(one, f"{path}[]")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished output folder, which nothing changes."""
    folder = tmp_path_factory.mktemp("built")
    ran = toolweave("build", "--tools", plan(folder), "-n", 4, "--out", folder / "o")
    assert ran.code == 0
    return folder / "o"


@pytest.fixture
def made(built: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(built, tmp_path / "o"))


def test_the_docs_say_which_formats_split_batches() -> None:
    text = (ROOT / "docs" / "exports.md").read_text()
    _, _, told = text.partition("| Format | Masks by message | Reasoning | Batches |")
    lines = [line.split("|") for line in told.partition("\n\n")[0].splitlines()[2:]]
    batches = {line[1].strip(" `"): line[4].strip() for line in lines}
    forms = [one.load() for one in EXPORTS if one.name in batches]
    assert len(forms) == len(batches) > 10
    assert {one.name for one in forms if one.one_call} == {
        name for name, said in batches.items() if said == "split"
    }  # fmt: skip


def test_a_line_gives_the_conversation_that_its_record_gives(made: Path) -> None:
    for line in lines(made / "trajectories.jsonl"):
        quick, whole = read_chat(line), chat_of(line.trajectory)
        assert quick.task() == whole.task()
        assert replace(quick, record=whole.record, task=whole.task) == whole


@pytest.mark.parametrize(
    "one", [one for one in EXPORTS if not one.load().read], ids=lambda one: one.name
)
def test_the_command_writes_every_form(one: Any, made: Path) -> None:
    ran = toolweave("export", made, "--to", one.name, "--json")
    form = one.load()
    told = json.loads(ran.out)
    assert (ran.code, told["left_out"]) == ((3, 4) if form.trains_on_all else (0, 0))
    file = made / "exports" / f"{one.name}.{form.suffix}"
    assert told["file"] == str(file)
    if form.columns:
        assert duckdb.sql(f"SELECT count(*) FROM '{file}'").fetchall() == [(0,)]
    else:
        assert len(file.read_text().splitlines()) == told["rows"]
        assert (told["rows"] > 0) != form.trains_on_all


def test_what_is_cut_before_a_masked_message_is_whole_and_learned_from(made: Path) -> None:
    assert toolweave("export", made, "--to", "trl", "--masked", "cut").code == 0
    rows = [json.loads(line) for line in (made / "exports" / "trl.jsonl").read_text().splitlines()]
    at = next(n for n in SAMPLE.decisions if not SAMPLE.messages[n].train)
    assert len(rows) == 4
    for row in rows:
        assert len(row["messages"]) <= at
        assert row["messages"][-1]["role"] == "assistant"
        assert "tool_calls" not in row["messages"][-1]


def test_tools_are_one_text_where_it_is_asked_for(made: Path) -> None:
    for text in ("list", "text"):
        options = ("--to", "prime", "--tools-as", text, "--force", "--quiet")
        assert toolweave("export", made, *options).code == 0
        row = json.loads((made / "exports" / "prime.jsonl").read_text().splitlines()[0])
        assert isinstance(row["tools"], str) == (text == "text")


def test_choices_that_there_are_not_are_told_with_those_that_there_are(made: Path) -> None:
    for option, given, known in (
        ("--batches", "halve", "keep, split, refuse"),
        ("--text-beside-calls", "hide", "keep, drop, refuse"),
        ("--masked", "yes", "refuse, cut"),
    ):
        ran = toolweave("export", made, "--to", "openai", option, given)
        assert (ran.code, ran.last) == (
            2, f"toolweave: at {option}: unknown choice {given!r}; there is {known}"
        )  # fmt: skip
    ran = toolweave("export", made, "--to", "parquet", "--times")
    assert (ran.code, ran.last) == (
        2, "toolweave: at parquet: the tables are as they are: it takes no such option"
    )  # fmt: skip


def test_the_same_seed_gives_the_same_bytes_with_any_number_of_workers(made: Path) -> None:
    options = ("--to", "trl-completion", "--mask-names", "0.5", "--force", "--quiet")
    written = []
    for workers in (1, 2):
        assert toolweave("export", made, *options, "--workers", workers).code == 0
        written.append((made / "exports" / "trl-completion.jsonl").read_bytes())
    assert written[0] == written[1]
    assert toolweave("export", made, *options, "--seed", 5).code == 0
    assert (made / "exports" / "trl-completion.jsonl").read_bytes() != written[0]


@pytest.mark.parametrize("name", ["rows", "tau2", "verl-rl"])
def test_rows_of_the_record_refuse_what_would_not_reach_it(name: str, made: Path) -> None:
    for option in ("--mask-names", "--irrelevant"):
        ran = toolweave("export", made, "--to", name, option, 1)
        assert (ran.code, ran.last) == (
            2, f"toolweave: at {name}: its rows cannot hold {option}"
        )  # fmt: skip


@pytest.mark.parametrize("name", ["rows", "tau2"])
def test_rows_without_messages_of_their_own_refuse_every_choice(name: str, made: Path) -> None:
    for option in (
        ("--train", "final"), ("--no-reasoning",), ("--batches", "split"), ("--masked", "cut"),
        ("--text-beside-calls", "drop"), ("--times",), ("--distractors", 1),
    ):  # fmt: skip
        ran = toolweave("export", made, "--to", name, *option)
        assert (ran.code, ran.last) == (
            2, f"toolweave: at {name}: its rows cannot hold {option[0]}"
        )  # fmt: skip


def test_what_answers_belongs_to_its_request_whatever_the_question_ends_with() -> None:
    def call(tool: str) -> Said:
        return Said("assistant", "", calls=(Called(tool, tool, {}),))

    names = [one.wire_name for one in SAMPLE.tools[:2]]
    messages = (
        Said("user", "Find a desk.", act="vague_request"), Said("assistant", "Tell me the colour."),
        Said("user", "Oak.", act="inform"), call(names[0]), Said("assistant", "Anything else?"),
        Said("user", "Order it.", act="request"), call(names[1]), Said("assistant", "Done."),
        Said("user", "Thanks.", act="thank"),
    )  # fmt: skip
    rows = [*retrieval.rows(replace(SAMPLE, messages=messages))]
    assert [(one["query"], one["positive_names"]) for one in rows] == [
        ("Find a desk.\nOak.", names[:1]), ("Order it.", names[1:])
    ]  # fmt: skip
