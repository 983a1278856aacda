"""Persons covered by several schemes, each counted once, and the coverage rate."""

from app.core.tools._frame import N_, Tool

TOOL = Tool(
    title=N_("Coverage and overlap"),
    summary=N_(
        "Adds up schemes, counts each person once, and gives the share of people covered, also for women and men."
    ),
    action="A7",
)
