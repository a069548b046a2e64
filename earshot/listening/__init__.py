"""People as models: a page on which they listen to test items and name them, and the files that come back from it.

In go the items of a study, their sounds, and files of answers; out come the page, and a table of answers for each
subset, which `earshot.evaluation.listeners` scores as it scores models. It knows nothing of what models say.
"""
