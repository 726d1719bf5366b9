"""JSON logs: one event a line, key=value, with the request id; secrets are masked at one place."""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from h5app.kernel.clock import SHANGHAI

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered; empty outside of one."""

_MASKED_KEYS = re.compile(
    r"password|secret|token|cookie|authorization|signature|ticket|openid|phone|id_card|aes_key|(^|_)code$",
    re.IGNORECASE,
)
_LONG_DIGITS = re.compile(r"(?<![0-9])[0-9]{6,18}(?![0-9])")
_ACCOUNT_KEYS = re.compile(r"account$|account_number", re.IGNORECASE)


class Logger:
    """Writes events with named values through the standard library."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def info(self, event: str, **values: object) -> None:
        """Write something that happened as it should."""
        self._logger.info(event, extra={"values": values})

    def warning(self, event: str, **values: object) -> None:
        """Write something an operator may want to look at."""
        self._logger.warning(event, extra={"values": values})

    def error(self, event: str, **values: object) -> None:
        """Write something an operator must look at."""
        self._logger.error(event, extra={"values": values})

    def exception(self, event: str, **values: object) -> None:
        """Write an error with the trace of the exception being handled."""
        self._logger.exception(event, extra={"values": values})


def get_logger(name: str) -> Logger:
    """Return the logger of a module."""
    return Logger(name)


def mask(key: str, value: object) -> object:
    """Return what a log line may show of a value under this key."""
    if _MASKED_KEYS.search(key):
        return "***"
    if _ACCOUNT_KEYS.search(key) and isinstance(value, str):
        return f"****{value[-4:]}"
    return value


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a value that JSON does not know is written as its text."""
        values: dict[str, Any] = getattr(record, "values", {})
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, SHANGHAI).isoformat(
                timespec="milliseconds"
            ),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line.update({key: mask(key, value) for key, value in values.items()})
        if record.exc_info:
            line["trace"] = _LONG_DIGITS.sub("***", self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(level: str) -> None:
    """Send all logs of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("urllib3", "gunicorn.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
