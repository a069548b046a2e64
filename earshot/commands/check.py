"""Say what in params.yaml cannot be used, before anything runs."""

from earshot.params import load, validate


def add_arguments(parser):
    pass


def main(arguments):
    validate(load())
