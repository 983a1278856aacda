"""`lontar preview`: the working copy in a browser; `app.cli` adds it to its group."""

from pathlib import Path

import click

from app.commands import command
from config import Config

PORT = 8100


@command("lontar preview ~/course", name="preview")
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--port", type=click.IntRange(1024, 65535), default=PORT, show_default=True, help="Where it listens.")
def preview(folder: Path | None, port: int) -> None:
    """Show the course files in FOLDER (or LONTAR_CONTENT) in a browser on this machine, as they are while you write.

    Pages load again when you save a file. Questions can be answered on the spot, in every language. No database is
    used, and nothing is kept.
    """
    from app.ops import checking, serving
    from app.ops.watching import Checker
    from app.web import preview

    given = Config.from_environment()  # what was published is not edited
    config = preview.settings(checking.with_content(given, folder or given.content), port)
    serving.free_port(config, f"--port {PORT + 1 if port == PORT else PORT}")
    with Checker(config) as checker:
        app = preview.build(config, checker)
        click.echo(f"{checker.root} is shown at {config.base_url}/author (Ctrl+C ends this)")
        preview.serve(app, config)
