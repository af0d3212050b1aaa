"""Imported by every Python process that is started while a run is recorded.

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
    package = os.path.dirname(os.path.dirname(_FOLDER))  # noqa: PTH120
    init = os.path.join(package, "__init__.py")  # noqa: PTH118
    spec = spec_from_file_location("greenroom", init, submodule_search_locations=[package])
    if spec is None or spec.loader is None:
        return
    sys.modules["greenroom"] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules["greenroom"])
    plugins = [name for name in os.environ.get("PYTEST_PLUGINS", "").split(",") if name]
    if "greenroom.pytest_plugin" not in plugins:
        os.environ["PYTEST_PLUGINS"] = ",".join([*plugins, "greenroom.pytest_plugin"])


def _join() -> None:
    folder = os.environ.get("GREENROOM_RUN", "")
    if not folder:
        return
    try:
        _lend()
        # greenroom: ignore[CFG006] a recorder of tests asks whether a test started this process
        if "PYTEST_CURRENT_TEST" in os.environ:
            from greenroom.record.joining import record_child  # noqa: PLC0415  - only in processes that take part

            record_child(folder)
        elif _may_run_unittest():
            from greenroom.record.joining import record_unittest  # noqa: PLC0415

            record_unittest(folder)
    except Exception as error:  # noqa: BLE001  - a recorder never stands in the way
        _complain(folder, f"a process could not join the run: {type(error).__name__}: {error}")


def _may_run_unittest() -> bool:
    """Whether it was started as `manage.py test`, `python -m unittest`, `runtests.py`; pytest has a plugin."""
    words = [os.path.basename(word) for word in sys.orig_argv[1:]]  # noqa: PTH119
    return any("test" in word for word in words) and not any("pytest" in word for word in words)


def _complain(folder: str, text: str) -> None:
    import json  # noqa: PLC0415

    try:
        with open(os.path.join(folder, f"child-{os.getpid()}.jsonl"), "a", encoding="utf-8") as stream:  # noqa: PTH118, PTH123
            stream.write(json.dumps({"note": text}) + "\n")
    except OSError:
        return


try:
    _join()
finally:
    _step_aside()
