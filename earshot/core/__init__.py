"""What every room may use: errors, files, paths, names and their order, random numbers, devices, the
process and what other processes are at work.

In: plain values. Out: files that are written whole, generators that hang on a name and the seed alone, the
fingerprint of code and libraries, errors that a user can mend.
The room imports no other, and knows nothing of sounds, pictures, models or params.
"""
