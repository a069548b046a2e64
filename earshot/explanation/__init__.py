"""Which places of an array a model decides by, and whether the maps that say so mean something.

In: the runs of a model, its clips and the block `gradcam`.
Out: maps (float32, 0 to 1, shape of the clips), the numbers of the checks, and sheets as PNG bytes.
The room does not know where outputs lie, nor how models are trained or compared. `masked_audio` and
`heard` alone read files.
"""
