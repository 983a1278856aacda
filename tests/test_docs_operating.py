"""The operators' guide is true: every setting and every command stands in it, and what it shows exists."""

import ast
import configparser
import re
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import click
import pytest

from app.cli import main
from app.ops import restore
from app.records.engine import HEAD
from config import ROOT, Config

GUIDE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
ENVIRONMENT = {one.name: one for one in fields(Config) if one.metadata.get("environment", True)}


def meanings() -> dict[str, str]:
    """The docstring under each attribute of Config."""
    tree = ast.parse((ROOT / "config.py").read_text(encoding="utf-8"))
    body = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Config").body
    return {
        first.target.id: second.value.value
        for first, second in pairwise(body)
        if isinstance(first, ast.AnnAssign)
        and isinstance(first.target, ast.Name)
        and isinstance(second, ast.Expr)
        and isinstance(second.value, ast.Constant)
    }


def shown(default: object) -> str:
    """A default as the table prints it."""
    if isinstance(default, Path) and default != Path():
        rest = default.relative_to(ROOT)
        return "the checkout" if rest == Path() else f"`{rest}/` in the checkout"
    if isinstance(default, tuple):
        return f"`{','.join(default)}`"
    if isinstance(default, bool):
        return f"`{int(default)}`"
    return f"`{default}`" if default not in ("", Path()) else "empty"


def test_the_table_of_settings_is_that_of_config() -> None:
    told = meanings()
    expected = [
        f"| `LONTAR_{name.upper()}` | {shown(one.default)} | {told[name]} |" for name, one in ENVIRONMENT.items()
    ]
    assert re.findall(r"^\| `LONTAR_\w+` \|.*$", GUIDE, re.M) == expected


def test_no_other_setting_is_named() -> None:
    named = set(re.findall(r"LONTAR_([A-Z_]+[A-Z])", GUIDE))
    assert named <= {name.upper() for name in ENVIRONMENT}


def commands(group: click.Group = main, path: str = "lontar") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def parts() -> dict[str, str]:
    """The text under each heading."""
    found = re.split(r"^(#{1,3}) (.+)$", GUIDE, flags=re.M)
    return dict(zip(found[2::3], found[3::3], strict=True))


def test_every_command_has_its_heading_and_its_options() -> None:
    told = parts()
    assert {title.strip("`") for title in told if title.startswith("`lontar ")} == {name for name, _ in commands()}
    missing = [
        f"{name} {option}"
        for name, command in commands()
        for one in command.params
        if isinstance(one, click.Option)
        for option in one.opts
        if option not in told[f"`{name}`"]
    ]
    assert missing == []


@pytest.mark.parametrize("text", [text for kind, text in BLOCK.findall(GUIDE) if kind in ("console", "ini", "sh")])
def test_commands_that_are_shown_exist(text: str) -> None:
    known = {name for name, _ in commands()}
    shown = re.findall(
        r"(?:^[$#] |/bin/)lontar ((?:user |export |import |certificate |keys )?[a-z]+)((?: --[a-z]+)*)", text, re.M
    )
    assert [name for name, _ in shown if f"lontar {name}" not in known] == []
    options = {name: {option for one in command.params for option in one.opts} for name, command in commands()}
    assert [(name, used) for name, used in shown if not set(used.split()) <= options[f"lontar {name}"]] == []


def test_units_run_as_one_user_with_one_environment() -> None:
    units = [text for kind, text in BLOCK.findall(GUIDE) if kind == "ini"]
    services = []
    for text in units:
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str
        unit.read_string(text)
        if unit.has_section("Service"):
            services.append({name: unit["Service"][name] for name in ("User", "EnvironmentFile", "UMask")})
    assert len(units) == 5
    assert services == [{"User": "lontar", "EnvironmentFile": "/etc/lontar.env", "UMask": "0077"}] * 3


def test_the_environment_that_is_shown_is_a_site() -> None:
    (text,) = [text for kind, text in BLOCK.findall(GUIDE) if kind == "sh" and "LONTAR_INSTANCE" in text]
    values = dict(line.split("=", 1) for line in text.splitlines())
    config = Config.from_environment({name: value.strip('"') for name, value in values.items()})
    assert (config.secure, config.loopback, config.trusted_proxies) == (True, False, 1)


def test_what_the_drill_prints_is_what_commands_print() -> None:
    """The words of the transcripts come from the program as it is now."""
    contents = restore.Contents(HEAD, {"accounts": 201, "attempts": 490, "certificates": 196}, None, (), 0, None)
    lost = {"accounts": 3, "attempts": 11, "certificates": 3}
    aside = "/var/lib/lontar/lontar.sqlite.before-restore-20261122T032751Z"
    told = restore.tell(restore.Restored(contents, aside, 1, lost))
    said = restore.describe(contents, Config())
    assert [line for line in told if line not in GUIDE] == []
    assert said[0].replace("never.", "2026-11-21 18:09 UTC.") in GUIDE
    assert said[1] in GUIDE
