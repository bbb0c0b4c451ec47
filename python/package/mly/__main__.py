"""`python -m mly` is the command `mly`."""

import sys

from mly._cli import main

if __name__ == "__main__":
    sys.exit(main())
