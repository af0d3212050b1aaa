"""Imported by every Python process that a campaign starts, and by those that tests start.

It steps aside at once: the `sitecustomize` that the user has is imported as it would have been without it.
"""

import os
import sys

_FOLDER = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  - pathlib costs every process of the run


def _step_aside() -> None:
    sys.path[:] = [entry for entry in sys.path if entry != _FOLDER]
    ours = sys.modules.pop(__name__)
    try:
        __import__(__name__)
    except ModuleNotFoundError as error:
        if error.name != __name__:
            raise
    finally:
        sys.modules.setdefault(__name__, ours)


def _lend() -> None:
    """Where Greenroom is not installed, as in the project's own environment, load it from where it is."""
    from importlib.util import find_spec, module_from_spec, spec_from_file_location  # noqa: PLC0415

    if find_spec("greenroom") is not None:
        return
    package = os.path.dirname(os.path.dirname(os.path.dirname(_FOLDER)))  # noqa: PTH120
    init = os.path.join(package, "__init__.py")  # noqa: PTH118
    spec = spec_from_file_location("greenroom", init, submodule_search_locations=[package])
    if spec is None or spec.loader is None:
        return
    sys.modules["greenroom"] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules["greenroom"])


def _take_part() -> None:
    _lend()
    part = os.environ.get("GREENROOM_PART", "")
    if part:
        from greenroom.campaign.inside.part import take_part  # noqa: PLC0415  - only where it is wanted

        take_part(part)


try:
    _take_part()
except Exception:  # noqa: BLE001, S110  - what a test starts must start; its lines are then unseen
    pass
finally:
    _step_aside()
