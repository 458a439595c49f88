"""``python -m aiobadges.sandbox``."""

import sys

from aiobadges.sandbox.command import main

sys.exit(main())
