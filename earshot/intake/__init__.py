"""A data set that nobody has described yet: what it is, and the settings that fit it and this machine.

In: a folder. Out: a Survey of what lies there, Guesses, each a setting with its value and its reason, an estimate of
the time that a study takes, and a params.yaml that says all of it.
The room does not ask the user: whoever calls it does, and hands the answers on.
"""
