"""The commands that people run beside the pipeline, a module each.

A module has `add_arguments`, which describes its arguments to argparse, and `main`, which runs the command. Results go
to standard output, all else is logged.
"""
