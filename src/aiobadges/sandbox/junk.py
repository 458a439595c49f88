"""Keeps nonsense on the wire out of the log: a client that speaks no HTTP is no fault of the server.

aiohttp answers it with 400 on its own, but logs a traceback for each.
"""

from __future__ import annotations

import logging
from typing import Final

from aiohttp.http_exceptions import HttpProcessingError

__all__ = ["LOGGER"]


class _WithoutJunk(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError | ConnectionError)


LOGGER: Final = logging.getLogger("aiobadges.sandbox")
LOGGER.addFilter(_WithoutJunk())
