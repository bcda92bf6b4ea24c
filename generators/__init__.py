"""From catalogue files to dialogues: importers, graph, sampler, sandbox, blueprints, roles."""
