"""Publishing: what is served changes at once and wholly, or not at all; it is undone, and made again from records."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from app.cli import main
from app.cli_publish import told
from app.core.compiled import KEPT, read_library
from app.ops import backup, check_release, check_settings, doctor, planning, releases, restore, serving
from app.ops.findings import Site
from app.ops.releases import Broken, Change, Moved, Published
from app.ops.serving import POINTER, Stopped
from app.records import audit, hot
from app.records import releases as kept
from app.records.engine import open_session
from config import Config
from tests.ops.bars import SILENT

TINY = Path(__file__).parents[1] / "courses" / "tiny"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MODULE = (TINY / "modules" / "two.md").read_text()


@pytest.fixture
def site(tmp_path: Path, drafts: Path, sqlite_template: Path) -> Config:
    """A site on SQLite that has started before."""
    shutil.copytree(TINY, tmp_path / "content")
    (tmp_path / "instance").mkdir(mode=0o700)
    shutil.copyfile(drafts, tmp_path / "instance" / KEPT)
    shutil.copyfile(sqlite_template, tmp_path / "instance" / "lontar.sqlite")
    return Config(instance=tmp_path / "instance", content=tmp_path / "content")


@pytest.fixture
def engine(site: Config) -> Iterator[Engine]:
    made = serving.open_database(site)
    serving.prepare(site)
    yield made
    hot.close(made)


def module(title: str) -> dict[str, bytes]:
    return {"modules/two.md": MODULE.replace("title: The second module", f"title: {title}").encode()}


def publish(engine: Engine, site: Config, files: dict[str, bytes], whole: bool = False, minutes: int = 0) -> Published:
    change = Change(files, whole, releases.base(site).mark)
    return releases.publish(engine, site, change, None, NOW + timedelta(minutes=minutes))


def served(site: Config) -> str:
    """The title of the module that the workers would read now."""
    library = read_library(site.instance / (site.instance / POINTER).read_text().strip())
    return library.modules["two"].texts["en"].title


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_release_is_served_listed_undone_and_leaves_the_content_root_alone(engine: Engine, site: Config) -> None:
    before = everything(site.content)
    first = publish(engine, site, module("First"))
    assert (served(site), first.entry.number, first.pid) == ("First", 1, None)
    assert serving.root(site) == site.instance / "releases" / "1"
    publish(engine, site, module("Second"), minutes=1)
    assert served(site) == "Second"
    undone = releases.undo(engine, site, None, NOW + timedelta(minutes=2), expected=2)
    assert (served(site), undone.entry.content) == ("First", 1)
    with pytest.raises(Moved):
        releases.undo(engine, site, None, NOW, expected=2)
    releases.undo(engine, site, None, NOW + timedelta(minutes=3))
    assert (served(site), serving.root(site)) == ("The second module", site.content)
    with pytest.raises(Stopped, match="nothing is published"):
        releases.undo(engine, site, None, NOW)
    with open_session(engine, write=False) as session:
        rows = [(one.number, one.deed, one.content, one.before, one.changes.changed) for one in kept.latest(session)]
        assert audit.verify_chain(session) is None
        assert [row.deed for row in audit.latest(session)] == ["undo", "undo", "publish", "publish"]
    deeds = [(4, "undo", 0, 1), (3, "undo", 1, 2), (2, "publish", 2, 1), (1, "publish", 1, 0)]
    assert [row[:4] for row in rows] == deeds
    assert {row[4] for row in rows} == {("modules/two.md",)}
    assert everything(site.content) == before


def test_what_is_refused_changes_nothing(engine: Engine, site: Config) -> None:
    publish(engine, site, module("First"))
    mark = releases.base(site).mark

    def state() -> tuple[object, ...]:
        with open_session(engine, write=False) as session:
            rows = len(kept.latest(session))
        folders = sorted(path.name for path in (site.instance / "releases").iterdir())
        return rows, folders, served(site), releases.base(site).mark, len(list(site.instance.glob("*.json")))

    before = state()
    refused: list[tuple[dict[str, bytes], bool, str, type[Stopped]]] = [
        (module("x").copy() | {"modules/three.md": b"no front"}, False, mark, Broken),
        ({"modules/two.md": b"\xff\xfe"}, False, mark, Broken),
        ({"../two.md": b"x"}, False, mark, Stopped),
        ({"modules/../../x.md": b"x"}, False, mark, Stopped),
        ({"quizzes/.hidden": b"x"}, False, mark, Stopped),
        (module("Second"), True, mark, Broken),  # not a whole course
        (module("First"), False, mark, Stopped),  # just what is served
        (module("Second"), False, "0-abc", Moved),  # planned for another course
    ]
    for files, whole, base, kind in refused:
        with pytest.raises(kind):
            releases.publish(engine, site, Change(files, whole, base), None, NOW)
        assert state() == before


@pytest.mark.parametrize("place", ["_put_in_place", "_add"])
def test_what_is_interrupted_before_its_row_changes_nothing(
    engine: Engine, site: Config, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(releases, place, cut)
    with pytest.raises(KeyboardInterrupt):
        publish(engine, site, module("First"))
    monkeypatch.undo()
    assert (served(site), serving.root(site)) == ("The second module", site.content)
    assert publish(engine, site, module("First")).entry.number == 1


def test_what_is_interrupted_after_its_row_is_finished_by_the_next_start(
    engine: Engine, site: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(releases, "_serve", cut)
    with pytest.raises(KeyboardInterrupt):
        publish(engine, site, module("First"))
    monkeypatch.undo()
    assert served(site) == "The second module"
    with pytest.raises(Moved, match="lontar reload"):
        publish(engine, site, module("Second"))
    assert releases.settle_before_start(site) is True
    serving.prepare(site)
    assert served(site) == "First"
    assert releases.settle_before_start(site) is False


def test_a_lost_or_edited_folder_is_named_and_made_again_from_the_records(engine: Engine, site: Config) -> None:
    folder = serving.folder_of(site, publish(engine, site, module("First")).entry.number)
    was = everything(folder)
    (folder / "modules" / "two.md").write_text("something else")
    with open_session(engine, write=False) as session:
        assert "are not as they were published (modules/two.md)" in releases.differs(session, site)
    assert releases.settle(engine, site)
    assert everything(folder) == was
    shutil.rmtree(folder)
    with pytest.raises(Stopped, match="release 1 of the course is to be served, but its folder"):
        serving.prepare(site)
    with open_session(engine, write=False) as session:
        assert "is missing" in releases.differs(session, site)
    with closing(Site(site, NOW)) as looked_at:
        assert [one.state for one in check_release.published(looked_at)] == ["error"]
        assert doctor.run("course", check_settings.course, looked_at)[0].state == "error"
    assert releases.settle(engine, site)
    assert everything(folder) == was
    shutil.rmtree(site.instance / "releases")  # as on a new machine with restored records
    assert releases.settle_before_start(site)
    assert (everything(folder), served(site)) == (was, "First")


def test_two_publishers_at_once(engine: Engine, site: Config) -> None:
    mark = releases.base(site).mark
    with releases._alone(site), pytest.raises(Stopped, match="somebody else is publishing"):
        publish(engine, site, module("First"))
    publish(engine, site, module("First"))
    with pytest.raises(Moved, match="another course is served"):
        releases.publish(engine, site, Change(module("Second"), False, mark), None, NOW)
    assert served(site) == "First"


def test_a_plan_says_what_changes_and_what_goes_stale(engine: Engine, site: Config) -> None:
    one = (TINY / "modules" / "one.md").read_text()
    one = one.replace("## What a benefit is {#first}", "## A benefit {#a-benefit}")
    quiz = (TINY / "quizzes" / "one.md").read_text().replace("- [x] An older person", "- [ ] An older person")
    quiz = quiz.replace("- [ ] A bank", "- [x] A bank")
    outline = (TINY / "course" / "tiny.yml").read_text().replace("modules: [one, two]", "modules: [two, one]")
    files = {
        "modules/one.md": one.replace("modules/one#first", "modules/one#a-benefit").encode(),
        "quizzes/one.md": quiz.replace("modules/one#first", "modules/one#a-benefit").encode(),
        "course/tiny.yml": outline.encode(),
    }
    for name in ("modules/one.fr.md", "quizzes/one.fr.md"):
        text = (TINY / name).read_text().replace("#first}", "#a-benefit}").replace("one#first", "one#a-benefit")
        text = text.replace("- [x] Une personne", "- [ ] Une personne").replace("- [ ] Une banque", "- [x] Une banque")
        files[name] = text.encode()
    for name in ("options.yml", "glossary.yml"):
        files[f"course/{name}"] = (TINY / "course" / name).read_text().replace("#first", "#a-benefit").encode()
    tried = planning.trial(site, files, False, NOW, seconds=None)
    assert tried.library is not None, [str(one) for one in tried.problems if one.severity == "error"]
    with open_session(engine, write=False) as session:
        plan = planning.plan(session, site, tried, NOW)
    lines = told(plan)
    assert (
        "Section one/first: GONE, perhaps renamed to one/a-benefit (ids should stay: progress hangs on them); "
        "0 have read it." in lines
    )
    assert "Quiz one: another key: one-single." in lines
    assert plan.stale == ["modules/one.fr.md", "quizzes/one.fr.md"]
    assert plan.comparison.courses[0].requirements == ("participation",)
    assert plan.comparison.courses[0].modules.changed == ("order",)
    assert planning.trial(site, files, False, NOW) is tried


def test_a_backup_carries_what_is_published(engine: Engine, site: Config, tmp_path: Path) -> None:
    folder = serving.folder_of(site, publish(engine, site, module("First")).entry.number)
    was = everything(folder)
    file = backup.write(engine, site, site.backups, None, NOW, SILENT).path
    publish(engine, site, module("Second"), minutes=1)
    hot.close(engine)
    restore.restore(site, file, NOW + timedelta(hours=1), SILENT)
    serving.prepare(site)
    assert (served(site), everything(serving.root(site))) == ("First", was)
    elsewhere = replace(site, instance=tmp_path / "another", backups=site.backups)
    restore.restore(elsewhere, file, NOW + timedelta(hours=1), SILENT)
    serving.prepare(elsewhere)
    assert (served(elsewhere), everything(serving.root(elsewhere))) == ("First", was)


def test_the_command_publishes_lists_and_takes_back(
    engine: Engine, site: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LONTAR_INSTANCE", str(site.instance))
    monkeypatch.setenv("LONTAR_CONTENT", str(site.content))
    (tmp_path / "new" / "modules").mkdir(parents=True)
    (tmp_path / "new" / "modules" / "two.md").write_bytes(module("First")["modules/two.md"])

    def lontar(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        result = CliRunner().invoke(main, list(arguments), input=typed)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.exit_code, result.stdout, result.stderr

    new = str(tmp_path / "new")
    code, said, _ = lontar("publish", new, "--dry-run")
    others = len(everything(site.content)) - 1
    assert (code, said.splitlines()[0], said.splitlines()[-2], said.splitlines()[-1]) == (
        0,
        "Files: modules/two.md.",
        f"{others} file(s) that are served now are not in new and stay (see --whole).",
        "Nothing was published.",
    )
    same = lontar("publish", str(site.content), "--dry-run")[1]
    assert same == "Files: none differs.\nNothing was published.\n"
    assert lontar("publish", new, typed="n\n")[0] == 1
    assert lontar("publish", new, "--yes")[1].splitlines()[-1] == (
        "Release 1 published; no server runs; the next start serves it."
    )
    assert "Checked: release 1, which is served from" in lontar("check")[2]
    assert "Checked:" not in lontar("check", "--content", str(site.content))[2]
    assert lontar("publish", new, "--yes")[0] == 1
    code, said, _ = lontar("publish", "--list")
    assert said.splitlines()[0].endswith("command line  publish  0 added, 1 changed, 0 removed: modules/two.md")
    assert lontar("publish", "--undo", "--yes")[0] == 0
    assert lontar("publish", "--list")[1].splitlines()[-1] == f"Served: the content root {site.content}."
    assert lontar("publish", "--undo", "--yes")[0] == 1
    assert lontar("publish", str(tmp_path / "content" / "modules"), "--yes")[0] == 1
    assert lontar("publish")[0] == 2
