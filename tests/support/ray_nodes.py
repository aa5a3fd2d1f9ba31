"""A real Ray cluster of several nodes on this computer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MIB = 1 << 20
# A dead node is noticed within seconds, not within a quarter of a minute.
NOTICED_SOON = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 500,
    "health_check_failure_threshold": 3,
}


def size_of_a_node(cores: int = 2, memory_mib: int = 2048) -> dict[str, Any]:
    """Return what `Cluster.add_node` is told of a node's size."""
    return {
        "num_cpus": cores,
        "memory": memory_mib * MIB,
        "object_store_memory": 80 * MIB,
        "include_dashboard": False,
    }


@contextmanager
def ray_cluster(nodes: int, cores: int = 2, memory_mib: int = 2048) -> Iterator[Any]:
    """Give a `ray.cluster_utils.Cluster`; its head is the first of the nodes."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    size = size_of_a_node(cores, memory_mib)
    head = size | {"_system_config": NOTICED_SOON}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        for _ in range(nodes - 1):
            cluster.add_node(wait=False, **size)
        cluster.wait_for_nodes()
        yield cluster
    finally:
        cluster.shutdown()
