"""An update that gives a row whole: what nobody wants changed is sent as it is shown."""

import json

from generators.embedding import HashEmbedder
from generators.studio import open_studio
from schemas.leaves import value_at
from schemas.record import JsonObject
from schemas.task import GoldCall, Task
from schemas.tool import Catalog
from schemas.twists import Withheld, find_twists
from schemas.world_model import DomainMeaning, WorldModel, WorldSource
from tests.studio import draw
from tests.test_kin_rows import listing, tool

TEXT: JsonObject = {"type": "string"}
PLAYLIST: JsonObject = {
    "playlist_id": TEXT, "name": TEXT, "photo_urls": {"type": "array", "items": TEXT},
    "state": {"type": "string", "enum": ["open", "closed"]},
}  # fmt: skip
ONE: JsonObject = {"type": "object", "properties": PLAYLIST, "required": [*PLAYLIST]}


def drawn() -> list[tuple[Task, int, GoldCall]]:
    given = {name: schema for name, schema in PLAYLIST.items() if name != "state"}
    update = tool("update_playlist", given, ONE, "Update a playlist.")
    whole = {**update.parameters, "properties": PLAYLIST}  # the state need not be given
    tools = (
        tool("list_playlists", {}, listing("playlists", PLAYLIST), "List all playlists."),
        tool("get_playlist", {"playlist_id": TEXT}, ONE, "Get a playlist."),
        update.model_copy(update={"parameters": whole}),
    )
    told = WorldModel(domains={tools[0].domain: DomainMeaning(service="a music player")})
    known = WorldSource(file="songs.yaml", domains=(tools[0].domain,), world=told)
    studio = open_studio(Catalog(tools=tools, worlds=(known,)), HashEmbedder())
    tasks = draw(40, studio, clarify=1)
    return [(task, number, call) for task in tasks for number, call in enumerate(task.calls)
            if call.tool == "update_playlist"]  # fmt: skip


def test_what_nobody_wants_changed_is_sent_as_it_was_shown_and_never_asked_for() -> None:
    updates = drawn()
    assert updates
    for task, number, call in updates:
        kinds = {one.path: one.kind for one in call.origins}
        photos = [kind for path, kind in kinds.items() if path.startswith("photo_urls[")]
        assert {*photos} == {"result"}, "the list is sent with all that is in it"
        assert (kinds["name"] == "result") == ("state" in kinds), "one thing is changed"
        first = next(one for one in call.origins if one.path == "photo_urls[0]")
        assert first.call is not None
        assert first.call < number
        assert first.result_path is not None
        held = first.result_path.removesuffix("[0]")
        shown = value_at(json.loads(task.calls[first.call].result), held)
        assert call.arguments["photo_urls"] == shown
        asked = [one for turn in task.turns for one in find_twists(turn, Withheld)]
        assert all(one.call != number for one in asked)
