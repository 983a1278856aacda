"""Rules across files."""

from datetime import date

from app.core.assemble import Drafts
from app.core.content import Library, Problem
from app.core.shared import Shared


def check(library: Library, drafts: Drafts, shared: Shared, *, figure_months: int, today: date) -> list[Problem]:
    return []
