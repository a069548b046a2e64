"""How well a model does, and what may be claimed of it.

Tables of predictions and of groups come in; scores, intervals, comparisons, warnings and a verdict go out, as plain
numbers, tables and sentences. This room opens no model and no sound, and reads no file but the curves of training.
Conventions: an accuracy is a share from 0 to 1, a limit covers 95 %, a group is never cut by a resample.
"""
