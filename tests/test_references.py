"""Rows and values in a request: by what this user knows, with the part that each plays."""

from dataclasses import replace

import pytest

from generators.language.action import action
from generators.language.references import UNSEEN, name_noun, refer
from generators.language.report import report
from generators.language.request import clause
from generators.language.request_objects import object_of
from generators.language.scene import Hidden
from generators.language.slot_phrases import role_of
from generators.lexicon.verbs import Operation
from generators.tasks.asked_aloud import is_rival, word_flaws
from generators.world.infer import infer_world
from generators.world.model import ParameterModel
from schemas.brief import Brief
from schemas.record import JsonObject
from schemas.task import Origin
from schemas.tool import ToolSource, ToolSpec
from tests.scenes import scene_of
from tests.worlds import entity, row, rows, tool, wants

FLIGHT = entity(
    "travel", "flight", ["flight_id"],
    {"flight_id": "opaque_id", "price": "money", "departure_date": "date", "internal": "boolean",
     "created_at": "datetime"},
)  # fmt: skip
REPOSITORY = entity("code", "repository", ["owner", "repo"], {"owner": "handle", "repo": "handle"})
ISSUE = entity("code", "issue", ["owner", "repo", "number"],
               {"owner": "handle", "repo": "handle", "number": "number_id"})  # fmt: skip
ACCOUNT = entity("bank", "account", ["account_id"], {"account_id": "opaque_id", "name": "title"})
ENTITIES = (FLIGHT, REPOSITORY, ISSUE, ACCOUNT)
SEARCH = tool("search_flights", "list", FLIGHT, [], rows("flights", FLIGHT.fields))


def worded(listed: list[JsonObject], number: int, *, seen: bool) -> str:
    scene = scene_of([(SEARCH, {}, {"flights": listed})], ENTITIES, 1)
    origin = Origin(path="x", kind="result", call=0, result_path=f"flights[{number}].flight_id")
    return refer(scene, origin, "flight", Hidden(seen=frozenset({0} if seen else ()))).text


def test_a_row_that_was_not_shown_is_never_known_by_its_price_but_by_its_day() -> None:
    dear = [{"flight_id": f"fli_{n}aaaa", "price": 90 + n} for n in range(3)]
    assert worded(dear, 1, seen=False).endswith(UNSEEN)
    assert "91" in worded(dear, 1, seen=True) or "second" in worded(dear, 1, seen=True)
    days = [{"flight_id": f"fli_{n}aaaa", "departure_date": f"2026-04-1{n}"} for n in range(3)]
    assert "April" in worded(days, 1, seen=False)


def test_a_row_whose_name_another_has_is_called_by_its_number_too() -> None:
    kinds = {"owner": "handle", "number": "number_id", "title": "title"}
    told = entity("code", "issue", ["owner", "number"], kinds)
    search = tool("search_issues", "list", told, [], rows("issues", told.fields))
    titles = ["Fix the log", "Add tests", "Add tests"]
    listed = [{"owner": "ana", "number": n + 7, "title": one} for n, one in enumerate(titles)]
    scene = scene_of([(search, {}, {"issues": listed})], (told,), 1)
    for hidden in (Hidden(brief=True), Hidden(resolved=True)):
        said = [
            refer(scene, Origin(path="x", kind="result", call=0,
                                result_path=f"issues[{n}].number"), "issue", hidden).text
            for n in range(3)
        ]  # fmt: skip
        assert said == ["the issue “Fix the log”", "the issue “Add tests” (number 8)",
                        "the issue “Add tests” (number 9)"]  # fmt: skip


def test_the_last_one_is_of_the_list_that_was_read_out_last() -> None:
    alike = [{"flight_id": f"fli_{n}aaaa", "price": 90} for n in range(3)]
    alike[0]["price"] = 80
    scene = scene_of([(SEARCH, {}, {"flights": alike})] * 2, ENTITIES, 1)
    both = Hidden(seen=frozenset({0, 1}))

    def say(call: int) -> str:
        origin = Origin(path="x", kind="result", call=call, result_path="flights[2].flight_id")
        return refer(scene, origin, "flight", both).text

    assert say(1).startswith(("the last", "the third"))
    assert say(0).endswith(UNSEEN)  # nothing tells it from the other list's


