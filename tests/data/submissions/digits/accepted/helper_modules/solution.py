"""The work is done in a package beside the solution."""

from parts.nearest import train

__all__ = ["train"]
