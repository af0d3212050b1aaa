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
    r"unplugin-vue-router|vite-plugin-(?:pages|react-pages|remix-routes)|@(?:remix-run/dev|react-router/(?:dev|fs-routes)|sveltejs/kit|"
    r"tanstack/(?:router-\w[\w-]*|\w+-start|start)|umijs/[\w-]+|ice/[\w-]+|solidjs/start|builder\.io/qwik-city|analogjs/[\w-]+|"
    r"generouted/[\w-]+|redwoodjs/[\w-]+|docusaurus/core|roxi/routify|11ty/eleventy|quasar/app[\w-]*|shopify/hydrogen))\"\s*:"
)
"""Tools that take the files of a folder for pages."""


_OTHER_STARTS: Final = re.compile(
    r"(?:^|/)(?:electron|main|background|preload|workers?|renderer|entries|entrypoints)/"
)


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

    def is_inside(self, path: str) -> bool:
        """Whether it lies deeper than the folder of such a package and its `src`: an `index.ts` there only passes things on."""
        inner = path[len(self._home(path)) :].lstrip("/").removeprefix("src/")
        return "/" in inner and not _OTHER_STARTS.search(inner) and self.holds(path)

    def _home(self, path: str) -> str:
        """The folder of the nearest `package.json`."""
        folder = path.rpartition("/")[0]
        while folder and folder not in self._packages:
            folder = folder.rpartition("/")[0]
        return folder