def test_a_row_is_told_from_those_of_a_list_beside_it_too() -> None:
    near = [{"flight_id": f"fli_{n}aaaa", "price": 90 + n} for n in range(3)]
    other = [{"flight_id": f"fli_{n}bbbb", "price": 91} for n in range(2)]
    calls = [(SEARCH, {}, {"flights": near}), (SEARCH, {}, {"flights": other})]
    scene = scene_of(calls, ENTITIES, 1)

    def say(number: int) -> str:
        path = f"flights[{number}].flight_id"
        origin = Origin(path="x", kind="result", call=0, result_path=path)
        return refer(scene, origin, "flight", Hidden(seen=frozenset({0, 1}))).text

    assert "92" in say(2)
    assert "91" not in say(1)  # both lists have one


def test_a_row_is_named_by_no_field_that_nobody_has_shown() -> None:
    made = [{"flight_id": f"fli_{n}aaaa", "price": 90, "internal": n == 1,
             "created_at": f"2026-01-0{n + 1}T10:00:00Z"} for n in range(3)]  # fmt: skip
    assert "created" not in worded(made, 1, seen=False)
    assert "internal" not in worded(made, 1, seen=True)


def test_a_row_is_named_where_its_own_number_is_from_whatever_it_lies_in() -> None:
    shown = [wants(one, "identity", ISSUE.key, "handle") for one in ("owner", "repo")]
    search = tool("search_issues", "list", ISSUE, [], rows("issues", [*ISSUE.fields, "title"]))
    number = wants("number", "identity", ISSUE.key, "number_id", type="integer")
    get = tool("get_issue", "get", ISSUE, [number, *shown], row([]))
    both = [{"owner": "octo", "repo": "site", "number": 10 + n, "title": f"Bug {n}"}
            for n in range(2)]  # fmt: skip
    given = {"number": 11, "owner": "octo", "repo": "site"}
    places = [("number", 1, 1), ("owner", 0, 0), ("repo", 0, 0)]
    fed = [(2, Origin(path=path, kind="result", call=call, result_path=f"issues[{at}].{path}"))
           for path, call, at in places]  # fmt: skip
    calls = [(search, {}, {"issues": both}), (search, {}, {"issues": both}), (get, given, {})]
    scene = scene_of(calls, ENTITIES, fed=fed)
    asked = clause(scene, 2, Hidden(seen=frozenset({0, 1}), start=2)).main.text
    assert "Bug 1" in asked or "second" in asked or "last" in asked or "11" in asked


def test_what_a_row_lies_in_alone_is_not_called_like_the_row() -> None:
    owner = wants("owner", "reference", ISSUE.key, "handle")
    scene = scene_of([], ENTITIES)
    assert name_noun(scene.world, replace(owner, field="owner")) == "owner"
    assert name_noun(scene.world, replace(owner, field="number")) == "issue"


def test_the_one_row_of_what_it_lies_in_is_called_as_it_is() -> None:
    lying = [wants(one, "identity", ISSUE.key, "handle") for one in ("owner", "repo")]
    latest = tool("get_latest_issue", "get", ISSUE, lying, row(ISSUE.identity))
    scene = scene_of([(latest, {"owner": "octo", "repo": "site"}, {})], ENTITIES)
    asked = clause(scene, 0, Hidden()).main.text
    assert "latest issue" in asked
    assert "octo/site" in asked


@pytest.mark.parametrize(("name", "said"), [("remove_tag", "from"), ("unlink_tag", "from"),
                                            ("erase_tag", "from"), ("add_tag", "to"),
                                            ("print_tag", "for")])  # fmt: skip
def test_what_is_removed_is_taken_from_what_it_lies_in(name: str, said: str) -> None:
    tag = entity("code", "tag", ["tag"], {"tag": "title"})
    album = entity("code", "album", ["album_id"], {"album_id": "opaque_id", "name": "title"})
    shelf = tool("list_albums", "list", album, [], rows("albums", [*album.fields]))
    held = {"albums": [{"album_id": "A-1", "name": "Summer"}]}
    named = wants("tag", "identity", tag.key, "title")
    lying = [
        wants("album_id", "reference", album.key, "opaque_id"),
        wants("issue_number", "reference", ISSUE.key, "number_id", type="integer"),
    ]
    fed = [(1, Origin(path="album_id", kind="result", call=0, result_path="albums[0].album_id"))]
    does: Operation = "delete" if name in ("remove_tag", "erase_tag") else "update"
    texts = []
    for one, value in zip(lying, ("A-1", 556), strict=True):
        change = tool(name, does, tag, [named, one], row([]))
        calls = [(shelf, {}, held), (change, {"tag": "sea", one.name: value}, {})]
        scene = scene_of(calls, (*ENTITIES, tag, album), fed=fed)
        texts.append(clause(scene, 1, Hidden()).main.text.partition("“sea” ")[2])
    assert texts == [f"{said} the album", f"{said} issue 556"]


