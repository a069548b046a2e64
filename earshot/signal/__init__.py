"""Sound and spectrograms as arrays: transforms and their inverses, in numpy and in torch."""
