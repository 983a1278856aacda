"""Names in the scripts of the region: language, direction, where a line may break."""

import pytest

from app.core.names import clean_name, is_right_to_left, language_of, unbreakable_words


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("  Litia\u00a0 Vakata\u0304wale\n", "Litia Vakatāwale"),
        ("Ana\u202egnp.exe\u0000\u0007", "Anagnp.exe"),
        ("ශ්\u200dරී ලංකා", "ශ්\u200dරී ලංකා"),  # the joiner makes the letter
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("A\ud800na", "Ana"),
        ("สุดา\u3000ศรี", "สุดา ศรี"),
        ("\u202e \u200b", ""),
    ],
)
def test_names_lose_only_what_cannot_be_printed(typed: str, printed: str) -> None:
    assert clean_name(typed) == printed


@pytest.mark.parametrize(
    ("name", "language", "rtl", "unbreakable"),
    [
        ("Litia Vakatāwale", "", False, ("Litia", "Vakatāwale")),
        ("Нурлан Әбілов", "", False, ("Нурлан", "Әбілов")),
        ("សុខ ចន្ទដារ៉ា", "km", False, ()),
        ("กมลวรรณ ศรีสุวรรณ", "th", False, ()),
        ("ຈັນທະລາ", "lo", False, ()),
        ("မမ ခင်မျိုးချစ်", "my", False, ()),
        ("लक्ष्मी क्षेत्री", "", False, ("लक्ष्मी", "क्षेत्री")),  # Nepali, Hindi, Marathi: the letters do not say
        ("শ্রীমতী", "bn", False, ("শ্রীমতী",)),
        ("فاطمة الزهراء", "", True, ("فاطمة", "الزهراء")),
        ("އައިޝަތު", "dv", True, ("އައިޝަތު",)),
        ("山田さくら", "ja", False, ()),
        ("陳大文", "zh", False, ()),
        ("김민준", "ko", False, ()),
        ("Sok សុខ", "", False, ("Sok",)),
        ("4", "", False, ("4",)),
        ("", "", False, ()),
    ],
)
def test_script_tells_what_it_can(name: str, language: str, rtl: bool, unbreakable: tuple[str, ...]) -> None:
    assert (language_of(name), is_right_to_left(name), unbreakable_words(name)) == (language, rtl, unbreakable)
