"""Where a country stands on the 12 national actions."""

from app.core.tools._frame import N_, Tool

TOOL = Tool(
    title=N_("Readiness for the 12 national actions"),
    summary=N_("Lets you score each of the 12 actions from 0 to 4 with evidence, and names the three to begin with."),
    action="A12",
)
