"""`python -m localsearch`: the command line, whichever `localsearch` is first on PATH."""

import sys

if not sys.flags.safe_path:
    del sys.path[0]  # the current folder: a `typer.py` among documents is no part of this program

from localsearch.cli.main import main

main()
