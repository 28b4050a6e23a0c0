"""Lines on standard error: one event, one line, as text for people or as JSON for machines; never a traceback, which could carry
content."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

from pimgate.cli.desk import printable
from pimgate.settings import Log, LogForm

QUIET = ("uvicorn", "uvicorn.error", "alembic", "asyncio", "sqlalchemy", "radicale")
"""Loggers of libraries, of whom only warnings are of interest."""


def configure(chosen: Log) -> None:
    """Log as the settings say, from now on and for the whole process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if chosen.form is LogForm.JSON else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


class TextLines(logging.Formatter):
    """`2026-01-31 08:30:00 INFO pimgate.access ...`, in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%d %H:%M:%S")
        return printable(f"{at} {record.levelname} {record.name} {_message(record)}")


class JsonLines(logging.Formatter):
    """`{"at": 1769848200.123, "level": "INFO", "logger": "pimgate", "message": "..."}`; for requests their facts instead of a
    message."""

    def format(self, record: logging.LogRecord) -> str:
        facts = {"at": round(record.created, 3), "level": record.levelname, "logger": record.name}
        message = _message(record)
        return json.dumps(facts | (_facts(message) if record.name == "pimgate.access" else {"message": message}))


def _facts(message: str) -> dict[str, object]:
    try:
        found = json.loads(message)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"message": message}


def _message(record: logging.LogRecord) -> str:
    """The message; of an exception only its name and place, and of a traceback in the text only the last line's name."""
    text = record.getMessage()
    if text.startswith("Traceback"):
        text = text.rstrip().rpartition("\n")[2].partition(":")[0]
    if record.exc_info and record.exc_info[0] is not None:
        frames = traceback.extract_tb(record.exc_info[2])
        place = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
        text = f"{text} ({record.exc_info[0].__name__}{place})"
    return text
