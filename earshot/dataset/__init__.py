"""The data set as tables: its items, their groups and folds, and the part that each item plays.

In: a folder or a CSV of labels, and the settings of `dataset`, `balance`, `split` and `cv`.
Out: DataFrames with one row an item (data/index.csv, data/balanced.csv, data/split.csv) or one row a clip, and
dicts of numbers about them. Each bad file and each split that cannot be made is an EarshotError.
The room does not know what features, models or results are.
"""
