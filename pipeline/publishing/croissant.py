"""Croissant, the machine-readable description of a data set's files and columns.

Record sets are those of the tables: a column of nested objects cannot be streamed by its readers.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipeline.publishing.card import Part
from schemas.record import JsonObject

_CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/", "dct": "http://purl.org/dc/terms/",
    "citeAs": "cr:citeAs", "column": "cr:column", "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "extract": "cr:extract",
    "field": "cr:field", "fileObject": "cr:fileObject", "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet", "format": "cr:format", "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key",
    "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path",
    "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex",
    "repeated": "cr:repeated", "replace": "cr:replace", "separator": "cr:separator",
    "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"}, "rai": "http://mlcommons.org/croissant/RAI/",
    "samplingRate": "cr:samplingRate",
}  # fmt: skip
"""As the specification of 1.0 has it."""
_ENCODINGS = {".jsonl": "application/jsonlines", ".parquet": "application/x-parquet"}
_TYPES = {
    "VARCHAR": "sc:Text", "BOOLEAN": "sc:Boolean", "BIGINT": "sc:Integer", "INTEGER": "sc:Integer",
    "UBIGINT": "sc:Integer", "DOUBLE": "sc:Float",
}  # fmt: skip


def write_croissant(
    folder: Path, parts: Sequence[Part], name: str, about: str, licence: str, version: str
) -> str:
    """The file croissant.json of a data set whose files lie in ``folder``."""
    hashes = {}
    for part in parts:
        with (folder / part.file).open("rb") as file:
            hashes[part.file] = hashlib.file_digest(file, "sha256").hexdigest()
    files = [
        {
            "@type": "cr:FileObject",
            "@id": part.file,
            "name": part.name if part.split == "train" else f"{part.name}-{part.split}",
            "description": part.about,
            "contentUrl": part.file,
            "encodingFormat": _ENCODINGS[Path(part.file).suffix],
            "sha256": hashes[part.file],
        }
        for part in parts
    ]
    tables = [part for part in parts if part.file.endswith(".parquet")]
    whole = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": name,
        "description": about,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "version": version,
        **({"license": licence} if licence else {}),
        "distribution": files,
        "recordSet": [_records(folder, part) for part in tables],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _records(folder: Path, part: Part) -> JsonObject:
    path = str(folder / part.file).replace("'", "''")
    with duckdb.connect() as connection:
        columns = connection.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"{part.name}/{column}",
            "name": column,
            "dataType": _TYPES[kind],
            "source": {"fileObject": {"@id": part.file}, "extract": {"column": column}},
        }
        for column, kind, *_ in columns
        if kind in _TYPES
    ]
    about = {"name": part.name, "description": part.about, "field": fields}
    return {"@type": "cr:RecordSet", "@id": part.name, **about}
