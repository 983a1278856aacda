"""Names in every script of the region, to see a template with before people do. All of them are invented."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from app.core.certificates import COMPLETION, clean_name, new_number, public_record, rule_of
from app.core.content import Library
from app.core.pdf import Unprintable
from app.ops import paper
from app.ops.issuing import issuer_of
from app.ops.serving import Stopped, checked_course
from config import Config

AT = datetime(2026, 6, 1, tzinfo=UTC)
LONG = "Maria Magdalena Wilhelmina Tuilaepa-Malielegaoi Vanderbilt-Featherstonehaugh of the Outer Islands"

# Script (the file's name), the name in its own letters, the same in Latin letters.
NAMES = (
    ("latin-fiji", "Litia Vakatāwale-O’Connor", ""),
    ("latin-viet-nam", "Nguyễn Thị Ngọc Ánh", ""),
    ("latin-samoa", "Fa‘anānā Tuimaleali‘ifano", ""),
    ("latin-marshall-islands", "Ņeḷ M̧ajeļ ʻAna", ""),
    ("latin-turkiye", "Şükrü İğdır Çağlayanoğlu", ""),
    ("cyrillic", "Нурлан Әбілов Өмүрбек", "Nurlan Äbılov Ömürbek"),
    ("greek", "Ελένη Παπαδοπούλου", "Eleni Papadopoulou"),
    ("thai", "กมลวรรณ ศรีสุวรรณ น้ำผึ้ง", "Kamonwan Srisuwan Namphueng"),
    ("lao", "ຈັນທະລາ ພົມມະວົງ", "Chanthala Phommavong"),
    ("khmer", "សុខ ចន្ទដារ៉ា ស្រីស្រស់", "Sok Chandara Sreysros"),
    ("burmese", "မမ ခင်မျိုးချစ် သန္တာကြည်", "Ma Ma Khin Myo Chit Thandar Kyi"),
    ("devanagari", "बिमला क्षेत्री श्रेष्ठ", "Bimala Chhetri Shrestha"),
    ("bengali", "জ্যোৎস্না চক্রবর্তী", "Jyotsna Chakraborty"),
    ("sinhala", "ශ්\u200dරියානි ක්\u200dෂේම කුමාරතුංග", "Shriyani Kshema Kumaratunga"),
    ("tamil", "ஸ்ரீநிவாசன் கௌரி", "Srinivasan Gauri"),
    ("tibetan", "བསོད་ནམས་རྒྱལ་མཚན", "Sonam Gyaltshen"),
    ("arabic", "فاطمة الزهراء محمد", "Fatima az-Zahra Muhammad"),
    ("persian", "پروین گل\u200cچهره", "Parvin Golchehreh"),
    ("thaana", "އައިޝަތު ނިޝާން", "Aishath Nishan"),
    ("georgian", "ნინო ბერიძე", "Nino Beridze"),
    ("armenian", "Անահիտ Սարգսյան", "Anahit Sargsyan"),
    ("chinese", "陳大文 邓丽华", "Chen Dawen Deng Lihua"),
    ("japanese", "山田 さくら", "Yamada Sakura"),
    ("korean", "김민준", "Kim Min-jun"),
    ("mixed", "Sok សុខ 陳大文", "Sok Sok Chen Dawen"),
    ("long", LONG, ""),
    ("very-long", " ".join((LONG,) * 3), LONG),
)


class Specimen(NamedTuple):
    """What became of one name: its PDF, or why there is none."""

    script: str
    name: str
    pdf: bytes
    fault: str


def record_of(config: Config, library: Library, name: str, latin: str, serial: int) -> dict[str, Any]:
    """A public record for an invented person, marked as a demonstration."""
    course = next(iter(library.courses.values()))
    return public_record(
        number=new_number(serial.to_bytes(7, "little")),
        edition=1,
        name=name,
        name_latin=latin,
        course=course,
        language=course.languages[0],
        kind=COMPLETION,
        at=AT,
        timezone=config.timezone,
        issuer=issuer_of(config),
        rule=rule_of(library, course, COMPLETION),
        demo=True,
        trial=config.loopback,
    )


def render_all(
    config: Config, library: Library, own: tuple[str, ...] = (), *, language: str = "", plain: bool = False
) -> Iterator[Specimen]:
    """A PDF for each name of the list, or for the names given instead."""
    rows = [(f"name-{place}", name, "") for place, name in enumerate(own, 1) if clean_name(name)] if own else NAMES
    for serial, (script, name, latin) in enumerate(rows, 1):
        record = record_of(config, library, name, latin, serial)
        try:
            yield Specimen(script, name, paper.make(config, record, language=language, plain=plain), "")
        except Unprintable as fault:
            yield Specimen(script, name, b"", str(fault))


def preview(
    config: Config, folder: Path, own: tuple[str, ...] = (), *, language: str = "", plain: bool = False
) -> Iterator[tuple[str, bool]]:
    """Write a PDF for each name into a folder, numbered in the list's order; a line for each, and whether it printed.

    Raises Stopped where the course has errors or nothing is worded in the language.
    """
    if language and language not in paper.languages():
        known = ", ".join(paper.languages())
        raise Stopped(f"certificates have no words in {language}; choose one of: {known}")
    library = checked_course(config)
    if not library.courses:
        raise Stopped("the course has errors; see `lontar check`")
    folder.mkdir(parents=True, exist_ok=True)
    for place, one in enumerate(render_all(config, library, own, language=language, plain=plain), 1):
        file = folder / f"{place:02}-{one.script}.pdf"
        if one.fault:
            yield f"{one.script}: {one.fault}", False
        else:
            file.write_bytes(one.pdf)
            yield f"{file}: {one.name}", True
