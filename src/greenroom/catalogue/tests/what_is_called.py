"""Whether the calls of an integration point are of one service, and made at all; shared by the entries of this family."""

from typing import Final

from greenroom.catalogue.startup.distributions import is_declared, is_standard, with_company
from greenroom.model.integration_point import IntegrationPoint
from greenroom.project.project import Project

_HEAP: Final = 8
"""Files from which on a client for any host stands for several services."""
_OF_A_CLOUD: Final = frozenset({"boto3", "botocore", "aioboto3", "aiobotocore"})
"""One client library for everything that a cloud sells."""


def is_of_several_services(point: IntegrationPoint) -> bool:
    """Whether so many files call hosts which no code names that they mean several services: what is provoked of one says nothing of another."""
    if not point.name.startswith("http via "):
        return False
    files = len({place.path for place in point.sites})
    library = point.library.replace("-", "_").partition(".")[0]
    most = 2 if library in _OF_A_CLOUD else _HEAP
    return files >= most


def is_left_out(project: Project, point: IntegrationPoint) -> bool:
    """Whether no manifest asks for the library, and each file that calls it reckons with its absence."""
    runtime = project.manifest.runtime
    heads = {
        point.library.replace("-", "_"),
        *({"boto3", "botocore"} if point.library in _OF_A_CLOUD else ()),
    }
    if not runtime or any(is_standard(head) or is_declared(head, with_company(runtime)) for head in heads):
        return False
    imports = [
        part
        for path in {place.path for place in point.sites}
        if path in project.modules
        for part in project.modules[path].imports
        if not part.level and part.module.partition(".")[0] in heads
    ]
    return bool(imports) and all(part.guard for part in imports)
