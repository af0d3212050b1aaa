"""The commands by which containers are asked whether they are well."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from greenroom.model.finding import Confidence
from greenroom.project.settings.compose import ComposeFile, Service, is_for_developers
from greenroom.project.settings.configuration import Configuration
from greenroom.project.settings.declaration import stage_of
from greenroom.project.settings.dockerfile import Image, command_words

_NEVER_FAILS: Final = re.compile(r"\|\|\s*(?:true|exit\s+0|:)\s*[\"']?$|;\s*(?:true|exit\s+0)\s*[\"']?$")
_TRUE: Final = re.compile(r"^(?:/bin/)?(?:true|:|exit 0|echo\b[^|&;]*)$")
_CURL: Final = re.compile(r"(?:^|[\s;&(/])curl\s+(?P<options>[^|&;]*)")
_FAILS: Final = re.compile(r"(?:^|\s)(?:-[a-zA-Z]*f[a-zA-Z]*|--fail\S*)(?:\s|$)")
_READS: Final = re.compile(r"\||%\{http_code\}|\$\(|`|<\(|grep|jq")
_IDLE: Final = re.compile(r"\bsleep[\s\"',]+(?:infinity|inf)\b|\btail[\s\"',]+-f[\s\"',]+/dev/null")
_SETS_UP: Final = re.compile(r"(?:^|[-_.])(?:set-?up|init|migrations?|migrate|seed|bootstrap)(?:$|[-_.])")
_URL: Final = re.compile(r"https?://[^\s\"'|&;)]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCommand:
    """One of them."""

    path: str
    line: int
    image: str
    """The Dockerfile of whoever is asked; empty where it is not built here."""
    owner: str
    """As a message names it."""
    path_asked: str
    """Of the URL; empty where it asks none."""
    waited_for: bool
    """Whether a service is started only once this one is healthy."""
    fault: str
    """Why it cannot fail, as the end of a sentence; empty where it can."""
    confidence: Confidence
    remedy: str


def find_commands(configuration: Configuration) -> Iterator[HealthCommand]:
    """Those of compose services and of images."""
    waited = {
        (compose.path, part.name)
        for compose in configuration.compose.values()
        for service in compose.services.values()
        for part in service.depends_on
        if part.condition == "service_healthy"
    }
    images_waited_for = {
        service.dockerfile
        for compose in configuration.compose.values()
        for service in compose.services.values()
        if (compose.path, service.name) in waited and not service.healthcheck.entries
    }
    for compose in configuration.compose.values():
        for service in compose.services.values():
            yield from _of_service(compose, service, waited_for=(compose.path, service.name) in waited)
    for image in configuration.images.values():
        yield from _of_image(image, waited_for=image.path in images_waited_for)


def _of_service(compose: ComposeFile, service: Service, *, waited_for: bool) -> Iterator[HealthCommand]:
    test = service.healthcheck.get("test")
    words = [part.text for part in test.items]
    text = test.text or (" ".join(words[1:]) if words[:1] in (["CMD"], ["CMD-SHELL"]) else " ".join(words))
    if text and words[:1] != ["NONE"] and compose.stage != "test":
        place = (compose.path, test.line, service.dockerfile)
        found = _judged(place, f"the service `{service.name}`", text.strip(), waited_for=waited_for)
        passing = not waited_for and (_ends(compose, service) or is_for_developers(service))
        matters = waited_for or bool(service.restart or service.ports)
        doubtful = passing or not matters or compose.stage == "development"
        yield replace(found, confidence=Confidence.POSSIBLE) if doubtful else found


def _ends(compose: ComposeFile, service: Service) -> bool:
    """Whether it sets something up and is done: others wait for its end, or its name says so and nobody reaches it."""
    if any(
        part.name == service.name and part.condition == "service_completed_successfully"
        for other in compose.services.values()
        for part in other.depends_on
    ):
        return True
    goes_on = service.restart in ("always", "unless-stopped") or service.ports
    return not goes_on and any(map(_SETS_UP.search, (service.name, service.target)))


def _of_image(image: Image, *, waited_for: bool) -> Iterator[HealthCommand]:
    if any(_IDLE.search(part.command[0]) for part in image.built()):
        return  # it stands in for something that is turned off: there is nothing to find
    for stage in image.built()[:1]:
        text, line = stage.healthcheck
        command = re.sub(r"^(?:\s*--\S+\s+)*\s*CMD\s+", "", text)
        if text and command != text:
            yield _judged((image.path, line, image.path), "the image", " ".join(command_words(command)) if command.startswith("[") else command,
                          waited_for=waited_for)  # fmt: skip


def _judged(place: tuple[str, int, str], owner: str, text: str, *, waited_for: bool) -> HealthCommand:
    path, line, image = place
    fault, remedy = "", ""
    sure = Confidence.POSSIBLE if stage_of(path) == "development" else Confidence.DEFINITE
    curl = _CURL.search(text)
    if _NEVER_FAILS.search(text) or _TRUE.match(text):
        fault, remedy = "cannot fail, whatever its command finds", "let the command's own exit code stand"
    elif (
        curl and not _FAILS.search(curl["options"]) and not _READS.search(text) and "http" in curl["options"]
    ):
        fault, remedy = (
            "takes every answer of the server for good: curl without `--fail` succeeds on a 500",
            "add `--fail`",
        )
    url = _URL.search(text)
    asked = urlsplit(url[0]).path if url and _is_plain(url[0]) else ""
    return HealthCommand(
        path=path,
        line=line,
        image=image,
        owner=owner,
        path_asked=asked,
        waited_for=waited_for,
        fault=fault,
        confidence=sure,
        remedy=remedy,
    )


def _is_plain(url: str) -> bool:
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True
