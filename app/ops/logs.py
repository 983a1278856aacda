"""What a process of the server says of itself: one JSON object a line on standard error, which journals keep as it is.

Nobody is named: messages hold kinds and places of errors, never what people wrote (`app.web.errors.told`).
"""

import json
import logging
from datetime import UTC, datetime

NAME = "lontar"
REQUESTS = f"{NAME}.requests"


class Lines(logging.Formatter):
    """A record as JSON: time in UTC, level, process, then its message, or the fields it was given as `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; an error of several lines stays one."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": record.process,
        }
        fields = getattr(record, "fields", None) or {"message": record.getMessage()}
        return json.dumps(line | fields, ensure_ascii=False)


def begin(requests: bool) -> None:
    """Log from now on, each request, too, if so told. A second call changes nothing but that."""
    logging.getLogger(REQUESTS).setLevel(logging.INFO if requests else logging.WARNING)
    logger = logging.getLogger(NAME)
    if not any(isinstance(one.formatter, Lines) for one in logger.handlers):
        handler = logging.StreamHandler()
        handler.setFormatter(Lines())
        logger.addHandler(handler)
