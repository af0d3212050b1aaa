"""Stores that a recipe of the project makes: what opens one is known where the recipe has the same value."""

import re
from typing import Final

from greenroom.project.project import Project
from greenroom.project.settings.declaration import is_template, stage_of

_RECIPE: Final = re.compile(
    r"\.(?:ya?ml|sh|bash|sql|tf|tfvars|hcl|env|conf|toml|ini)$|(?:^|/)(?:\.env|[^/]*dockerfile|makefile)[^/]*$",
    re.IGNORECASE,
)
_PIPELINE: Final = re.compile(r"(?:^|/)\.(?:github|gitlab|circleci|devcontainer)")
_OF_SECRETS: Final = r"(?:PASS|PWD|SECRET|KEY|TOKEN|://|IDENTIFIED BY)"
_OF_SERVERS: Final = r"(?:POSTGRES|MYSQL|MARIADB|MONGO|RABBITMQ|REDIS|MINIO|CLICKHOUSE|IDENTIFIED BY|CREATE (?:USER|ROLE)|ALTER (?:USER|ROLE))"
"""What a script names where it makes a store, and not only asks one."""
_NEAR: Final = 60


def makes_a_store_with(project: Project, value: str) -> bool:
    """Whether a recipe that is not for tests or development alone gives a password this value, itself or as what holds without another."""
    given, made = _giving(_OF_SECRETS, value), _giving(_OF_SERVERS, value)
    inventory = project.inventory
    return any(
        (made if path.endswith((".sh", ".bash")) else given).search(inventory.read_text(path)) is not None
        for path in dict.fromkeys(
            (*inventory.other, *project.configuration.compose, *project.configuration.images)
        )
        if _RECIPE.search(path)
        and not _PIPELINE.search(path)
        and not is_template(path)
        and stage_of(path) not in ("test", "development")
    )


def _giving(word: str, value: str) -> re.Pattern[str]:
    """A line, no remark, on which a word stands before the value."""
    return re.compile(
        rf"^(?!\s*#).*{word}.{{0,{_NEAR}}}(?<!\w)(?<!\w-){re.escape(value)}(?![\w-])",
        re.IGNORECASE | re.MULTILINE,
    )
