"""Shards of items on disk: their formats, building them on cores or a cluster, reuse of what is as before."""
