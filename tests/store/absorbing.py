"""A process that takes in a run: python -m tests.store.absorbing ROOT ADDRESS RUN-ID TESTS [PATIENCE].

It says `open` once the store is, and ends as `greenroom` does: 2 and a message where the store fails.
"""

import sys
from datetime import timedelta
from pathlib import Path

from greenroom.store.errors import StoreError
from greenroom.store.store import open_store
from tests.store.examples import a_run, many_tests


def main(root: str, address: str, run_id: str, number: str, patience: str = "60") -> int:
    tests = many_tests(int(number))
    try:
        with open_store(Path(root), address, patience=timedelta(seconds=float(patience))) as store:
            print("open", flush=True)  # noqa: T201  - the test waits for it
            store.absorb(a_run(run_id), tests)
    except StoreError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
