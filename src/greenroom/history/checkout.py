"""The tree at the end of a range, as files."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from greenroom.history.repository import Repository
from greenroom.project.files.errors import ProjectError


@contextmanager
def checked_out(repository: Repository, folder: Path, revision: str) -> Iterator[Path]:
    """The folder itself where it is at that commit; otherwise a temporary copy of the commit's files.

    `git archive` would stop at the first file that git does not hold, and leave out what `.gitattributes` marks
    `export-ignore`, which tests often are.

    Raises:
        ProjectError: there is no room for the files.
    """
    if repository.resolve("HEAD") == revision and not repository.is_bare:
        yield folder
        return
    with TemporaryDirectory(prefix="greenroom-") as temporary:
        root = Path(temporary)
        try:
            _write(repository, revision, root)
        except OSError as error:
            message = f"the files of {revision[:12]} could not be written to {root}: {error}"
            raise ProjectError(message) from error
        yield root


def _write(repository: Repository, revision: str, root: Path) -> None:
    paths: dict[str, list[str]] = defaultdict(list)
    for path, blob in repository.files(revision).items():
        paths[blob].append(path)
    for blob, content in repository.contents(paths):
        for path in paths[blob]:
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
