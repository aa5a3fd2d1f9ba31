"""How fast and how small a model is, against par on the same machine in the same run.

`stopwatch` asks boxes by turns, `companions` has par's box and the null box ready for it, `par`
keeps the reference's own figures, `estimates` turns seconds into figures with intervals. Clocks and
memory counters are the host's; nothing a submission says is used.
"""
