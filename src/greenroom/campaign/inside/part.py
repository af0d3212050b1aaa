"""What a process that a test has started does for the campaign.

It loads as little as it can: a suite may start a server for each test, and wait for it.
"""

import json


def take_part(file: str) -> None:
    """Do what the parent said in a file."""
    with open(file, encoding="utf-8") as told:  # noqa: PTH123  - pathlib costs every process of the run
        part = json.load(told)
    if "text" in part:
        from greenroom.mutate.import_hook import SuppliedSource  # noqa: PLC0415  - one of two

        SuppliedSource(part["file"], part["text"]).install()
    else:
        from greenroom.campaign.inside.children import tell_lines  # noqa: PLC0415  - one of two

        tell_lines(part)
