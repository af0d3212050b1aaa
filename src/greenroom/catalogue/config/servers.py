"""Which parts of a project answer requests, and sign what they send."""

from typing import Final

from greenroom.project.code.module import Module
from greenroom.project.project import Project

KEYS_OF_SESSIONS: Final = frozenset({"SECRET_KEY", "FLASK_SECRET_KEY"})
_FRAMEWORKS: Final = ("flask", "quart")
_ITS_OWN: Final = frozenset({"", "*", "session", "flash", "get_flashed_messages"})
"""What makes Flask and Quart sign a cookie; a plain `import flask` may be asked for any of it."""
_EXTENSIONS: Final = ("flask_", "quart_")
_SIGN: Final = frozenset(
    {"authlib", "cryptography", "django", "fastapi", "hmac", "itsdangerous", "jose", "jwt", "starlette"}
)
_ON_THE_SERVER: Final = "flask_session"
"""Keeps what a session holds on the server, and signs its number only where it is told to."""
_SIGNER: Final = b"SESSION_USE_SIGNER"
_DO_NOT: Final = frozenset(
    {"flask_api", "flask_apscheduler", "flask_bcrypt", "flask_caching", "flask_compress", "flask_cors", "flask_executor",
     "flask_httpauth", "flask_limiter", "flask_mail", "flask_marshmallow", "flask_migrate", "flask_mongoengine", "flask_pymongo",
     "flask_redis", "flask_restful", "flask_restx", "flask_script", "flask_smorest", "flask_sock", "flask_socketio",
     "flask_sqlalchemy", "flask_swagger_ui", "flask_talisman", "quart_cors", "quart_db", "quart_rate_limiter", "quart_schema",
     "quart_sqlalchemy", "quart_trio"}
)  # fmt: skip


class Servers:
    """Answers for one project, by the part with a manifest or image of its own around a file."""

    def __init__(self, project: Project) -> None:
        """Take the project; its parts are told by their manifests and images."""
        folders = {source.folder for source in project.manifest.sources}
        folders |= {path.rpartition("/")[0] for path in project.configuration.images}
        self._parts = sorted(folders - {""}, key=len, reverse=True)
        self._routes = {route.file for route in project.routes}
        self._project = project

    def may_use(self, module: Module) -> bool:
        """Whether the part around a file has routes."""
        part = self.part(module)
        return not part or not self._routes or any(route.startswith(part) for route in self._routes)

    def sign(self, module: Module) -> bool:
        """Whether the part around a file signs anything: the key of Flask or Quart is idle where nobody has a session."""
        part = self.part(module)
        imported = {
            (found.module.partition(".")[0], found.name or "")
            for beside in ([module] if self._stands_alone(module) else self._project.production())
            if beside.path.startswith(part)
            for found in beside.imports
            if not found.level
        }
        roots = {root for root, _ in imported}
        extensions = {root for root in roots if root.startswith(_EXTENSIONS)} - _DO_NOT
        own = {(root, name) for root, name in imported if root in _FRAMEWORKS and name in _ITS_OWN}
        if _ON_THE_SERVER in extensions and not self._has_signer(part):
            own, extensions = set(), extensions - {_ON_THE_SERVER}
        return roots.isdisjoint(_FRAMEWORKS) or bool(roots & _SIGN or extensions or own)

    def _stands_alone(self, module: Module) -> bool:
        """Whether it imports nothing of the project, and nothing of production imports it: an application in one file."""
        symbols = self._project.symbols
        return not any(
            (target is not None and target is not importer and module in (importer, target))
            for importer in self._project.production()
            for _, *found in symbols.imports(importer)
            for target in found
        )

    def _has_signer(self, part: str) -> bool:
        return any(
            _SIGNER in beside.packed_bodies
            for beside in self._project.production()
            if beside.path.startswith(part)
        )

    def part(self, module: Module) -> str:
        """The folder, with a slash behind, of the part that a file belongs to; empty for the project itself."""
        return next((f"{folder}/" for folder in self._parts if module.path.startswith(f"{folder}/")), "")