def test_a_repository_is_said_in_one_breath_and_an_issue_by_its_number() -> None:
    star = tool("star_repository", "update", REPOSITORY,
                [wants("owner", "identity", REPOSITORY.key, "handle"),
                 wants("repo", "identity", REPOSITORY.key, "handle")], row([]))  # fmt: skip
    scene = scene_of([(star, {"owner": "octo", "repo": "site"}, {})], ENTITIES)
    assert clause(scene, 0, Hidden()).main.text == "star the repository octo/site"
    comment = entity("code", "comment", ["comment_id"], {"comment_id": "opaque_id"})
    add = tool("add_comment", "create", comment,
               [wants("owner", "reference", REPOSITORY.key, "handle"),
                wants("repo", "reference", REPOSITORY.key, "handle"),
                wants("issue_number", "reference", ISSUE.key, "number_id", type="integer")],
               row([]))  # fmt: skip
    given = {"owner": "octo", "repo": "site", "issue_number": 556}
    scene = scene_of([(add, given, {})], (*ENTITIES, comment))
    text = clause(scene, 0, Hidden()).main.text
    assert "to issue 556" in text
    assert "in octo/site" in text


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (("source_account", "target_account"), ("from", "to")),
        (("sender", "recipient"), ("from", "to")),
        (("base", "head"), ("into", "from")),
        (("item", "new_item"), ("from", "to")),
        (("base",), (None,)),
        (("account", "payee"), (None, None)),
    ],
)
def test_a_name_tells_the_part_that_a_value_plays(
    names: tuple[str, ...], roles: tuple[str | None, ...]
) -> None:
    parameters = [wants(name, "reference", ACCOUNT.key) for name in names]
    move = tool("send_money", "create", None, parameters, row([]))
    assert tuple(role_of(move, one) for one in move.parameters) == roles


def test_parts_of_a_row_are_exchanged_for_others_and_changed_to_them() -> None:
    parts = [wants(one, "reference", ACCOUNT.key) for one in ("item_ids[]", "new_item_ids[]")]
    for verb, role in (("exchange", "for"), ("change", "to")):
        swap = replace(tool(f"{verb}_items", "update", None, parts, row([])), verb=verb)
        assert [role_of(swap, one) for one in parts] == [None, role]


@pytest.mark.parametrize(
    ("names", "ambiguous"),
    [(("source_account", "target_account"), False), (("account_a_id", "account_b_id"), True)],
)
def test_a_request_that_reads_the_same_with_two_values_exchanged_is_refused(
    names: tuple[str, str], ambiguous: bool
) -> None:
    move = tool("send_money", "create", None,
                [wants(name, "reference", ACCOUNT.key) for name in names], row([]))  # fmt: skip
    find = tool("list_accounts", "list", ACCOUNT, [], rows("accounts", ACCOUNT.fields))
    accounts = [{"account_id": f"acc_{n}aaaa", "name": f"Fund {n}"} for n in range(2)]
    fed = [
        (1, Origin(path=name, kind="result", call=0, result_path=f"accounts[{n}].account_id"))
        for n, name in enumerate(names)
    ]
    given = {name: f"acc_{n}aaaa" for n, name in enumerate(names)}
    scene = scene_of([(find, {}, {"accounts": accounts}), (move, given, {})], ENTITIES, fed=fed)
    task = scene.task.model_copy(update={"brief": Brief()})
    codes = {flaw.code for flaw in word_flaws(scene.world, task)}
    assert ("ambiguous_role" in codes) == ambiguous


@pytest.mark.parametrize(
    ("told", "ambiguous"), [("account_id", True), ("related_account_id", False)]
)
def test_of_two_rows_of_a_kind_the_part_of_the_further_one_is_said(
    told: str, ambiguous: bool
) -> None:
    names = ("account_id", "related_account_id")
    link = tool("link_accounts", "create", None,
                [wants(name, "reference", ACCOUNT.key) for name in names], row([]))  # fmt: skip
    find = tool("list_accounts", "list", ACCOUNT, [], rows("accounts", ACCOUNT.fields))
    accounts = [{"account_id": f"acc_{n}aaaa", "name": f"Fund {n}"} for n in range(2)]
    fed = [
        (1, Origin(path=name, kind="user") if name == told else
         Origin(path=name, kind="result", call=0, result_path=f"accounts[{n}].account_id"))
        for n, name in enumerate(names)
    ]  # fmt: skip
    given = {name: f"acc_{n}aaaa" for n, name in enumerate(names)}
    scene = scene_of([(find, {}, {"accounts": accounts}), (link, given, {})], ENTITIES, fed=fed)
    task = scene.task.model_copy(update={"brief": Brief()})
    codes = {flaw.code for flaw in word_flaws(scene.world, task)}
    assert ("ambiguous_role" in codes) == ambiguous


