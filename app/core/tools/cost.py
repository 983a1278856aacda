"""What a benefit costs, in money and as a share of GDP."""

from app.core.tools._frame import N_, Tool

TOOL = Tool(
    title=N_("What a benefit costs"),
    summary=N_("Works out the yearly cost of a benefit in money and in per cent of GDP, from numbers or from shares."),
    action="A5",
)
