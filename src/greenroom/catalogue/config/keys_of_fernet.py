"""Keys that only Fernet is given, which refuses all that is not 32 bytes in base64."""

import base64
from typing import Final

from greenroom.catalogue.config.secrets_read import imports_framework
from greenroom.detect.search import mentioning, words
from greenroom.project.code.facts import last_name
from greenroom.project.project import Project
from greenroom.project.settings.variable_read import VariableRead

_MAKES: Final = frozenset({"Fernet", "MultiFernet"})
_LENGTH: Final = 32


def is_refused_by_fernet(project: Project, read: VariableRead, part: str) -> bool:
    """Whether the default is no such key, and every other place that names it makes a Fernet: nothing is ever encrypted with it.

    Args:
        project: what is audited.
        read: where the default stands.
        part: the folder, with a slash behind, of the part of the project that has the key; empty for all of it.
    """
    if not isinstance(read.default, str) or _is_key(read.default):
        return False
    beside = [module for module in project.production() if module.path.startswith(part)]
    if "SECRET_KEY" in read.names and any(map(imports_framework, beside)):
        return False
    names = {spelled for name in read.names for spelled in (name, name.lower())}
    users = [
        scope
        for scope in mentioning(beside, words(*sorted(names)))
        if scope is not read.scope and scope.kind != "module"
    ]
    return bool(users) and all(not _MAKES.isdisjoint(map(last_name, scope.facts.called)) for scope in users)


def _is_key(value: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(value.encode())) == _LENGTH
    except ValueError:
        return False
