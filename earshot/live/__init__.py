"""A page on this machine to draw, record and try things on: what one hears and sees, and what each model says.

In: the folder of trained models, and the study around it where there is one; then pictures and sounds from the browser.
Out: one HTML page, and JSON with the answers, the numbers of `earshot predict`.
Nothing is kept on disk (ffmpeg reads a sound from a temporary file), and the page asks for nothing but this server.
"""
