"""The only code of ours beside a learner's. It imports the standard library, NumPy and, lazily, a
framework.

Nothing here is trusted by the host: whatever a runner answers is checked as if a stranger had sent
it.
"""
