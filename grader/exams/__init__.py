"""How one kind of task questions a submission: one module a kind, found by the name in
task.toml.
"""
