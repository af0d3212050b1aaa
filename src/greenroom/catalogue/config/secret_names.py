"""Which variables hold a secret, of which kind, and which values are none."""

import re
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a secret is for."""

    SIGNING = "signing"
    LOGIN = "login"
    STORE = "store"


_NOT_THE_SECRET: Final = re.compile(
    r"(?:^|_)(?:URL|URI|FILE|FILES|PATH|DIR|NAME|HEADER|EXPIRE\w*|EXPIRY|EXPIRATION|TTL|LENGTH|ALGORITHM|ALG|TYPE|MINUTES|SECONDS|"
    r"DAYS|HOURS|LIFETIME|COOKIE|PREFIX|SUFFIX|FIELD|ENABLED|MAX\w*|MIN\w*|LIMIT|COUNT|ID|ENDPOINT|ISSUER|AUDIENCE|REGEX|"
    r"POLICY|SIZE|MODEL|RESET\w*|HASH\w*|ARN|REGION|SCHEME|SCHEMES|BACKEND|CLASS|TIMEOUT|VERSION|MODE|REQUIRED|VALIDATORS|"
    r"USER|USERNAME|EMAIL|HOST|PORT|DB|ENGINE|STORE|MANAGER|PROVIDER|LABEL|TEXT|MESSAGE|TEMPLATE|KIND|FORMAT|LIST|DELIMITER|ENV|ENV_VAR|VAR|VARIABLE)$"
    r"|^(?:PLACEHOLDER|SAMPLE|EXAMPLE)_"
)
_SIGNING: Final = re.compile(
    r"(?:^|_)(?:SECRET_?KEY|(?:FLASK|DJANGO|SERVER|APPLICATION|TOKEN|AUTH|JWT|COOKIE)_SECRET|JWT_?(?:SECRET\w*|KEY|SIGNING_KEY)|SESSION_?(?:SECRET|KEY)|SIGNING_?(?:KEY|SECRET)|"
    r"ENCRYPTION_?(?:KEY|SECRET)|FERNET_?KEY\w*|AUTH_?SECRET|TOKEN_?SECRET|COOKIE_?SECRET|CSRF_?SECRET\w*|HMAC_?(?:KEY|SECRET)|"
    r"APP_?SECRET|SECURITY_PASSWORD_SALT|MASTER_?KEY|PRIVATE_?KEY)$"
)
_FOREIGN: Final = re.compile(
    r"CLIENT|OAUTH|AWS|GOOGLE|GITHUB|AZURE|STRIPE|SLACK|TWILIO|WEBHOOK|API_SECRET|API_KEY|S3|MINIO|ACCESS_KEY|PUBLISHABLE|CAPTCHA"
)
_LOGIN: Final = re.compile(
    r"(?:^|_)(?:ADMIN|SUPERUSER|ROOT|MASTER|DEFAULT_USER|INITIAL|BASIC_AUTH|FIRST_SUPERUSER|USER)\w*_?(?:PASSWORD|PASSWD|PASS|PWD|TOKEN|SECRET)$"
)
_STORE: Final = re.compile(
    r"(?:^|_)(?:DB|DATABASE|POSTGRES\w*|PG|MYSQL|MARIADB|MONGO\w*|REDIS|RABBITMQ\w*|AMQP|NEO4J|ELASTIC\w*|OPENSEARCH\w*|CLICKHOUSE|MINIO_ROOT|"
    r"MINIO|S3|SQL)\w*_?(?:PASSWORD|PASSWD|PASS|PWD|SECRET_KEY)$"
)
_WORDLESS: Final = frozenset(
    {"", "none", "null", "true", "false", "0", "1", "-", "empty", "disabled", "unset", "n/a", "na"}
)
_FILLED_IN: Final = re.compile(
    r"^\$|^<.*>$|^\{\{|^/run/secrets/|^/|^https?://|^file:|^vault:|^arn:|^\s+$|\.pem$|\.key$|^%\("
)
_OF_BROWSERS: Final = ("VITE_", "NEXT_PUBLIC_", "REACT_APP_", "VUE_APP_", "NUXT_PUBLIC_")
"""What a bundler writes into the code that everybody gets is no secret."""
_SHORTEST_OF_LOGIN: Final = 3


def kind_of(name: str) -> Kind | None:
    """What the secret of this name is for; None where the name tells of no secret of our own."""
    upper = name.upper()
    if upper.startswith(_OF_BROWSERS):
        return None
    if _NOT_THE_SECRET.search(upper):
        return None
    if _LOGIN.search(upper) and not _STORE.search(upper):
        return Kind.LOGIN
    if _STORE.search(upper):
        return Kind.STORE
    if (upper == "SECRET" or _SIGNING.search(upper)) and not _FOREIGN.search(upper):
        return Kind.SIGNING
    return None


def is_placeholder(kind: Kind, value: object) -> bool:
    """Whether a value cannot be taken for the secret: empty, a switch, a path, an address, or filled in later."""
    if not isinstance(value, str) or value.strip().lower() in _WORDLESS or _FILLED_IN.search(value):
        return True
    return kind is not Kind.STORE and len(value) < _SHORTEST_OF_LOGIN