@pytest.mark.parametrize(("fed", "nameless"), [(("number", "owner"), False), (("owner",), True)])
def test_a_row_that_is_itself_named_gives_what_it_lies_in(
    fed: tuple[str, ...], nameless: bool
) -> None:
    user = entity("code", "user", ["login"], {"login": "handle"})
    find = tool("list_issues", "list", ISSUE, [], rows("issues", ISSUE.fields))
    close = tool("close_issue", "update", ISSUE,
                 [wants("owner", "reference", user.key, "handle"),
                  wants("number", "identity", ISSUE.key, "number_id", type="integer")],
                 row([]))  # fmt: skip
    close = replace(close, parameters=tuple(
        replace(one, field=one.name) for one in close.parameters
    ))  # fmt: skip
    issue = {"owner": "octo", "repo": "site", "number": 556}
    given = {name: issue[name] for name in ("owner", "number")}
    origins = [(1, Origin(path=name, kind="result", call=0, result_path=f"issues[0].{name}"))
               for name in fed]  # fmt: skip
    calls = [(find, {}, {"issues": [issue]}), (close, given, {})]
    scene = scene_of(calls, (*ENTITIES, user), fed=origins)
    task = scene.task.model_copy(update={"brief": Brief()})
    told = [one.explanation for one in word_flaws(scene.world, task)]
    assert ("owner: no result names the row" in told) == nameless


COMMENT = entity("code", "comment", ["comment_id"], {"comment_id": "opaque_id", "body": "text"})


@pytest.mark.parametrize(
    ("rival", "needed", "ambiguous"),
    [
        ("add_review_comment", ["body"], True),
        ("add_review_comment", ["body", "line"], False),
        ("add_comment_reaction", ["body"], False),
        ("delete_comment", ["body"], False),
    ],
)
def test_the_same_words_must_not_ask_for_another_tool_on_offer(
    rival: str, needed: list[str], ambiguous: bool
) -> None:
    add = tool("add_comment", "create", COMMENT, [wants("body", "field", None, "text")],
               row(COMMENT.fields))  # fmt: skip
    other = tool(rival, "delete" if rival.startswith("delete") else "create", None,
                 [wants(name, "field", None, "text") for name in needed], row([]),
                 domain="code")  # fmt: skip
    other = replace(other, noun=rival.partition("_")[2].replace("_", " "))
    held = {"comment_id": "com_2aaaa", "body": "Good."}
    scene = scene_of([(add, {"body": "Good."}, held)], [COMMENT])
    world = replace(scene.world, models={**scene.world.models, other.name: other})
    task = scene.task.model_copy(update={"brief": Brief(), "tools": (add.name, other.name)})
    codes = {flaw.code for flaw in word_flaws(world, task)}
    assert ("ambiguous_tool" in codes) == ambiguous


@pytest.mark.parametrize(
    ("said", "ambiguous"), [("encode text to {}", False), ("Encode a text ({})", True)]
)
def test_what_a_text_is_worked_into_is_said_or_nobody_knows_which_tool_is_meant(
    said: str, ambiguous: bool
) -> None:
    text = {"type": "object", "properties": {"content": {"type": "string"}},
            "required": ["content"]}  # fmt: skip
    world = infer_world([
        ToolSpec(name=f"{form}_encode", wire_name=f"{form}_encode", domain="crypto",
                 description=said.format(form), effect="read", parameters=text,
                 source=ToolSource(format="mcp", path="crypto.json"))
        for form in ("base64", "hex")
    ])  # fmt: skip
    encode, other = world.models["base64_encode"], world.models["hex_encode"]
    assert encode.operation == "compute"
    assert is_rival(encode, {"content": "Good."}, other) == ambiguous
    assert action(encode).pattern == ("a text" if ambiguous else "the text to base64")
    scene = scene_of([(encode, {"content": "Good."}, {"result": "R29vZC4="})], ())
    form = "" if ambiguous else " in base64"
    assert report(scene, 0) == f"The result{form} is R29vZC4=."


