"""The tree at the end of a range, as files."""

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from greenroom.history.repository import Repository
from greenroom.project.files.errors import ProjectError


@contextmanager
def checked_out(repository: Repository, folder: Path, revision: str) -> Iterator[Path]:
    """The folder itself where it is at that commit; otherwise a temporary copy of the commit's files.

    Raises:
        ProjectError: git cannot give the files, or there is no room for them.
    """
    if repository.resolve("HEAD") == revision and not repository.is_bare:
        yield folder
        return
    with TemporaryDirectory(prefix="greenroom-") as temporary:
        archive = subprocess.run(  # noqa: S603  - no shell; the revision is an id
            ("git", "archive", "--format=tar", f"{revision}:{repository.prefix}"),  # noqa: S607
            cwd=folder, capture_output=True, check=False,
        )  # fmt: skip
        if archive.returncode:
            message = f"{folder}: git cannot give the files of {revision[:12]}: {archive.stderr.decode(errors='replace').strip()}"
            raise ProjectError(message)
        try:
            with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
                files.extractall(temporary, filter="data")
        except (OSError, tarfile.TarError) as error:
            message = f"the files of {revision[:12]} could not be written to {temporary}: {error}"
            raise ProjectError(message) from error
        yield Path(temporary)
