"""The same calls on the workers of a Dask scheduler."""

from workbench.report.cluster.cluster import open_cluster

__all__ = ["open_cluster"]
