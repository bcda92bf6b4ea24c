"""What rules cannot read: tools whose words are those of another language than English."""

import pytest

from generators.lexicon.foreign_words import is_foreign
from generators.sampling.wishes import find_objection, is_plain, is_senseless
from generators.world.infer import infer_world
from schemas.tool import ToolSource, ToolSpec
from schemas.world_model import DomainMeaning, ToolMeaning, WorldModel, WorldSource

NO_ENGLISH = "its words are not English"
SHOWN = {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}}


def listing(said: str, name: str = "list_plants") -> ToolSpec:
    return ToolSpec(
        name=name, wire_name=name, domain="garden", description=said, effect="read",
        parameters={"type": "object", "properties": {}}, returns=SHOWN, returns_from="source",
        source=ToolSource(format="mcp", path="garden.json"),
    )  # fmt: skip


def objection(tool: ToolSpec, *sources: WorldSource) -> str:
    world = infer_world([tool], sources)
    return find_objection(world, world.models[tool.wire_name])


@pytest.mark.parametrize("said", [
    "Lista todas as plantas do jardim.", "Listet alle Pflanzen des Gartens auf.",
    "Возвращает список растений сада.", "列出花园里的所有植物", "정원의 식물 목록을 보여줍니다.",
    "Renvoie la liste des plantes du jardin.", "Menampilkan daftar tanaman di kebun user.",
])  # fmt: skip
def test_a_description_in_another_language_is_foreign_whatever_the_name(said: str) -> None:
    assert is_foreign(said, ["list_plants"])
    assert objection(listing(said)) == NO_ENGLISH


@pytest.mark.parametrize("said", [
    "List plants.", "Lists Foobarix plants by UID.", "Get wxyz_ids of the `plantas` de jardim.",
    "Search https://jardim.example/plantas for plants.", "列出植物 Lists all plants of the garden.",
    "Convert between units (g, kg, oz, lb).", "List Überplant webhooks of the Jardim Botânico.",
])  # fmt: skip
def test_names_codes_and_abbreviations_make_no_foreign_language(said: str) -> None:
    assert not is_foreign(said, ["list_plants"])
    assert objection(listing(said)) != NO_ENGLISH


def test_where_nothing_is_described_the_names_tell_by_two_words_more() -> None:
    strange = ["get_agendas", "hora_inicio", "hora_fim", "procedimento"]
    assert is_foreign("", strange)
    assert not is_foreign("", strange[:2])  # one or two words may be coined
    assert not is_foreign("", [*strange, "created_on", "updated_on", "status"])


def test_a_foreign_tool_feeds_nothing_and_is_not_come_for_in_stiff_words_either() -> None:
    tool = listing("Lista todas as plantas do jardim.")
    world = infer_world([tool])
    assert is_senseless(world, world.models["list_plants"])
    assert not is_plain(world, world.models["list_plants"])


@pytest.mark.parametrize("said", [
    WorldModel(tools={"list_plants": ToolMeaning(verb="list", operation="list", entity="plant")}),
    WorldModel(domains={"garden": DomainMeaning(service="the desk of a garden")}),
])  # fmt: skip
def test_a_foreign_tool_comes_in_where_somebody_says_what_it_does(said: WorldModel) -> None:
    source = WorldSource(file="garden.world.yaml", domains=("garden",), world=said)
    assert objection(listing("Lista todas as plantas do jardim."), source) == ""
