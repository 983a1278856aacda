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
RELEASES = "releases"  # the folder of what was published, and in it CURRENT, the number of the release that is served
CURRENT = "current"


class Stopped(RuntimeError):
    """A command that cannot go on; the message is one line that says why and what to do."""


def check(config: Config) -> tuple[Library | None, list[Problem]]:
    """The library, or None where there are errors, and all problems. Raises Stopped without a content folder."""
    from app.core.load import load  # brings what reads Markdown and YAML, for which a second start has no use

    return load(existing(config), **rules(config), kept=config.instance / KEPT)


def rules(config: Config) -> dict[str, Any]:
    """What the check goes by, beside the files."""
    return {"figure_months": config.figure_months, "today": date.today(), "before": compiled(config)}


def compiled(config: Config) -> Library | None:
    """The library that the workers are pointed at; None where nothing was compiled yet."""
    try:
        return read_library(config.instance / (config.instance / POINTER).read_text().strip())
    except (OSError, msgspec.MsgspecError):
        return None


def existing(config: Config) -> Path:
    """The content root of the settings. Raises Stopped where there is none."""
    if not config.content.is_dir():
        raise Stopped(f"there is no content folder {config.content}; set LONTAR_CONTENT")
    return config.content


def content_of(config: Config) -> int:
    """The number of the release whose files are served; 0 for the content root of the settings."""
    try:
        text = (config.instance / RELEASES / CURRENT).read_text().strip()
    except OSError:
        return 0
    return int(text) if text.isascii() and text.isdigit() else 0


def folder_of(config: Config, release: int) -> Path:
    """Where the files of a release stand; 0: the content root."""
    return config.instance / RELEASES / str(release) if release else config.content


def root(config: Config) -> Path:
    """The content root that is served: what was published, or that of the settings. Raises Stopped where it is lost."""
    release = content_of(config)
    folder = folder_of(config, release)
    if release and not folder.is_dir():
        raise Stopped(
            f"release {release} of the course is to be served, but its folder {folder} is missing; "
            "`lontar reload` makes it anew from the records"
        )
    return folder


def actual(config: Config) -> Config:
    """The settings with the content root that is served."""
    return replace(config, content=root(config))


def with_content(config: Config, content: Path | None) -> Config:
    """The settings with the content root that a command was given, or else the one that is served."""
    return replace(config, content=content.absolute()) if content else actual(config)
