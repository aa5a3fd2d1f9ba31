"""This computer: what it is, what is kept on it between runs, and which process made what.

The room owns the facts that the operating system gives (cores, GPUs, load), the cache folder and
the marks on things that outlive a killed grader. It imports nothing of ours but the ground floor,
and knows nothing of tasks, submissions or boxes. What leaves it are plain values, paths and
`GraderError`s that say which folder or driver is in the way.
"""