def test_what_picks_the_deed_of_a_tool_of_many_tells_no_two_tools_apart() -> None:
    values = [wants("method", "option", None, "enum"), wants("body", "field", None, "text")]
    write = tool("create_comment", "create", COMMENT, values, row(COMMENT.fields))
    add = tool("create_quick_comment", "create", COMMENT, values[1:], row(COMMENT.fields))
    assert is_rival(write, {"method": "create", "body": "Good."}, add)
    assert not is_rival(write, {"method": "draft", "body": "Good."}, add)


@pytest.mark.parametrize(
    ("name", "takes", "given", "rival"),
    [
        ("request_body_check", ["comment_id", "body"], ["comment_id", "body"], True),
        ("request_body_check", ["comment_id", "body"], ["comment_id", "body", "title"], False),
        ("request_body_check", ["comment_id", "body", "by"], ["comment_id", "body"], False),
        ("request_check", ["comment_id", "body"], ["comment_id", "body"], False),
    ],
)
def test_a_tool_for_just_these_values_is_what_the_words_ask_for(
    name: str, takes: list[str], given: list[str], rival: bool
) -> None:
    def wanting(names: list[str]) -> list[ParameterModel]:
        return [wants(one, "identity" if one.endswith("id") else "field",
                      COMMENT.key if one.endswith("id") else None,
                      "opaque_id" if one.endswith("id") else "text") for one in names]  # fmt: skip

    update = tool("update_comment", "update", COMMENT,
                  wanting(["comment_id", "body", "title", "draft"]), row([]))  # fmt: skip
    other = tool(name, "create", COMMENT, wanting(takes), row([]))
    assert is_rival(update, dict.fromkeys(given, "x"), other) is rival


def test_words_to_find_a_thing_by_are_not_said_where_they_stand_in_its_name() -> None:
    named = entity("code", "issue", ["number"], {"number": "opaque_id", "title": "title"})
    find = tool("search_issues", "list", named, [wants("query", "query", None, "query")],
                rows("issues", named.fields))  # fmt: skip
    close = tool("close_issue", "update", named, [wants("number", "identity", named.key)],
                 row(named.fields))  # fmt: skip
    issues = [
        {"number": f"iss_{n}aaaa", "title": title}
        for n, title in enumerate(["Rounding error in the export", "Slow export"])
    ]
    fed = [(1, Origin(path="number", kind="result", call=0, result_path="issues[0].number"))]
    for query, extra in (("error", False), ("invoice", True)):
        calls = [(find, {"query": query}, {"issues": issues}), (close, {"number": "iss_0aaaa"}, {})]
        scene = scene_of(calls, [named], fed=fed)
        words = clause(scene, 1, Hidden()).main
        assert "“Rounding error in the export”" in words.text
        assert ("matching" in words.text) == extra
        assert [(one.path, one.span) for one in words.mentions] == [("query", query)]


def test_a_row_that_is_named_bears_no_second_name() -> None:
    named = entity("code", "issue", ["number"],
                   {"number": "opaque_id", "title": "title", "kind": "label"})  # fmt: skip
    find = tool("search_issues", "list", named, [wants("query", "query", None, "query")],
                rows("issues", named.fields))  # fmt: skip
    close = tool("close_issue", "update", named, [wants("number", "identity", named.key)],
                 row(named.fields))  # fmt: skip
    told = [("Slow export", "page"), ("export", "page"), ("Lost page", "export")]
    issues = [{"number": f"iss_{n}aaaa", "title": title, "kind": kind}
              for n, (title, kind) in enumerate(told)]  # fmt: skip

    def ask_for(number: int, query: str) -> str:
        path = f"issues[{number}].number"
        fed = [(1, Origin(path="number", kind="result", call=0, result_path=path))]
        calls = [(find, {"query": query}, {"issues": issues}),
                 (close, {"number": f"iss_{number}aaaa"}, {})]  # fmt: skip
        words = clause(scene_of(calls, [named], fed=fed), 1, Hidden()).main
        assert [(one.path, one.span) for one in words.mentions] == [("query", query)]
        return words.text

    assert ask_for(0, "export").endswith("the issue “Slow export”")
    assert ask_for(1, "export").endswith("the issue “export”")
    assert ask_for(2, "export").endswith("the issue “Lost page” matching “export”")
    assert ask_for(0, "page").endswith("the issue “Slow export” matching “page”")


