"""Episodes for those that train: each module here speaks one trainer's language.

They import nothing of this project but `pipeline.adapters` until a folder is to be opened in the
same process, so they run in a trainer's own environment against `toolweave serve`. What a module's
trainer is called stands in its name; ``docs/adapters.md`` has the table.
"""
