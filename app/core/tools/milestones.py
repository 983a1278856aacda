"""The straight line from a base year to a target, and the pace that it asks for."""

from app.core.tools._frame import N_, Tool

TOOL = Tool(
    title=N_("Milestones on the way to a target"),
    summary=N_("Draws the straight line from a base year to a target, and tells how many points a year are needed."),
    action="A7",
)
