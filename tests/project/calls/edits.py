"""Random edits of a project's files: what people do to code, and worse."""

import re
from pathlib import Path
from random import Random

_NAME = re.compile(r"\b[A-Za-z_][A-Za-z_0-9]*\b")
_KEYWORDS = {
    "import", "from", "class", "def", "return", "async", "await", "if", "else", "for", "in", "with", "as", "and", "or",
    "not", "None", "True", "False", "try", "except", "finally", "raise", "global", "yield", "lambda", "pass", "while", "is",
}  # fmt: skip
_ADDED = (
    "def {name}():\n    return {other}()\n",
    "class {name}({other}):\n    @property\n    def {other}(self):\n        return {name}()\n",
    "class {name}({other}):\n    def {third}(self):\n        raise NotImplementedError\n",
    "{name} = {other}()\n",
    "{name}: {other} = {third}\n",
    "app.state.{name} = {other}()\n",
    "def {name}(self, x: {other} = {third}):\n    return self.app.state.{name}.{other}(x)\n",
    "def {name}():\n    global {other}\n    {other} = {third}()\n",
    "{name}.register('{other}', {third})\n{name}.get('{other}').{third}()\n",
    "{name} = {{'{other}': {third}()}}\n{name}['{other}'] = {other}()\n",
    "from {module} import {name}\n",
    "from {module} import *\n",
    "import {module} as {name}\n",
)


class Editor:
    """Edits the Python files below a folder, one at a time."""

    def __init__(self, root: Path, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311  a test that can be repeated
        self._root = root
        self._files = sorted(path for path in root.rglob("*.py") if ".greenroom" not in path.parts)
        texts = [path.read_text(encoding="utf-8") for path in self._files]
        self._names = sorted({name for text in texts for name in _NAME.findall(text)} - _KEYWORDS)
        self._modules = [path.relative_to(root).with_suffix("").as_posix().replace("/", ".") for path in self._files]  # fmt: skip

    def edit(self) -> str:
        """Change one file; what was done, for the message of a failing test."""
        path = self._random.choice(self._files)
        text = path.read_text(encoding="utf-8")
        how = self._random.choice((self._rename, self._add, self._drop, self._move, self._shift))
        path.write_text(how(text), encoding="utf-8")
        return f"{how.__name__} in {path.relative_to(self._root)}"

    def _rename(self, text: str) -> str:
        """One occurrence of a name becomes another name of the project."""
        found = [match for match in _NAME.finditer(text) if match.group() not in _KEYWORDS]
        if not found:
            return self._add(text)
        place = self._random.choice(found)
        other: str = self._random.choice(self._names)
        return text[: place.start()] + other + text[place.end() :]

    def _add(self, text: str) -> str:
        """A statement that binds, places or imports something, anywhere at the top level."""
        name, other, third = self._random.choices(self._names, k=3)
        module = self._random.choice(self._modules)
        added = self._random.choice(_ADDED).format(name=name, other=other, third=third, module=module)
        blocks = self._blocks(text)
        blocks.insert(self._random.randint(0, len(blocks)), added)
        return "".join(blocks)

    def _drop(self, text: str) -> str:
        blocks = self._blocks(text)
        if blocks:
            blocks.pop(self._random.randrange(len(blocks)))
        return "".join(blocks)

    def _move(self, text: str) -> str:
        """A statement of some other file is added to this one."""
        blocks = self._blocks(self._random.choice(self._files).read_text(encoding="utf-8"))
        taken = self._random.choice(blocks) if blocks else "pass\n"
        return "".join([*self._blocks(text), taken])

    def _shift(self, text: str) -> str:
        """Comments and empty lines."""
        blocks = self._blocks(text)
        blocks.insert(self._random.randint(0, len(blocks)), "# moved\n\n")
        return "".join(blocks)

    @staticmethod
    def _blocks(text: str) -> list[str]:
        """Top-level statements with what is indented below them."""
        text = text if text.endswith("\n") else f"{text}\n"
        return re.findall(r"(?:^@[^\n]*\n)*^[^\s][^\n]*\n(?:(?:[ \t)\]}][^\n]*)?\n)*", text, re.MULTILINE)
