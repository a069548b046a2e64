"""A trained model as a file that other programs run, ONNX, and the page that tells what it is.

In: a folder that the stage train wrote, and what the study around it knows of the model. Out: one `.onnx` file that
takes sounds, pictures or spectrograms and gives calibrated probabilities, and one Markdown file beside it.
It knows nothing of how a model is trained.
"""
