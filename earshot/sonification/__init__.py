"""Pictures to sounds and back, and how much of a picture survives.

In and out: a picture is float32, shape (rows, columns), 0 to 1, row 0 at the top; its sound is float32, shape
(samples,), with its peak at 1. `sonify` makes sounds, `read_out` gives pictures back, `channel` disturbs the sound in
between, `fidelity` measures what is left. All settings come as `config.Sonify`.
It knows no data set and no models; only `pictures`, which the stage sonify runs, reads files.
"""
