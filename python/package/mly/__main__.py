"""`python -m mly` is the command `mly`."""

import sys

from mly._cli import main

sys.exit(main())
