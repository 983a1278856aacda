"""Static files: small, hashed, packed, and the style of a first visit."""

import base64
import gzip
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.assets import Assets, accepts_gzip, compress, join, piece, small_css, small_js, small_svg

STATIC = Path(__file__).parents[2] / "static"


@pytest.fixture(scope="module")
def assets() -> Assets:
    return Assets(STATIC)


@pytest.mark.parametrize(
    ("name", "most"),
    [("site.css", 4500), ("site.js", 3500), ("clock.js", 900), ("icon.svg", 600), ("rosette.svg", 800)],
)
def test_files_stay_within_the_budget(assets: Assets, name: str, most: int) -> None:
    assert len(assets.files[name].packed or b"") < most


def test_a_file_is_served_under_the_hash_of_what_is_sent(assets: Assets) -> None:
    asset = assets.files["site.css"]
    assert asset.address == f"site.{hashlib.sha256(asset.body).hexdigest()[:10]}.css"
    assert assets.url("site.css") == f"/static/{asset.address}"
    assert assets.served[asset.address] is asset
    assert gzip.decompress(asset.packed or b"") == asset.body


def test_a_file_that_is_not_there_is_an_error(assets: Assets) -> None:
    with pytest.raises(KeyError):
        assets.url("missing.css")


def test_the_first_visit_has_its_style_in_the_page_and_later_ones_link_it(assets: Assets) -> None:
    markup, inlined = assets.stylesheet(None)
    style = assets.files["site.css"].body
    assert inlined
    assert style.decode() in markup
    assert assets.style_hash == f"'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'"
    assert assets.stylesheet("site.0000000000.css")[1]  # an older style sheet is as good as none
    assert assets.stylesheet(assets.sheet) == (f'<link rel="stylesheet" href="{assets.url("site.css")}">', False)


def test_the_style_takes_nothing_from_elsewhere(assets: Assets) -> None:
    style = assets.files["site.css"].body.decode()
    assert "url(" not in style
    assert "@import" not in style
    assert "</" not in style


@pytest.mark.parametrize(
    ("shrink", "text", "small"),
    [
        (small_css, "a  {\n  margin: 0 auto;\n}\n/* so */ b > c, d { top: 0 }", "a{margin:0 auto}b>c,d{top:0}"),
        (small_css, ".a :focus { width: calc(1px + 2px) }", ".a :focus{width:calc(1px + 2px)}"),
        (small_js, "// why\n  go(); // stays\n\n  stop();\n", "go(); // stays\nstop();"),
        (small_svg, "<svg>\n  <g/>\n</svg>\n", "<svg><g/></svg>"),
    ],
)
def test_text_is_made_smaller(shrink, text: str, small: str) -> None:
    assert shrink(text) == small


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip, deflate, br", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("br, *;q=0.5", True),
        ("GZIP", True),
    ],
)
def test_gzip_is_sent_to_those_who_take_it(header: str, taken: bool) -> None:
    assert accepts_gzip(header) == taken


def test_the_same_bytes_are_packed_the_same() -> None:
    assert compress(b"palm leaf" * 99) == compress(b"palm leaf" * 99)


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_joined_pieces_are_one_stream(parts: list[bytes]) -> None:
    packed = join([piece(part) for part in parts])
    assert gzip.decompress(packed) == b"".join(parts)
