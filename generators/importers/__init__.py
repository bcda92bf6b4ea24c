"""Importers: files of tool definitions, in the forms that others write, become one catalogue.

`read` is the way in. `document` loads a file, one module a format finds the tools in it,
`normalise` brings their schemas to one dialect, `naming` and `effect` decide what the source
leaves open.
What the tools mean for one another is left to inference and graph.
"""

from generators.importers.files import NamedDocument
from generators.importers.formats import FORMATS
from generators.importers.read import read_catalog

__all__ = ["FORMATS", "NamedDocument", "read_catalog"]
