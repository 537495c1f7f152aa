"""`python -m localsearch`: the command line, whichever `localsearch` is first on PATH."""

from localsearch.cli.main import main

main()
