"""The few words that the compiler itself puts into course text, by language; English stands in where one is missing."""

_PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "reflection": "Think about it",
        "key-points": "Key points",
        "go-further": "Go further",
        "as-of": "as of {when}",
        "told-of": "as it was in {when}; ask what the rules are today",
        "table": "Table: {columns}",
        "unchecked": "not yet checked at the source",
        "months": "January February March April May June July August September October November December",
    },
    "fr": {
        "reflection": "À vous de réfléchir",
        "key-points": "L’essentiel",
        "go-further": "Pour aller plus loin",
        "as-of": "situation en {when}",
        "told-of": "comme c’était en {when} ; demandez quelles règles valent aujourd’hui",
        "table": "Tableau : {columns}",
        "unchecked": "pas encore vérifié à la source",
        "months": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    },
}


def phrase(name: str, language: str, **values: str) -> str:
    """The plain words called `name` with `values` filled in."""
    words = _PHRASES.get(language.partition("-")[0], _PHRASES["en"])
    return words[name].format(**values)


def month(date: str, language: str) -> str:
    """A month like "2025-06" in words: "June 2025"."""
    year, number = date.split("-")[:2]
    return f"{phrase('months', language).split()[int(number) - 1]} {year}"
