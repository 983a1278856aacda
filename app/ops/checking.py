"""The check as commands run it: quickly, without the database and the server, which `ops.serving` brings along."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from app.core.compiled import KEPT, read_library
from app.core.content import Library, Problem
from config import Config

POINTER = "library.current"


class Stopped(RuntimeError):
    """A command that cannot go on; the message is one line that says why and what to do."""


def check(config: Config) -> tuple[Library | None, list[Problem]]:
    """The library, or None where there are errors, and all problems. Raises Stopped without a content folder."""
    from app.core.load import load  # brings what reads Markdown and YAML, for which a second start has no use

    return load(content_of(config), **rules(config), kept=config.instance / KEPT)


def rules(config: Config) -> dict[str, Any]:
    """What the check goes by, beside the files."""
    return {"figure_months": config.figure_months, "today": date.today(), "before": compiled(config)}


def compiled(config: Config) -> Library | None:
    """The library that the workers are pointed at; None where nothing was compiled yet."""
    try:
        return read_library(config.instance / (config.instance / POINTER).read_text().strip())
    except (OSError, msgspec.MsgspecError):
        return None


def content_of(config: Config) -> Path:
    if not config.content.is_dir():
        raise Stopped(f"there is no content folder {config.content}; set LONTAR_CONTENT")
    return config.content


def with_content(config: Config, content: Path | None) -> Config:
    return replace(config, content=content.absolute()) if content else config
