"""Pretrained models of other people, run over sounds without being trained: from a waveform to vectors.

In: a file of a model (ONNX or TFLite) and the block `embedding`, and sounds at the model's sample rate.
Out: for each sound float32, shape (dimensions, windows), or (dimensions, 1) where the windows are pooled.
A file is data: nothing of it is unpickled, and no code of it runs. It knows no data set and no classifier.
"""
