"""Positive evidence that a compose file is what users get, and not what developers start."""

import re
from typing import Final

from greenroom.project.settings.compose import ComposeFile, Service, is_for_developers
from greenroom.project.settings.interpolation import references

_MODE: Final = re.compile(r"(?:^|_)(?:ENV|ENVIRONMENT|STAGE)$")
_LIVE: Final = re.compile(r"prod|production|live|staging", re.IGNORECASE)
_SETTINGS: Final = re.compile(r"(?:^|_)(?:SETTINGS|SETTINGS_MODULE|CONFIG|ENV|ENVIRONMENT)$")
_OF_TESTS: Final = re.compile(r"(?:^|[\W_])(?:ci|tests?|testing)(?:[\W_]|$)", re.IGNORECASE)
_HOME: Final = re.compile(r"(?:\$HOME|\$\{HOME\}|~)/")
_OVER_THE_IMAGE: Final = re.compile(r"\./?(?:app|src|[\w-]+/src)?/?:")
_COMES_BACK: Final = frozenset({"always", "unless-stopped"})


def is_deployed(compose: ComposeFile) -> bool:
    """Whether its name or folder speaks of production, or it starts the project's own code for production.

    A service of the project is told that this is production, or comes back after a crash, and none runs the sources of whoever
    works on them, or with the settings of tests.
    """
    own = [service for service in compose.services.values() if service.build or service.env_files]
    if any(map(_has_settings_of_tests, own)):
        return False
    if compose.stage:
        return compose.stage == "production" and not any(map(_is_of_developers, own))
    return any(_is_told(service) or service.restart in _COMES_BACK for service in own) and not any(
        map(is_for_developers, own)
    )


def _is_of_developers(service: Service) -> bool:
    """Whether it belongs to whoever works on it, whatever its file is called: a home folder is mounted, and sources over the image's."""
    return any(_HOME.match(volume) for volume in service.volumes) and any(
        _OVER_THE_IMAGE.match(volume) for volume in service.volumes
    )


def _has_settings_of_tests(service: Service) -> bool:
    """`DJANGO_SETTINGS_MODULE: shop.settings.production-ci`: a stack like that of production, for a pipeline."""
    return any(
        _SETTINGS.search(line.name.upper()) and _OF_TESTS.search(_known(line.value))
        for line in service.environment.values()
    )


def _is_told(service: Service) -> bool:
    return any(
        _MODE.search(line.name.upper()) and _LIVE.fullmatch(_known(line.value))
        for line in service.environment.values()
    )


def _known(value: str) -> str:
    """What holds where nobody sets another."""
    asked = references(value)
    return (asked[0].default or "") if asked else value
