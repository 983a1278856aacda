"""The JSON-LD contexts that credentials speak, shipped beside this file and never fetched.

`jsonld/` holds them as their publishers serve them: the W3C's for Verifiable Credentials 2.0 (its SHA-256 is the one
that the recommendation prints) and 1EdTech's for Open Badges 3.0.3 and its extensions.
"""

from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

CREDENTIALS: Final = "https://www.w3.org/ns/credentials/v2"
BADGES: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
EXTENSIONS: Final = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
FOLDER = Path(__file__).parent / "jsonld"
FILES = {
    CREDENTIALS: "credentials-v2.json",
    BADGES: "ob-v3p0-context-3.0.3.json",
    EXTENSIONS: "ob-v3p0-extensions.json",
}


class NotShipped(ValueError):
    """A document names a context that is not shipped; it is not fetched."""


@cache
def context(address: str) -> Any:
    """The context of this address. Raises NotShipped."""
    if address not in FILES:
        raise NotShipped(f"the context {address[:100]} is not shipped with this program, and none is fetched")
    return msgspec.json.decode((FOLDER / FILES[address]).read_bytes())


def load(address: str, _options: object = None) -> dict[str, Any]:
    """What PyLD asks of a document loader. Raises NotShipped."""
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": address,
        "document": context(address),
    }
