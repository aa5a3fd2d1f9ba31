"""The nodes of a cluster, and what each lacks for grading, as people read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.grading.engines.ray import Node

GIB = 1 << 30
READY = "ready"


def node_rows(nodes: Sequence[Node]) -> list[tuple[str, ...]]:
    """Return a row for each node and thing it lacks: name, size, jobs, what, the command."""
    rows: list[tuple[str, ...]] = []
    for node in nodes:
        size = f"{node.cores} cores, {node.memory_bytes / GIB:.0f} GiB"
        if node.gpus:
            size += f", {node.gpus} GPUs"
        if not node.lacks:
            rows.append((node.name, size, str(node.jobs), READY, ""))
        for lack in node.lacks:
            rows.append((node.name, size, "0", f"lacks {lack.what}", lack.command))
    return rows


def what_is_lacking(nodes: Sequence[Node]) -> list[str]:
    """Return a line for each thing that keeps a node from grading."""
    return [
        f"node {node.name} gets no work: it lacks {lack.what}; there: {lack.command}"
        for node in nodes
        for lack in node.lacks
    ]


def as_dict(node: Node) -> dict[str, Any]:
    """Return a node for programs."""
    return {
        "node": node.name,
        "cores": node.cores,
        "memory_bytes": node.memory_bytes,
        "gpus": node.gpus,
        "jobs": node.jobs,
        "lacks": [{"what": lack.what, "command": lack.command} for lack in node.lacks],
    }
