"""The address of a store as a user writes it: a file of the project, or a PostgreSQL database."""

import re
from typing import Final
from urllib.parse import unquote, urlsplit

COVERED: Final = "***"
"""What stands for a password wherever an address is shown."""

_SCHEMES: Final = frozenset({"postgresql", "postgres", "postgresql+psycopg"})
_SCHEME: Final = re.compile(r"([A-Za-z][\w+.-]*):/?/")
_LOOKS_LIKE_A_SERVER: Final = re.compile(r"postgres|[^/]*@|sqlite:", re.IGNORECASE)
_USER_AND_PASSWORD: Final = re.compile(r"(?:(?<=[/:])|^(?!\w+:/))(?P<user>[^/:@]*):(?P<secret>.*)@")
"""Up to the last `@`: a password that was not encoded may hold one."""
_IN_THE_QUERY: Final = re.compile(r"(?<=[?&])(?P<key>\w*pass\w*)=[^&\s]*", re.IGNORECASE)
_EXAMPLE: Final = "`postgresql://user@host/database`"


class InvalidAddressError(ValueError):
    """It is neither a file nor a database that we know; the text says how, without passwords."""


def is_url(address: str) -> bool:
    """Whether it names a database server, and not a file."""
    return address.partition("://")[0] in _SCHEMES and "://" in address


def mask(address: str) -> str:
    """The address as it may be shown: passwords are covered."""
    covered = _USER_AND_PASSWORD.sub(rf"\g<user>:{COVERED}@", address)
    return _IN_THE_QUERY.sub(rf"\g<key>={COVERED}", covered)


def secrets_of(address: str) -> tuple[str, ...]:
    """What must not be shown of it: the password as written, and as meant."""
    written = [found["secret"] for found in _USER_AND_PASSWORD.finditer(address)]
    written += [found[0].partition("=")[2] for found in _IN_THE_QUERY.finditer(address)]
    return tuple(dict.fromkeys(form for each in written for form in (each, unquote(each)) if form))


def check_address(value: object) -> str:
    """The address, where it is one.

    Raises:
        InvalidAddressError: it is not.
    """
    if not isinstance(value, str) or not value.strip():
        message = f"must be a file, relative to the project's root, or {_EXAMPLE}"
        raise InvalidAddressError(message)
    address = value.strip()
    if is_url(address):
        return _check_url(address)
    scheme = _SCHEME.match(address)
    if scheme and not address.startswith("sqlite:"):
        message = f"`{mask(address)}` is of no kind that we know; a server is written {_EXAMPLE}, a file as its path"
        raise InvalidAddressError(message)
    if _LOOKS_LIKE_A_SERVER.match(address):
        message = f"`{mask(address)}` must read {_EXAMPLE}, or be the path of a file"
        raise InvalidAddressError(message)
    return address


def _check_url(address: str) -> str:
    try:
        parts = urlsplit(address)
        number = parts.port
    except ValueError as error:
        message = f"`{mask(address)}` must read {_EXAMPLE}: {_without(address, str(error))}"
        raise InvalidAddressError(message) from None
    if number == 0 or not parts.path.strip("/"):
        message = f"`{mask(address)}` must read {_EXAMPLE}: it names no database"
        raise InvalidAddressError(message)
    return address


def _without(address: str, text: str) -> str:
    for secret in secrets_of(address):
        text = text.replace(secret, COVERED)
    return text
