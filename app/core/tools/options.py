"""Policy options side by side, as `course/options.yml` tells them: a page to read, to filter and to print."""

from app.core.tools._frame import N_, Tool

STAGES = {
    "childhood": N_("Childhood and birth"),
    "working-age": N_("Working age"),
    "old-age": N_("Old age"),
    "all": N_("Any stage of life"),
}

TOOL = Tool(
    title=N_("Policy options side by side"),
    summary=N_("Lists options with when each fits, what drives its cost, and what often goes wrong."),
    action="A2",
    purpose=(
        N_("No option is best everywhere, and most systems join several. An example is no model: its rules change."),
    ),
    template="public/options.html",
)
