"""`python -m exitjoin` is the command line."""

import sys

from exitjoin.cli import main

sys.exit(main())
