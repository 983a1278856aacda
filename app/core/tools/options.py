"""Policy options side by side."""

from app.core.tools._frame import N_, Tool

TOOL = Tool(
    title=N_("Policy options side by side"),
    summary=N_("Lists options with when each fits, what drives its cost, and what often goes wrong."),
    action="A2",
)
