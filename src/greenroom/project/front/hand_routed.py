"""Packages in which a file of `pages/` or `routes/` is loaded only where something imports it."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.kind import FrontKind

ROOT_MAKERS: Final = frozenset(
    {"createRoot", "hydrateRoot", "createApp", "createSSRApp", "bootstrapApplication"}
)
"""Calls with which a page of one's own begins."""
GLOBS: Final = frozenset({"glob", "globEager", "context"})
"""`import.meta.glob("./plugins/*.ts")`, `require.context("./plugins")`."""
_FOLDER_ROUTERS: Final = re.compile(
    r'"(?:next|nuxt|nuxt3|nuxt-edge|gatsby|astro|sapper|vike|vite-plugin-ssr|umi|ice|rakkas|waku|honox|blitz|preact-cli|expo-router|'
    r"expo|unplugin-vue-router|vite-plugin-(?:pages|react-pages|remix-routes)|@(?:remix-run|react-router|sveltejs|tanstack|umijs|ice|"
    r"solidjs|builder\.io|analogjs|generouted|redwoodjs|docusaurus|roxi|11ty|quasar|vuepress|shopify)/(?:[\w-]+))\"\s*:"
)
"""Tools that take the files of a folder for pages."""


class HandRouted:
    """Answers for one front end."""

    def __init__(
        self, files: Iterable[FrontFile], settings: Iterable[str], read_text: Callable[[str], str]
    ) -> None:
        """Take `package.json` of the settings."""
        packages = {
            path.rpartition("/")[0]: read_text(path)
            for path in settings
            if path.rpartition("/")[2] == "package.json"
        }
        self._by_folder = {folder for folder, text in packages.items() if _FOLDER_ROUTERS.search(text)}
        self._packages = packages
        begun: set[str] = set()
        for file in files:
            if file.kind is FrontKind.PRODUCTION:
                home = self._home(file.path)
                if not ROOT_MAKERS.isdisjoint(file.words):
                    begun.add(home)
                if not GLOBS.isdisjoint(file.words):
                    self._by_folder.add(home)
        self._begun = begun

    def holds(self, path: str) -> bool:
        """Whether its package makes a page by a call of its own, and neither it nor one around it has a router of files."""
        home = self._home(path)
        return (
            home in self._packages
            and home in self._begun
            and not any(
                home == folder or home.startswith(f"{folder}/") or not folder for folder in self._by_folder
            )
        )

    def _home(self, path: str) -> str:
        """The folder of the nearest `package.json`."""
        folder = path.rpartition("/")[0]
        while folder and folder not in self._packages:
            folder = folder.rpartition("/")[0]
        return folder
