"""Figures of arrays with their axes, the tables that DVC draws as charts, and the charts of a sweep and of changes.

In: arrays and tables, of the index, of the metrics or of a sweep.
Out: PNG bytes that repeat, and DataFrames or JSON that Vega draws.
The room does not train, does not score, and does not know how the report is laid out. Only `examples` reads files.
"""
