"""Front-end files as data, read as a user's are."""

import marshal
from pathlib import Path

import pytest

from greenroom.model.settings import Settings
from greenroom.project.files.packs import Pack
from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.grammar import Grammar
from greenroom.project.front.reading import compact, read_front_files
from greenroom.project.project import Project, read_project

PYTHON = {"app/main.py": "print('hello')\n"}


def read(folder: Path, files: dict[str, str]) -> Project:
    """Write the files, beside one of Python, and read them as a project."""
    for name, text in (PYTHON | files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return read_project(folder, Settings())


def read_one(folder: Path, name: str, text: str) -> FrontFile:
    return read(folder, {name: text}).front.files[name]


VARIABLES = """
const required = import.meta.env.VITE_KEY;
const chosen = import.meta.env.VITE_URL ?? "/api";
const either = process.env.NEXT_PUBLIC_URL || process.env["OLD_URL"] || "http://localhost:8000";
const { VITE_NAME, VITE_MODE = "light" } = import.meta.env;
if (import.meta.env.VITE_SWITCH) { start(); }
const on = process.env.REACT_APP_ON === "true";
const ready = !process.env.REACT_APP_DOWN;
const shown = import.meta.env.VITE_SHOWN ? import.meta.env.VITE_SHOWN : "x";
const asserted = process.env.NEXT_PUBLIC_ID!;
if (import.meta.env.DEV) { console.log(process.env.NODE_ENV, process.env.TOLD); }
// import.meta.env.VITE_IN_COMMENT
const words = "process.env.IN_TEXT";
"""


@pytest.mark.parametrize("name", ["web/src/a.ts", "web/src/a.tsx", "web/src/a.js", "web/src/a.mjs"])
def test_variables_of_the_environment(tmp_path: Path, name: str) -> None:
    file = read_one(tmp_path, name, VARIABLES.replace("!", "") if name.endswith("js") else VARIABLES)
    ready = () if name.endswith("js") else ("REACT_APP_DOWN",)
    assert {part.name: (part.how, part.default) for part in file.variables if part.optional} == {
        "VITE_URL": ("vite", "/api"), "NEXT_PUBLIC_URL": ("process", "http://localhost:8000"),
        "OLD_URL": ("process", "http://localhost:8000"), "VITE_MODE": ("vite", "light"), "VITE_SWITCH": ("vite", None),
        "REACT_APP_ON": ("process", None), "VITE_SHOWN": ("vite", None), "TOLD": ("process", None),
    } | dict.fromkeys(ready, ("process", None))  # fmt: skip
    required = [(part.name, part.line) for part in file.variables if not part.optional]
    plain = [("VITE_KEY", 2), ("VITE_NAME", 5), ("NEXT_PUBLIC_ID", 10)]
    assert required == (plain if ready else [*plain[:2], ("REACT_APP_DOWN", 8), plain[2]])


def test_single_file_components(tmp_path: Path) -> None:
    text = (
        "<template>\n  <a :href=\"fetch('/no')\">{{ a }}</a>\n</template>\n"
        "<script>\nexport default { name: 'A' }\n</script>\n"
        '<script setup lang="ts">\nimport { load } from "./api";\nconst a = load<string>(`/x/${import.meta.env.VITE_A}`);\n</script>\n'
    )
    for name in ("web/A.vue", "web/A.svelte"):
        file = read_one(tmp_path, name, text)
        assert [(part.line, part.source, part.local) for part in file.imports] == [(8, "./api", "load")]
        assert [(part.line, part.column, part.callee, part.types) for part in file.calls] == [
            (9, 11, "load", "string")
        ]
        assert [(part.name, part.line) for part in file.variables] == [("VITE_A", 9)]
        assert file.failed == 0


def test_the_kinds_of_files(tmp_path: Path) -> None:
    names = {
        "web/src/api/client.ts": "production", "web/src/api/client.test.ts": "test", "web/e2e/login.ts": "test",
        "web/src/mocks/handlers.ts": "mock", "web/src/Button.stories.tsx": "example", "web/vite.config.ts": "build",
        "web/src/generated/client.ts": "generated", "docs/site/index.ts": "example",
    }  # fmt: skip
    found = read(tmp_path, dict.fromkeys(names, "export {};\n")).front.files
    assert {path: file.kind.value for path, file in found.items()} == names


def test_what_nobody_wrote_is_not_read(tmp_path: Path) -> None:
    files = {
        "web/a.min.js": "a()", "web/types.d.ts": "declare const a: string;", "web/bundle.js": "a();" * 1000,
        "web/data.js": "a\0b", "node_modules/a/index.js": "a()",
    }  # fmt: skip
    assert read(tmp_path, files).front.files == {}


def test_broken_code_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    file = read_one(tmp_path, "web/a.ts", 'load("/a");\nconst = {;\n')
    assert file.failed == 2
    assert [part.callee for part in file.calls] == ["load"]
    deep = read_one(tmp_path, "web/deep.ts", "a(\n" * 20_000 + ")" * 20_000)
    assert (deep.failed, deep.calls) == (1, ())


def test_the_second_reading_is_the_same(tmp_path: Path) -> None:
    first = read_one(
        tmp_path, "web/a.tsx", "export const A = () => <B.Provider value={f(1)}><C /></B.Provider>;\n"
    )
    again = read(tmp_path, {}).front.files["web/a.tsx"]
    assert (again.elements, again.calls, again.functions) == (first.elements, first.calls, first.functions)
    assert [(part.tag, part.parent) for part in again.elements] == [("B.Provider", -1), ("C", 0)]


def test_what_other_code_of_ours_has_kept_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "main.ts"
    file.write_text('fetch("/api/orders");\n', encoding="utf-8")
    (fresh,) = read_front_files(tmp_path, ["main.ts"])["main.ts"].calls
    (written,) = (tmp_path / ".greenroom" / "cache").glob("front-*.bin")
    pack = Pack(tmp_path, "front", int(written.stem.rpartition("-")[2]))
    _, kept = pack.read()
    other = {key: marshal.dumps(compact("other.ts", b"", Grammar())) for key in kept}
    pack.write((b"the code of another version", other))

    (again,) = read_front_files(tmp_path, ["main.ts"])["main.ts"].calls

    assert again == fresh


def test_names_in_the_markup_of_vue_and_svelte_are_mentioned(tmp_path: Path) -> None:
    vue = read_one(
        tmp_path,
        "web/Orders.vue",
        """<template>
  <order-list v-if="ready" :rows="orders" @select="open($event, 'unseen')" title="silent" />
  <OrderForm v-model:row="draft">{{ label(draft) }}</OrderForm>
  <!-- <p @click="forgotten" /> -->
</template>
<script setup>
const ready = true;
</script>
""",
    )
    svelte = read_one(
        tmp_path,
        "web/Orders.svelte",
        '<script>let a = 1;</script>\n<Row on:click={() => remove(a)} name="x" />\n',
    )

    assert {"ready", "orders", "open", "draft", "label"} <= vue.mentioned
    assert not {"unseen", "silent", "forgotten"} & vue.mentioned
    assert {"OrderList", "OrderForm"} <= vue.words
    assert "remove" in svelte.mentioned
    assert "Row" in svelte.words


def test_files_that_a_framework_loads_by_their_folder_are_loaded(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        {
            "shop/nuxt.config.ts": "export default defineNuxtConfig({});",
            "shop/pages/index.vue": "<template><OrderList /></template>",
            "shop/components/orders/OrderList.vue": "<script setup>import { ask } from '~/api';</script>",
            "shop/api.ts": "export const ask = () => 1;",
            "shop/unused.ts": "export const unused = () => 1;",
            "desk/quasar.config.js": "module.exports = {};",
            "desk/src/boot/client.ts": "export const client = 1;",
            "desk/src/old.ts": "export const old = 1;",
            "back/vite.config.ts": "import Components from 'unplugin-vue-components/vite';",
            "back/src/main.ts": "createApp();",
            "back/src/components/Menu.vue": "<script setup>const menu = 1;</script>",
        },
    )

    loaded = project.front.mounting.loaded
    assert {"shop/components/orders/OrderList.vue", "shop/api.ts", "desk/src/boot/client.ts"} <= loaded
    assert "back/src/components/Menu.vue" in loaded
    assert not {"shop/unused.ts", "desk/src/old.ts"} & loaded


def test_calls_and_functions_are_found_by_name(tmp_path: Path) -> None:
    file = read_one(
        tmp_path, "web/src/api.ts",
        "export function load() { http.get('/a'); get('/b'); make().get('/c'); }\n"
        "class Api { get() { load(); } }\n",
    )  # fmt: skip
    assert [call.line for call in file.calls_of("get")] == [1, 1, 1]
    assert [call.line for call in file.calls_of("load")] == [2]
    assert file.calls_of("post") == []
    file.put_away()
    assert len(file.calls_of("get")) == 3
    assert file.defines("load")
    assert file.defines("Api.get")
    assert not file.defines("get")
