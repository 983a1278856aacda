"""Payments in time, people reached, records counted twice."""

from app.core.tools._frame import N_, Tool

TOOL = Tool(
    title=N_("In time and without gaps"),
    summary=N_("Gives the shares of payments made in time, of eligible people who receive, and of double records."),
    action="A4",
)
