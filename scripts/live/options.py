"""Command lines of the live test."""

import argparse


class Parser(argparse.ArgumentParser):
    """Ends with 64 where it is used wrongly: 2 means that there are differences."""

    def __init__(self, name, description):
        super().__init__(prog=name, description=description, formatter_class=argparse.RawDescriptionHelpFormatter)

    def error(self, message):
        self.exit(64, f"{self.prog}: {message}\n")
