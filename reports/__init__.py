"""Results -> a static site that opens from disk without a network.

Everything here reads results and writes pages. It runs nothing, grades nothing and changes no
result.
"""
