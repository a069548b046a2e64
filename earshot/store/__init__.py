"""Shards of items on disk: what each stage with many items writes, and how it is made on all cores.

In: a table of elements, and a function that makes the piece of each, `build_shards`. Out: tars of sounds or arrays
that other tools read, with tables beside them; the same bytes whatever was taken over, on one core or on a cluster.
Also here: files as a revision in Git or DVC's cache has them, and whether dvc.lock is up to date.
The room knows where work is done. It does not know what is in a shard, nor what a sound or a model is.
"""
