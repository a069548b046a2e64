"""What notebooks and scripts use, as `earshot.load`, `earshot.sonify` and so on: docs/notebook.ipynb shows it.

In: paths of files, pictures and sounds as arrays. Out: arrays, sounds that a notebook plays, answers, pandas tables.
Settings are keywords with the names that params.yaml has. No stage imports this room.
"""
