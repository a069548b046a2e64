"""Sounds and spectrograms as arrays: transforms and their inverses, filters, clips, noise and axes.

In and out: a sound is float32, shape (samples,), from -1 to 1; a spectrogram is (bins or bands, frames), the first
row the lowest frequency. Sizes come as arguments named as in librosa, or as `config.Features`. The modules `torch_*`
do the same for many sounds at once on a torch device, within rounding.
It knows no files, no data set and no pictures.
"""
