"""Rules for the files that the tools read: the readiness levels, the policy options, the published coverage."""

from app.core.assemble import Drafts
from app.core.content import Library, Problem
from app.core.scan import Faults
from app.core.shared import Shared

LEVELS = 5  # 0 to 4


def check(library: Library, drafts: Drafts, shared: Shared, found: list[Problem]) -> None:
    _levels(shared, found)
    _options(library, drafts, shared, found)
    _coverage(shared, found)


def _levels(shared: Shared, found: list[Problem]) -> None:
    """An action has the words of every level, in each language that has any."""
    ledger = shared.actions
    files = [(ledger.path, ledger.entries)] + [
        (ledger.path.replace(".yml", f".{language}.yml"), words) for language, words in ledger.words.items()
    ]
    for path, entries in files:
        for id, entry in entries.items():
            if len(entry.levels) not in (0, LEVELS):
                message = f"“{id}” has {len(entry.levels)} levels. Write {LEVELS}, for 0 to 4, or none."
                Faults(path, found)(ledger.line(id, path), "levels", message)


def _options(library: Library, drafts: Drafts, shared: Shared, found: list[Problem]) -> None:
    ledger = shared.options
    fault = Faults(ledger.path, found)
    for id, entry in ledger.entries.items():
        for action in entry.actions:
            if action not in shared.actions.named():
                message = f"actions.yml has no {action}. Name an action that stands there."
                fault(ledger.line(id), "action", message)
        module, _, section = entry.section.partition("#")
        if module and f"modules/{module}.md" not in drafts.unread and not library.section(module, section):
            message = f"There is no section “{entry.section}”. Name a module and its section, or leave it out."
            fault(ledger.line(id), "link", message)


def _coverage(shared: Shared, found: list[Problem]) -> None:
    ledger = shared.coverage
    for entry in ledger.entries.values():
        for code in entry.countries:
            if code not in shared.countries.named():
                message = f"countries.yml has no “{code}”. Use a code that stands there."
                Faults(ledger.path, found)(ledger.line(code), "country", message)
