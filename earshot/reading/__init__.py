"""Files opened, checked and turned into arrays: pictures, sounds, ready spectrograms, and members of tars.

In: the path of a file, or its bytes, and the name that errors call it. Out: a picture as float32 (rows, columns), 0 to
1; a sound as float32 (samples,) in mono; a spectrogram as float32 (bands, frames). Every fault of a file, damage in
its header or NaN in its values, is an EarshotError that names the file and says what to do.
It knows no data set: what an item is and where its file lies is told by the caller.
"""
