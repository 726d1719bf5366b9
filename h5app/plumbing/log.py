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
    r"password|secret|token|cookie|authorization|signature|ticket|openid|phone|id_card|aes_key|(^|(?<!error)_)code$",
    re.IGNORECASE,
)
_LONG_DIGITS = re.compile(r"(?<![0-9])[0-9]{6,18}(?![0-9])")
_TOKEN = re.compile(
    r"(?<![\w-])(?:[0-9a-f]{32,}|(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*[0-9])[\w-]{24,})(?![\w-])"
)
_QUERY = re.compile(r"\?[^\s\"']*=[^\s\"']*")
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


def scrubbed(text: str) -> str:
    """Return a text that is not ours to choose without account numbers, tokens and queries.

    Traces and the lines of other libraries may hold an address or a value as it came.
    """
    for pattern, word in ((_QUERY, "?***"), (_TOKEN, "***"), (_LONG_DIGITS, "***")):
        text = pattern.sub(word, text)
    return text


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a value that JSON does not know is written as its text."""
        values: dict[str, Any] | None = getattr(record, "values", None)
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, SHANGHAI).isoformat(
                timespec="milliseconds"
            ),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": scrubbed(record.getMessage()) if values is None else record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line.update({key: mask(key, value) for key, value in (values or {}).items()})
        if record.exc_info:
            line["trace"] = scrubbed(self.formatException(record.exc_info))
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


def web_server_settings(level: str) -> dict[str, Any]:
    """Return the dictConfig by which gunicorn's own lines are written as everybody's.

    Its DEBUG names the address of each request, which may hold a calendar's token: never that low.
    """
    handler = {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}
    its_level = "INFO" if level == "DEBUG" else level
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"stderr": handler},
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {
            "gunicorn.error": {"level": its_level, "handlers": ["stderr"], "propagate": False}
        },
    }
