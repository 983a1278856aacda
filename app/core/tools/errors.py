"""Who is missed and who is reached by mistake: the table of two by two."""

from app.core.tools._frame import N_, Tool

TOOL = Tool(
    title=N_("Who is missed, who is reached by mistake"),
    summary=N_("Fills the table of four cells from three numbers and gives both errors with their denominators."),
    action="A2",
)
