"""datasets and mlcroissant: rows of each configuration and each record set of a folder."""

import sys
import tempfile

import datasets
import mlcroissant
from masks import tell

folder = sys.argv[1]
with tempfile.TemporaryDirectory() as cache:
    names = datasets.get_dataset_config_names(folder)
    configurations = {
        name: len(datasets.load_dataset(folder, name, split="train", cache_dir=cache))
        for name in names
    }
described = mlcroissant.Dataset(jsonld=f"{folder}/croissant.json")
tell({
    "configurations": configurations,
    "records": {
        one.name: sum(1 for _ in described.records(record_set=one.name))
        for one in described.metadata.record_sets
    },
    "faults": sorted(described.metadata.ctx.issues.errors),
})  # fmt: skip