def test_a_field_that_is_named_is_what_gets_the_new_value() -> None:
    update = tool("update_account", "update", ACCOUNT,
                  [wants("account_id", "identity", ACCOUNT.key),
                   wants("field", "option", None, "label"),
                   wants("new_value", "input", None, "unknown")],
                  row(ACCOUNT.fields))  # fmt: skip
    find = tool("list_accounts", "list", ACCOUNT, [], rows("accounts", ACCOUNT.fields))
    accounts = {"accounts": [{"account_id": "acc_0aaaa", "name": "Fund"}]}
    given = {"account_id": "acc_0aaaa", "field": "due_date", "new_value": "2026-04-14"}
    fed = [(1, Origin(path="account_id", kind="result", call=0,
                      result_path="accounts[0].account_id"))]  # fmt: skip
    scene = scene_of([(find, {}, accounts), (update, given, {})], ENTITIES, fed=fed)
    (detail,) = clause(scene, 1, Hidden()).details
    assert detail.label == "new due date"
    assert {one.path for one in detail.value.mentions} == {"field", "new_value"}


@pytest.mark.parametrize(
    ("field", "words"),
    [("payee_name", "the transfer to Ana Ruiz"), ("sender_name", "the transfer from Ana Ruiz"),
     ("customer_name", "the transfer of Ana Ruiz")],
)  # fmt: skip
def test_whom_a_row_names_stands_behind_the_word_that_fits_their_part(
    field: str, words: str
) -> None:
    transfer = entity("bank", "transfer", ["transfer_id"],
                      {"transfer_id": "opaque_id", field: "person_name"})  # fmt: skip
    find = tool("list_transfers", "list", transfer, [], rows("transfers", transfer.fields))
    held = [{"transfer_id": f"tra_{n}aaaa", field: name}
            for n, name in enumerate(["Ana Ruiz", "Ben Sato"])]  # fmt: skip
    scene = scene_of([(find, {}, {"transfers": held})], [transfer])
    origin = Origin(path="x", kind="result", call=0, result_path="transfers[0].transfer_id")
    assert (
        refer(scene, origin, "transfer", Hidden(resolved=True, seen=frozenset({0}))).text == words
    )


def test_what_a_row_is_looked_for_by_is_told_of_it_and_not_as_what_it_is_to_be() -> None:
    task = entity("work", "task", ["task_id"],
                  {"task_id": "opaque_id", "name": "title", "board": "label"})  # fmt: skip
    search = tool("search_tasks", "list", task, [wants("board", "filter", None, "label")],
                  rows("tasks", task.fields))  # fmt: skip
    rename = tool("update_task", "update", task,
                  [wants("task_id", "identity", task.key), wants("name", "field", None, "title")],
                  row(task.fields))  # fmt: skip
    found = [{"task_id": "tas_1", "name": "Pack", "board": "Back end"}]
    fed = [(1, Origin(path="task_id", kind="result", call=0, result_path="tasks[0].task_id"))]
    calls = [(search, {"board": "Back end"}, {"tasks": found}),
             (rename, {"task_id": "tas_1", "name": "Fold"}, {})]  # fmt: skip
    asked = clause(scene_of(calls, [task], fed=fed), 1, Hidden())
    assert "whose board is" in asked.main.text
    assert all("board" not in one.label for one in asked.details)


def test_a_part_is_of_its_whole_and_what_is_added_is_named_by_its_own_id() -> None:
    skill = entity("work", "skill", ["skill_id"], {"skill_id": "opaque_id"})
    version = entity("work", "skill version", ["version"], {"version": "version"})
    user = entity("work", "user", ["user_id"], {"user_id": "opaque_id"})
    drop = tool("delete_skill_version", "delete", version,
                [wants("version", "identity", version.key, "version"),
                 wants("skill_id", "reference", skill.key)], row([]))  # fmt: skip
    scene = scene_of([(drop, {"version": "v1.2", "skill_id": "SKI-100200"}, {})],
                     [skill, version, user])  # fmt: skip
    assert "of the skill SKI-100200" in clause(scene, 0, Hidden()).main.text
    add = tool("add_user", "create", user, [wants("user_id", "reference", user.key)], row([]))
    scene = scene_of([(add, {"user_id": "USER-100200"}, {})], [skill, version, user])
    assert clause(scene, 0, Hidden()).main.text == "add the user USER-100200"


