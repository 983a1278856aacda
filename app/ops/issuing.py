"""In whose name a site issues certificates."""

from app.core.certificates import Issuer
from config import Config


def issuer_of(config: Config) -> Issuer:
    """The issuer, the address and the time zone that the settings name."""
    return Issuer(
        name=config.issuer_name,
        signatory=config.issuer_signatory,
        role=config.issuer_role,
        statement=config.issuer_statement,
        timezone=config.timezone,
        trial=config.loopback,
    )
