"""What people call rows whose noun begins with a part of the service: an admin user, a user."""

from collections.abc import Iterable, Mapping

from generators.lexicon.tables import load_words
from generators.world.model import ToolModel
from generators.world.tool_names import is_of_section
from schemas.world_model import EntityMeaning


def find_plainer_nouns(
    entities: Mapping[str, EntityMeaning], models: Iterable[ToolModel]
) -> dict[str, str]:
    """Key → noun as all tools' descriptions have it; none of what somebody has told.

    What ``get_admin_users`` lists are users, where it says "Get all users"; they stay a kind of
    their own, as nothing tells that another part of the service has the same ones.
    """
    sections, tools = load_words("inference", "sections"), list(models)
    found: dict[str, str] = {}
    for key, entity in entities.items():
        section, _, noun = key.rpartition("/")[2].partition(" ")
        concluded = {one.source for one in entity.origins.values()}
        own = [one.tool for one in tools if one.entity == key] if section in sections else []
        plain = bool(own) and all(map(is_of_section, own))
        if noun and plain and {"rules"} <= concluded <= {"rules", "schema"}:
            found[key] = noun
    return found
