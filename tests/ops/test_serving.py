"""What a start does with the course: checked when it changed, taken as it was when not, refused when it is broken."""

import shutil
from pathlib import Path

import pytest

from app.core.compiled import KEPT
from app.ops.serving import POINTER, Stopped, checked_course, prepare
from config import Config

TINY = Path(__file__).parents[1] / "courses" / "tiny"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    shutil.copytree(TINY, tmp_path / "content")
    return Config(instance=tmp_path / "instance", content=tmp_path / "content")


def title(config: Config, old: str, new: str) -> None:
    file = config.content / "modules" / "one.md"
    file.write_text(file.read_text().replace(old, new, 1))


def test_a_second_start_takes_what_was_checked_and_changes_nothing(config: Config) -> None:
    first, _ = prepare(config)
    before = {path.name: path.stat().st_mtime_ns for path in config.instance.iterdir()}
    second, problems = prepare(config)
    assert (second, problems) == (first, [])
    assert {path.name: path.stat().st_mtime_ns for path in config.instance.iterdir()} == before


def test_an_edited_file_is_compiled_anew(config: Config) -> None:
    first, _ = prepare(config)
    title(config, "title: ", "title: New ")
    second, _ = prepare(config)
    assert second.release != first.release
    assert (config.instance / POINTER).read_text().strip() == f"{second.release}.json"


def test_a_broken_file_stops_the_start_and_leaves_what_was_there(config: Config) -> None:
    first, _ = prepare(config)
    title(config, "title: ", "title ")
    with pytest.raises(Stopped):
        prepare(config)
    assert (config.instance / POINTER).read_text().strip() == f"{first.release}.json"


def test_a_lost_compiled_file_is_made_again(config: Config) -> None:
    first, _ = prepare(config)
    (config.instance / f"{first.release}.json").unlink()
    assert prepare(config)[0] == first
    assert (config.instance / f"{first.release}.json").exists()


def test_commands_take_what_was_checked_for_the_server(config: Config) -> None:
    config.instance.mkdir()
    first, _ = prepare(config)
    (config.instance / KEPT).unlink()
    assert checked_course(config) == first
    assert not (config.instance / KEPT).exists()  # nothing was compiled


def test_commands_check_what_no_server_was_started_with(config: Config) -> None:
    checked = checked_course(config)
    assert checked == prepare(config)[0]
    title(config, "title: ", "title: New ")
    assert checked_course(config).release != checked.release
    title(config, "title: ", "title ")
    with pytest.raises(Stopped, match="errors; see `lontar check`"):
        checked_course(config)
