"""The worksheet for targets of SDG 1.3 by sex and age."""

from app.core.tools._frame import N_, Tool

TOOL = Tool(
    title=N_("Worksheet for SDG 1.3 targets"),
    summary=N_("Holds rates and targets by sex and age for 2021, 2025 and 2030, and checks what you fill in."),
    action="A7",
)
