"""The arrays that models see, of an item of a data set or of a raw file, and the variants of a sound.

In: a picture, a sound or a spectrogram, as a path or as bytes, and `config.ModelInput`, which says what to make of it.
Out: float32, shape (clips, bands, frames), and the second at which each clip starts. `lengths` gives all arrays of a
study one shape, `augment` varies the training sounds.
It knows no model and no labels.
"""
