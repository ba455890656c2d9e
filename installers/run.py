"""Second Unit's front door: ``run.py demo`` and ``run.py test`` need Python 3.11 and nothing else.

This one file is read by every Python there is, so that an old one can say what is missing.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an old Python must get a sentence, not a SyntaxError
    sys.stderr.write(
        "Second Unit needs Python 3.11 or newer; this is Python "
        + ".".join([str(part) for part in sys.version_info[:3]])
        + ". Install a newer Python and run the same command with it.\n"
    )
    sys.exit(1)

from commands import main  # beside this file; Python puts a script's folder on its path

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
