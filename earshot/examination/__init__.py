"""The data set examined before it is believed: near-duplicates, wrong labels, shortcuts, groups that names suggest.

In: the items as tables, and their files, opened once. Out: tables with one row an item (what was measured of it), a
pair (near-duplicates) or a check (what was looked for, whether it was found, and the line that mends it).
Conventions: a *descriptor* is a small array of fixed size that stands for what an item looks or sounds like, an
*envelope* how loud the bands of a sound are over time. Nothing is ever changed or left out here: a finding is told, and
the user decides.
The room does not know what the study's models are or say.
"""
