"""Variables that code requires and no file of the project declares."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

from greenroom.catalogue.dependency.by_hand import ByHand
from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Confidence, Reach
from greenroom.project.code import facts
from greenroom.project.code.module import Module
from greenroom.project.files.inventory import Inventory
from greenroom.project.project import Project
from greenroom.project.settings.declaration import Declaration
from greenroom.project.settings.variable_read import VariableRead

_OF_PLATFORMS: Final = re.compile(
    r"(?:PATH|HOME|USER|USERNAME|LOGNAME|HOSTNAME|PWD|SHELL|LANG|TERM|EDITOR|TZ|PORT|CI|DYNO|TEMP|TMP|TMPDIR|APPDATA|"
    r"LOCALAPPDATA|USERPROFILE|PROGRAMDATA|PROGRAMFILES\S*|PUBLIC|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|COMPUTERNAME|DISPLAY|"
    r"VIRTUAL_ENV|SPACE_ID|DJANGO_SETTINGS_MODULE|SERVER_SOFTWARE|RUN_MAIN|INVOCATION_ID|NOTIFY_SOCKET|LOCAL_RANK|RANK|"
    r"WORLD_SIZE|K_SERVICE|K_REVISION|SOURCE_COMMIT|SOURCE_VERSION|GCP_PROJECT|GOOGLE_CLOUD_PROJECT|"
    r"GIT_DIR|GIT_INDEX_FILE|JAVA_HOME|HADOOP_HOME|SPARK_HOME|LD_LIBRARY_PATH|HTTP_PROXY|HTTPS_PROXY|NO_PROXY|"
    r"(?:LC|XDG|SSH|CERTBOT|RENEWED|SUDO|CONDA|PYTHON|KUBERNETES|AWS|LAMBDA|GITHUB|GITLAB|CI|HEROKU|VERCEL|RENDER|RAILWAY|FLY|GAE|"
    r"WEBSITE|SNAP|ANDROID|NVIDIA|CUDA|MASTER|OMP|TOX|PYTEST|WERKZEUG|LISTEN|JPY|JUPYTER|JUPYTERHUB|COLAB|RAY|SLURM|MPI|"
    r"OMPI|PMI|TORCHELASTIC|WAYLAND|DBUS|GTK|QT|KDE|GNOME|ECS|CODESPACE|CODESPACES|GITPOD|SUPERVISOR|ACTIONS)_\w*)"
)
_ENVIRON: Final = words("environ")
_FEW: Final = 2
"""Fewer declared variables than these, and the project keeps no list that one could be missing from."""
_PAGE: Final = re.compile(r"\.(?:md|mdx|rst|adoc|txt)$", re.IGNORECASE)
_QUOTES_CODE: Final = re.compile(r"os\.environ|environ\[|environ\.get|getenv")


class Undeclared:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        found = project.configuration
        self._known = {name.upper() for name in found.mentioned | found.written}
        self._described = {name.upper() for name in found.described}
        self._by_hand = project.once(ByHand)
        self._spared = {name for read in found.reads if not read.required for name in read.own_names}
        self._spared.update(_asked_for(project.production()))
        """Elsewhere the code does without them."""

    def find(self) -> Iterator[tuple[VariableRead, Confidence]]:
        """The required variables that no file but the code names, and how sure it is that one should."""
        candidates = [read for read in self._project.configuration.reads if self._is_missing(read)]
        if not candidates or not self._keeps_a_list():
            return
        deployed = self._deployed_elsewhere({name for read in candidates for name in read.names})
        for read in candidates:
            if not deployed.intersection(name.upper() for name in read.names):
                yield read, self._confidence(read)

    def _is_missing(self, read: VariableRead) -> bool:
        if not read.required or any(_OF_PLATFORMS.fullmatch(name.upper()) for name in read.names):
            return False
        if read.is_prefix and any(
            known.startswith(name.upper()) for name in read.names for known in self._known
        ):
            return False
        return not any(name.upper() in self._known for name in read.names)

    def _keeps_a_list(self) -> bool:
        """Whether files of the project declare what its code reads."""
        return self._is_list(self._project.configuration.declarations)

    def _is_list(self, declarations: Iterable[Declaration]) -> bool:
        read = {name.upper() for part in self._project.configuration.reads for name in part.names}
        return len(read & {part.name.upper() for part in declarations}) >= _FEW

    @cached_property
    def _only_terraform_lists(self) -> bool:
        """Whether no other file keeps the list."""
        return not self._is_list(
            part for part in self._project.configuration.declarations if part.source != "terraform"
        )

    def _is_given_its_neighbours(self, module: Module) -> bool:
        """Whether a process that Terraform gives all of its variables by name gets what else the module requires."""
        needed = {
            name.upper()
            for read in self._project.configuration.reads
            if read.required and read.scope.module is module
            for name in read.names
        }
        return any(
            len(needed & {part.name.upper() for part in environment.given}) >= _FEW and not environment.opened
            for environment in self._project.configuration.terraform
        )

    def _confidence(self, read: VariableRead) -> Confidence:
        module = read.scope.module
        if (
            self._by_hand.is_run_by_hand(module)
            or (self._only_terraform_lists and not self._is_given_its_neighbours(module))
            or self._is_chosen(read)
            or not self._spared.isdisjoint(read.own_names)
            or self._is_handed_on(read)
            or self._is_made_by_hand(read)
            or not (self._is_given_its_neighbours(module) or self._are_neighbours_declared(read))
        ):
            return Confidence.POSSIBLE
        if self._is_list_kept_elsewhere and any(name.upper() in self._described for name in read.names):
            return Confidence.POSSIBLE
        return Confidence.PROBABLE

    @cached_property
    def _is_list_kept_elsewhere(self) -> bool:
        """Whether no compose file lists what is given, or some takes it from a file that whoever deploys writes by the documents."""
        compose = self._project.configuration.compose
        return not compose or any(
            path not in self._project.configuration.env_files
            for file in compose.values()
            for service in file.services.values()
            for path, _ in service.env_files
        )

    def _are_neighbours_declared(self, read: VariableRead) -> bool:
        """Whether files declare at least as many of the variables that its file or its folder requires as they leave out."""
        around = [
            part
            for part in self._project.configuration.reads
            if part.scope.module.folder == read.scope.module.folder
        ]
        names = {part.name.upper() for part in around if part is not read}
        required = {part.name.upper() for part in around if part.required}
        return len(names & self._known) >= len(required - self._known)

    def _is_made_by_hand(self, read: VariableRead) -> bool:
        """Whether a settings class is made only where nothing but scripts, or nothing at all, is known to come."""
        if read.how != "settings":
            return False
        makers = [
            edge.caller
            for edge in self._project.graph.callers(read.scope)
            if edge.how in ("construct", "call")
        ]
        return bool(makers) and all(
            maker.kind != "module" and self._project.entries.reach(maker) in (Reach.SCRIPT, Reach.UNREACHED)
            for maker in makers
        )

    def _is_handed_on(self, read: VariableRead) -> bool:
        """Whether other production code names the variable without reading it: it may set it for a child."""
        reading = {part.scope.module for part in self._project.configuration.reads if part.name == read.name}
        return read.how != "settings" and any(
            _names_it(module, name)
            for module in self._project.production()
            if module not in reading
            for name in read.names
        )

    @staticmethod
    def _is_chosen(read: VariableRead) -> bool:
        """Whether it is read under a condition only: in a branch, in a class for one of several providers."""
        if read.how == "settings":
            return False
        body = read.scope.body
        return any(
            block.kind in ("if", "else", "try", "except", "case")
            for call_block in _blocks_on(read)
            for block in body.enclosing(call_block)
        )

    def _deployed_elsewhere(self, names: set[str]) -> set[str]:
        """The names that deployment files of other kinds give: Terraform, units, templates of Helm."""
        words = "|".join(map(re.escape, sorted(names)))
        pattern = re.compile(rf"(?<![A-Za-z0-9_])(?:{words})(?![A-Za-z0-9_])", re.IGNORECASE)
        found: set[str] = set()
        inventory = self._project.inventory
        for path in (*inventory.documents, *_programs_of_pulumi(inventory)):
            target = self._described if _PAGE.search(path) else found
            for line in inventory.read_text(path).splitlines():
                if not _QUOTES_CODE.search(line):
                    target.update(name.upper() for name in pattern.findall(line))
        return found


def _programs_of_pulumi(inventory: Inventory) -> Iterator[str]:
    """Sources beside a `Pulumi.yaml` or below it, which make the machines and give them their variables."""
    homes = tuple(
        path.removesuffix("Pulumi.yaml")
        for path in (*inventory.other, *inventory.documents)
        if path == "Pulumi.yaml" or path.endswith("/Pulumi.yaml")
    )
    return (path for path in inventory.front if path.startswith(homes)) if homes else iter(())


def _asked_for(modules: Iterable[Module]) -> Iterator[str]:
    """Names of which an `if` asks whether they are there: `if "STORE" in os.environ:`."""
    for scope in mentioning(modules, _ENVIRON):
        for block in scope.body.blocks:
            for part in facts.walk(block.detail) if block.kind == "if" else ():
                if isinstance(part, tuple) and part[0] == facts.COMPARE and part[1] == ("in",):
                    name, held = facts.constant(part[2][0]), part[2][1]
                    if isinstance(name, str) and isinstance(held, str) and held.endswith("environ"):
                        yield name


def _blocks_on(read: VariableRead) -> Iterator[int]:
    """The blocks of what stands on the line of a read."""
    body = read.scope.body
    for call in body.calls:
        if call.line == read.line:
            yield call.block
    for part in body.statements:
        if part.line == read.line:
            yield part.block


def _names_it(module: Module, name: str) -> bool:
    """Whether the name stands in the code as a text; `config.NAME` and an imported `NAME` are what was read already."""
    if any(part.name == name for part in module.imports):
        return False
    return re.search(rb"(?<!\.)" + re.escape(name.encode()), module.packed_bodies) is not None