def test_a_row_that_is_looked_up_by_the_id_of_another_thing_is_not_called_by_it() -> None:
    visit = entity("work", "visit", ["visit_id"],
                   {"visit_id": "number_id", "guest_id": "number_id"})  # fmt: skip
    for field, words in (("visit_id", "visit 7"), ("guest_id", "the visit with the guest ID 7")):
        get = tool("get_visit", "get", visit,
                   [wants(field, "identity", visit.key, "number_id", type="integer")],
                   row(visit.fields))  # fmt: skip
        scene = scene_of([(get, {field: 7}, {"visit_id": 7, "guest_id": 7})], [visit])
        assert object_of(scene, 0, Hidden()).whole.text == words


def test_a_thing_that_is_told_under_its_own_noun_is_called_by_its_name() -> None:
    basket = entity("work", "basket", ["basket_id"],
                    {"basket_id": "opaque_id", "plant": "title"})  # fmt: skip
    for name, operation, use, words in (
        ("add_to_basket", "create", "field", "add the plant “Rosemary” to the basket"),
        ("remove_from_basket", "delete", "option", "remove the plant “Rosemary”"),
    ):
        deed = tool(name, operation, basket, [wants("plant", use, None, "title")], row([]),
                    description=f"{name.partition('_')[0].capitalize()} a plant")  # fmt: skip
        scene = scene_of([(deed, {"plant": "Rosemary"}, {})], [basket])
        asked = clause(scene, 0, Hidden(resolved=True))
        assert (asked.whole.text, asked.main.mentions[0].path) == (words, "plant")


def test_that_one_is_not_said_where_another_of_its_kind_has_come_up_since() -> None:
    number = wants("number", "identity", ISSUE.key, "number_id", type="integer")
    scope = [wants(one, "identity", ISSUE.key, "handle") for one in ("owner", "repo")]
    get = tool("get_issue", "get", ISSUE, [*scope, number], row(ISSUE.fields))
    make = tool("create_issue", "create", ISSUE, scope, row(ISSUE.fields))
    place = {"owner": "octo", "repo": "site"}
    first, made = {**place, "number": 11}, {**place, "number": 12}
    known = frozenset((2, name) for name in first)
    calls = [(get, first, first), (make, place, made), (get, first, first)]
    again = clause(scene_of(calls, ENTITIES), 2, Hidden(known=known, start=2)).main.text
    assert "issue 11 in octo/site" in again
    calls[1] = (get, first, first)
    again = clause(scene_of(calls, ENTITIES), 2, Hidden(known=known, start=2)).main.text
    assert again.endswith("that issue")


def test_a_day_that_rows_are_narrowed_by_says_of_what() -> None:
    day = wants("modified", "filter", None, "date")
    find = tool("list_flights", "list", FLIGHT, [day], rows("flights", FLIGHT.fields))
    scene = scene_of([(find, {"modified": "2026-01-06"}, {"flights": []})], ENTITIES)
    assert " modified on " in clause(scene, 0, Hidden()).main.text


def test_what_is_taken_out_of_a_row_is_named_in_place_of_its_kind() -> None:
    order = entity("shop", "order", ["order_id"], {"order_id": "number_id", "items": "list"})
    item = entity("shop", "item", ["item_id"], {"item_id": "opaque_id", "name": "title"})
    named = wants("order_id", "identity", order.key, "number_id")
    part = wants("item_ids[]", "reference", item.key)
    get = tool("get_order", "get", order, [named], row(order.fields))
    back = tool("return_order_items", "update", order, [named, part], row(order.fields),
                transition=("status", "return requested"))  # fmt: skip
    shown = {"order_id": "#W2378156", "items": [{"item_id": f"ite_{one}", "name": one}
                                                for one in ("Lamp", "Mug")]}  # fmt: skip
    given = {"order_id": "#W2378156", "item_ids": ["ite_Mug"]}
    fed = [(1, Origin(path="order_id", kind="result", call=0, result_path="order_id")),
           (1, Origin(path="item_ids[0]", kind="result", call=0,
                      result_path="items[1].item_id"))]  # fmt: skip
    scene = scene_of([(get, {"order_id": "#W2378156"}, shown), (back, given, shown)],
                     [order, item], fed=fed)  # fmt: skip
    said = clause(scene, 1, Hidden(seen=frozenset({0}), start=1)).main.text
    assert said.startswith("return the ")
    assert "items of" not in said
    assert " for the item" not in said


