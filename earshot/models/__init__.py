"""The models: one file each, with a `build` whose signature is the schema of its block in the zoo.

In go a name, settings and the shape of the arrays; out comes a torch module that takes (batch, bands, frames) and
gives logits, and a folder that holds its weights and its card. The room knows nothing of how a model is trained, of
the data set, or of where the study keeps its files.
"""
