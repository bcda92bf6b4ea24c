"""What the tools of a catalogue do: entities, operations, meanings, told from specifications.

`infer.infer_world` is the way in; it takes tools and gives a `generators.world.model.World`.
"""
