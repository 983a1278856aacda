"""Whether a benefit is enough: against three measures, and after years of inflation."""

from app.core.tools._frame import N_, Tool

TOOL = Tool(
    title=N_("Is a benefit enough?"),
    summary=N_(
        "Compares a benefit with the poverty line, GDP per head and a wage, and shows what rising prices leave of it."
    ),
    action="A2",
)
