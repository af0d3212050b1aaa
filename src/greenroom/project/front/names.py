"""The names of one file: what it binds, imports and exports, indexed."""

from collections import defaultdict
from functools import cached_property

from greenroom.project.front.facts import Binding, Class, Export, Function, Import, Shape
from greenroom.project.front.front_file import FrontFile


class Names:
    """An index over a file; made when first asked for."""

    def __init__(self, file: FrontFile) -> None:
        self.file = file

    @cached_property
    def bindings(self) -> dict[tuple[int, str], list[Binding]]:
        """By function and name, which may be dotted."""
        found: dict[tuple[int, str], list[Binding]] = defaultdict(list)
        for binding in self.file.bindings:
            found[binding.function, binding.name].append(binding)
        return dict(found)

    @cached_property
    def own(self) -> dict[str, list[Binding]]:
        """`this.x = …`, by `x`."""
        found: dict[str, list[Binding]] = defaultdict(list)
        for binding in self.file.bindings:
            if binding.name.startswith("this."):
                found[binding.name[5:]].append(binding)
        return dict(found)

    @cached_property
    def imports(self) -> dict[str, Import]:
        """By local name."""
        return {part.local: part for part in self.file.imports if part.local}

    @cached_property
    def exports(self) -> dict[str, Export]:
        """By name, without `export *`."""
        return {part.name: part for part in self.file.exports if part.name != "*"}

    @cached_property
    def stars(self) -> list[Export]:
        """The sources of `export * from …`."""
        return [part for part in self.file.exports if part.name == "*"]

    @cached_property
    def classes(self) -> dict[str, Class]:
        """By name."""
        return {part.name: part for part in self.file.classes}

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """By name."""
        return {part.name: part for part in self.file.shapes}

    def parameter(self, function: Function, name: str) -> tuple[int, str] | None:
        """Position of the parameter that binds a name, and the key where it is part of an object."""
        for position, parameter in enumerate(function.parameters):
            if parameter.name == name:
                return position, ""
            for key, local in parameter.parts:
                if local == name:
                    return position, key
        return None