def test_what_a_part_lies_in_is_named_once() -> None:
    """No item "of the product of the second product"."""
    product = entity("shop", "product", ["product_id"], {"product_id": "opaque_id"})
    item = entity("shop", "item", ["item_id"], {"item_id": "opaque_id", "name": "title"})
    of_product = [wants("product_id", "identity", product.key, "opaque_id")]
    listing = tool("list_products", "list", product, [], rows("products", product.fields))
    look = tool(
        "get_product",
        "get",
        product,
        of_product,
        {
            "type": "object",
            "properties": {
                "product_id": {"type": "string"},
                "items": {"type": "array", "items": row(item.fields)},
            },
        },
    )
    get = tool("get_item", "get", item, [wants("item_id", "identity", item.key, "opaque_id")],
               row(item.fields))  # fmt: skip
    products = [{"product_id": f"pro_{number}aaaa"} for number in range(3)]
    items = [{"item_id": f"ite_{name}", "name": name} for name in ("Black", "White")]
    calls = [(listing, {}, {"products": products}), (look, products[1], {**products[1],
             "items": items}), (get, {"item_id": "ite_Black"}, items[0])]  # fmt: skip
    fed = [
        (1, Origin(path="product_id", kind="result", call=0, result_path="products[1].product_id")),
        (2, Origin(path="item_id", kind="result", call=1, result_path="items[0].item_id")),
    ]
    scene = scene_of(calls, (product, item), fed=fed)
    named = object_of(scene, 2, Hidden(seen=frozenset({0}), start=1))
    assert named.whole.text.startswith("the item “Black” of the second product")


@pytest.mark.parametrize(
    ("own", "other", "words"),
    [
        ("The bid, in cents", "", "270 cents"),
        ("The bid", "Args: budget: in cents; bid: The bid", "270"),
        ("The bid", "All amounts are in USD.", "$270"),
    ],
)
def test_an_amount_is_said_in_cents_where_its_own_description_counts_so(
    own: str, other: str, words: str
) -> None:
    bid = wants("bid", "field", None, "money", type="integer", description=own)
    place = tool("place_bid", "create", ACCOUNT, [bid], row([]))
    spec = place.tool.model_copy(update={"description": other})
    scene = scene_of([(replace(place, tool=spec), {"bid": 270}, {})], [ACCOUNT])
    assert scene.say(0, "bid", bid, 270).text == words


def test_a_twin_that_names_the_same_row_by_another_parameter_is_a_rival() -> None:
    def made(name: str, parameter: str) -> ToolSpec:
        given = {"type": "object", "properties": {parameter: {"type": "string"}},
                 "required": [parameter]}  # fmt: skip
        return ToolSpec(name=name, wire_name=name, domain="chat", effect="write",
                        description="Archives a channel.", parameters=given,
                        source=ToolSource(format="mcp", path="chat.json"))  # fmt: skip

    world = infer_world([
        made("channels_archive", "channel"), made("admin_channels_archive", "channel_id"),
        made("teams_archive", "team_id"),
    ])  # fmt: skip
    archive, twin = world.models["channels_archive"], world.models["admin_channels_archive"]
    assert archive.entity == twin.entity
    assert is_rival(archive, {"channel": "C1"}, twin)
    assert is_rival(twin, {"channel_id": "C1"}, archive)
    assert not is_rival(archive, {"channel": "C1"}, world.models["teams_archive"])


@pytest.mark.parametrize(("look", "again"), [
    ("get_task", "delete it"), ("get_task_checklist", "delete that task"),
])  # fmt: skip
def test_a_row_is_no_it_where_something_of_it_was_asked_for(look: str, again: str) -> None:
    """ "Check the checklist of the task and delete it": the task, or its checklist?"""
    task = entity("home", "task", ["task_id"], {"task_id": "opaque_id", "name": "title"})
    key = wants("task_id", "identity", task.key)
    listed = [{"task_id": f"t{n}", "name": name} for n, name in enumerate(("Pack", "Paint"))]
    of = Origin(path="task_id", kind="result", call=0, result_path="tasks[0].task_id")
    calls = [
        (tool("list_tasks", "list", task, [], rows("tasks", task.fields)), {}, {"tasks": listed}),
        (tool(look, "get", task, [key], row(task.fields)), {"task_id": "t0"}, listed[0]),
        (tool("delete_task", "delete", task, [key], row(["task_id"])), {"task_id": "t0"}, {}),
    ]
    scene = scene_of(calls, (task,), fed=[(1, of), (2, of)])
    hidden = Hidden()
    clause(scene, 1, hidden)
    assert clause(scene, 2, hidden).whole.text == again
