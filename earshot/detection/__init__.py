"""What a model hears in recordings of any length, and when.

In: a trained model of sounds and a recording. Out: the classes' probabilities in each window, events (windows of one
class, joined), and the tables of them that Raven, Audacity and spreadsheets read.
Conventions: a window is as long as what the model hears at once. Times are samples at the model's sample rate until a
table is written, in seconds there. A recording is read in blocks, and memory does not grow with its length.
"""
