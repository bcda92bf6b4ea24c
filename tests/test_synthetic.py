"""Synthesised catalogues are deterministic, distinct and readable; inference takes them whole."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from benchmarks.synthetic import OWN, Server, distinct_texts, synthesise, synthetic_catalog
from generators.importers import read_catalog
from generators.importers.schema_checks import check_schema
from generators.world.infer import infer_world
from schemas.errors import InputError

BASES = tuple(read_catalog([path]).tools for path in sorted(OWN.glob("*.json")))


def names(servers: tuple[Server, ...]) -> list[str]:
    return [tool["name"] for server in servers for tool in server.tools]


def test_the_same_seed_gives_the_same_tools_and_another_gives_others() -> None:
    assert synthesise(200, 3, bases=BASES) == synthesise(200, 3, bases=BASES)
    assert synthesise(200, 3, bases=BASES) != synthesise(200, 4, bases=BASES)


@pytest.mark.parametrize("one_domain", [False, True])
def test_there_are_as_many_tools_as_asked_for_and_nearly_all_differ(one_domain: bool) -> None:
    servers = synthesise(1000, 1, one_domain=one_domain, bases=BASES)
    assert len(names(servers)) == 1000
    assert (len(servers) == 1) is one_domain
    assert all(len({tool["name"] for tool in one.tools}) == len(one.tools) for one in servers)
    assert len({server.domain for server in servers}) == len(servers)
    assert distinct_texts(servers) > 950


def test_nouns_are_renamed_throughout_a_server() -> None:
    known = {tool.name for base in BASES for tool in base}
    renamed = set(names(synthesise(500, 2, bases=BASES))) - known
    assert len(renamed) > 250


@pytest.mark.parametrize("one_domain", [False, True])
def test_what_is_synthesised_is_read_and_understood(one_domain: bool) -> None:
    catalog = synthetic_catalog(120, 5, one_domain=one_domain, bases=BASES)
    world = infer_world(catalog.tools)
    assert len(world.models) == len(catalog.tools) == 120
    assert infer_world(catalog.tools[::-1]) == world
    assert sum(model.operation != "compute" for model in world.models.values()) > 90


SCALARS = st.sampled_from(["string", "integer", "strin", "", None, 1, True, -1, 0.5, "(", "a+"])
KEYS = st.sampled_from(
    ["type", "description", "format", "minimum", "minLength", "pattern", "required", "properties",
     "items", "anyOf", "enum", "uniqueItems", "additionalProperties", "default", "other"]
)  # fmt: skip
SCHEMAS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(KEYS, inner, max_size=4),
        st.builds(lambda part: {"type": "object", "properties": {"a": part}}, inner),
    ),
    max_leaves=12,
)


@given(SCHEMAS)
@settings(max_examples=100, deadline=None)
def test_a_schema_is_refused_where_the_meta_schema_refuses_it(schema: Any) -> None:
    valid = not list(Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema))
    if valid:
        check_schema(schema, "here")
    else:
        with pytest.raises(InputError, match=r"."):
            check_schema(schema, "here")


def test_a_file_is_written_for_each_server(tmp_path: Path) -> None:
    from benchmarks.synthetic import write_servers

    servers = synthesise(150, 6, bases=BASES)
    paths = write_servers(servers, tmp_path)
    assert [path.stem for path in paths] == [server.domain for server in servers]
