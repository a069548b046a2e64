"""A model learns: batches, augmentation, losses, the optimizer, epochs, runs, checkpoints, folds of cross-validation.

In go labelled clips of `data/features`, a recipe (model, settings, normalization, trainer) and a seed; out come the
best epoch's weights in the model, a row of scores an epoch, the model's card and the class probabilities of clips.
The room knows nothing of how arrays are made, of plots and of the report; where files lie it asks core/paths.py.
"""
