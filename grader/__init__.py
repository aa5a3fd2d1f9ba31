"""A grader and benchmark for people who learn deep learning.

Data flows one way: submission -> box -> measurements -> score -> store -> report.
"""

__version__ = "0.1.0"
