"""Pictures of a question bank: they come along from Moodle, stand in the quiz's own folder, and go back."""

from base64 import b64encode
from pathlib import Path

from app.core.exchange import write
from app.core.exchange.bank import make, picture
from app.core.exchange.embedded import Shown
from app.core.exchange.model import LeftOut
from app.core.exchange.moodle_xml import read
from app.core.load import load
from app.core.worker import Worker
from tests.core.contents import TINY, TODAY, Content
from tests.core.exchange.banks import KNOWN
from tests.core.pictures import GIF, JPEG, png

MAP, BALL = png(40, 30), png(8, 8)

DOT = f"data:image/gif;base64,{b64encode(GIF).decode()}"


def file(name: str, data: bytes) -> str:
    return f'<file name="{name}" path="/" encoding="base64">{b64encode(data).decode()}</file>'


def shows(name: str, alt: str) -> str:
    return f'&lt;img src="@@PLUGINFILE@@/{name}" alt="{alt}" width="600"&gt;'


BANK = f"""<?xml version="1.0"?>
<quiz>
<question type="multichoice">
<name><text>The map</text></name>
<questiontext format="html"><text>&lt;p&gt;Where is Pala?&lt;/p&gt;
&lt;p&gt;{shows("My%20Map%20%281%29.PNG", "The islands [1]")}&lt;/p&gt;
</text>{file("My Map (1).PNG", MAP)}</questiontext>
<generalfeedback format="html"><text>See {shows("ball.png", "")}.</text>{file("ball.png", BALL)}</generalfeedback>
<single>true</single>
<answer fraction="100" format="html"><text>{shows("ball.png", "a ball")}</text>{file("ball.png", BALL)}
<feedback format="html"><text>&lt;img src="{DOT}" alt="dot"&gt; right</text></feedback></answer>
<answer fraction="0" format="html"><text>nowhere</text><feedback><text></text></feedback></answer>
</question>
<question type="shortanswer"><name><text>Lost</text></name>
<questiontext format="html"><text>Name it: {shows("gone.png", "A flag")}</text></questiontext>
<answer fraction="100"><text>flag</text><feedback><text></text></feedback></answer></question>
</quiz>"""


def brought(text: str, worker: Worker, root: Path) -> tuple[str, dict[str, bytes], list[str]]:
    """The quiz file made of a bank, in a course that passes the check; its pictures; what was said."""
    bank = make(read(text), "Bank", "en", KNOWN, worker)
    [file], [album] = bank.files, bank.pictures
    content = Content(root, worker)
    content.path("quizzes/bank.md").write_text(file)
    content.path("quizzes/bank").mkdir()
    for name, data in album.items():
        content.path(f"quizzes/bank/{name}").write_bytes(data)
    return file, album, [one.text for one in bank.remarks]


def test_pictures_come_along_from_moodle_and_go_back(worker: Worker, tmp_path: Path) -> None:
    file, album, said = brought(BANK, worker, tmp_path / "one")
    [chart, ball, dot] = [next(name for name in album if name.startswith(one)) for one in ("my-map", "ball", "picture")]
    assert (album[chart], album[ball], album[dot]) == (MAP, BALL, GIF)
    for text in (
        f"![The islands 1]({chart})",
        f"![Picture]({ball})",
        f"- [x] ![a ball]({ball})",
        f"![dot]({dot}) right",
    ):
        assert text in file
    assert "Name it: \\[A flag\\]" in file
    assert said == [
        f"the picture {ball} has no words: write what it shows, for those who can't see it",
        "a picture is left out, since it did not come with the file: gone.png",
    ]
    library, problems = load(tmp_path / "one", today=TODAY, worker=worker)
    found = {(one.path, one.code) for one in problems if one.path.startswith("quizzes/bank")}
    assert found == {("quizzes/bank.md", "unused"), ("quizzes/bank.md", "overlap")}
    assert library
    hashes = {picture(data).hash: Shown(name, data) for name, data in album.items()}
    pieces = list(write(library.quizzes["bank"], "moodle-xml", "en", "https://l.example", hashes.get))
    again, back, _ = brought("".join(one for one in pieces if isinstance(one, str)), worker, tmp_path / "two")
    assert (back, again) == (album, file)
    gift = list(write(library.quizzes["bank"], "gift", "en", "https://l.example", hashes.get))
    lost = [one.reason for one in gift if isinstance(one, LeftOut) and "picture" in one.reason]
    assert any("a picture is left out, its words stay: The islands 1" in one for one in lost)
    assert not any("/pictures/" in one for one in gift if isinstance(one, str))
    assert "[The islands 1]" in "".join(map(str, write(library.quizzes["bank"], "csv", "en", "https://l.example")))


def test_the_same_name_for_two_pictures_and_one_picture_twice(worker: Worker, tmp_path: Path) -> None:
    pair = BANK.replace(file("ball.png", BALL), file("ball.png", JPEG), 1)
    _, album, _ = brought(pair, worker, tmp_path)
    assert sorted(data for name, data in album.items() if name.startswith("ball")) == sorted((BALL, JPEG))
    assert [name.rpartition(".")[2] for name, data in album.items() if data == JPEG] == ["jpg"]
    assert (TINY / "quizzes").is_dir()
