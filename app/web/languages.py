"""The languages an interface can have: tag, own name, writing direction, and whose numbers and dates it borrows.

Babel knows no Fijian, Samoan, Bislama, Tetum, Kiribati, Nauru, Tuvalu or Marshallese, so each row names a locale that
it does know for formatting. Chinese is labelled by script, never by territory.
"""

from dataclasses import dataclass
from functools import lru_cache

PSEUDO = "ar-XB"


@dataclass(frozen=True, slots=True)
class Language:
    """A row of the table. `formats` is a locale known to Babel; `dir` is "ltr" or "rtl"."""

    tag: str
    autonym: str
    formats: str
    dir: str = "ltr"


ROWS = (
    Language("en", "English", "en_GB"),
    Language("fr", "Français", "fr"),
    Language("ru", "Русский", "ru"),
    Language("zh-Hans", "中文(简体)", "zh_Hans"),
    Language("zh-Hant", "中文(繁體)", "zh_Hant"),
    Language("ar", "العربية", "ar", "rtl"),
    Language("az", "Azərbaycanca", "az"),
    Language("bi", "Bislama", "en_GB"),
    Language("bn", "বাংলা", "bn"),
    Language("dv", "ދިވެހި", "en_GB", "rtl"),
    Language("dz", "རྫོང་ཁ", "dz"),
    Language("fa", "فارسی", "fa", "rtl"),
    Language("fil", "Filipino", "fil"),
    Language("fj", "Na Vosa Vakaviti", "en_GB"),
    Language("gil", "Taetae ni Kiribati", "en_GB"),
    Language("hi", "हिन्दी", "hi"),
    Language("hy", "Հայերեն", "hy"),
    Language("id", "Bahasa Indonesia", "id"),
    Language("ja", "日本語", "ja"),
    Language("ka", "ქართული", "ka"),
    Language("kk", "Қазақша", "kk"),
    Language("km", "ភាសាខ្មែរ", "km"),
    Language("ko", "한국어", "ko"),
    Language("ky", "Кыргызча", "ky"),
    Language("lo", "ລາວ", "lo"),
    Language("mh", "Kajin Majel", "en_GB"),
    Language("mn", "Монгол", "mn"),
    Language("ms", "Bahasa Melayu", "ms"),
    Language("my", "မြန်မာ", "my"),
    Language("na", "Dorerin Naoero", "en_GB"),
    Language("ne", "नेपाली", "ne"),
    Language("ps", "پښتو", "ps", "rtl"),
    Language("pt", "Português", "pt"),
    Language("si", "සිංහල", "si"),
    Language("sm", "Gagana Samoa", "en_GB"),
    Language("ta", "தமிழ்", "ta"),
    Language("tet", "Tetun", "pt_TL"),
    Language("tg", "Тоҷикӣ", "tg"),
    Language("th", "ไทย", "th"),
    Language("tk", "Türkmençe", "tk"),
    Language("to", "Lea faka-Tonga", "to"),
    Language("tpi", "Tok Pisin", "en_GB"),
    Language("tr", "Türkçe", "tr"),
    Language("tvl", "Te Ggana Tuuvalu", "en_GB"),
    Language("ur", "اردو", "ur", "rtl"),
    Language("uz", "O\u02bbzbekcha", "uz"),
    Language("vi", "Tiếng Việt", "vi"),
    Language(PSEUDO, "[Test RTL]", "ar", "rtl"),
)
LANGUAGES = {row.tag: row for row in ROWS}

# What browsers of some makers and ages send for a language of the table.
ALIASES = {"in": "id", "tl": "fil", "prs": "fa"}
ALIASES |= dict.fromkeys(("zh", "zh-cn", "zh-sg", "zh-my"), "zh-hans")
ALIASES |= dict.fromkeys(("zh-tw", "zh-hk", "zh-mo"), "zh-hant")


def preferences(header: str) -> list[str]:
    """The tags of an Accept-Language header in lower case, most wanted first, without refused ones (q=0) and `*`."""
    wanted: list[tuple[float, str]] = []
    for part in header[:1000].split(","):
        tag, _, parameter = part.strip().lower().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        if tag.strip() not in ("", "*") and 0 < weight <= 1:
            wanted.append((weight, tag.strip()))
    return [tag for _, tag in sorted(wanted, key=lambda pair: -pair[0])]


def fitting(tag: str, offered: dict[str, str]) -> str | None:
    """The offered tag for one wanted tag: itself, its alias, or either with fewer subtags.

    `offered` maps lower-case tags to tags as written. Chinese in one script never stands in for the other.
    """
    if tag.startswith("zh"):
        return offered.get(chinese(tag))
    while tag:
        found = offered.get(tag) or offered.get(ALIASES.get(tag, ""))
        if found:
            return found
        tag = tag.rpartition("-")[0]
    return None


def chinese(tag: str) -> str:
    """zh-hans or zh-hant, by the script that is named, else by the territory."""
    if "hant" in tag or "hans" in tag:
        return "zh-hant" if "hant" in tag else "zh-hans"
    return ALIASES.get("-".join(tag.split("-")[:2]), "zh-hans")


@lru_cache(maxsize=1024)
def choose(header: str, offered: tuple[str, ...]) -> str:
    """The language for an Accept-Language header; the first one offered where nothing fits.

    Browsers add a bare `zh` behind `zh-TW`: it means the script that was named before.
    """
    known = {tag.lower(): tag for tag in offered}
    tags = preferences(header)
    script = next((chinese(tag) for tag in tags if tag.startswith("zh")), "")
    wanted = (script if tag == "zh" else tag for tag in tags)
    return next((found for tag in wanted if (found := fitting(tag, known))), offered[0])
