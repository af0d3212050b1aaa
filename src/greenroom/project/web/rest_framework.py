"""Django REST framework: routers and the actions of view sets."""

from collections.abc import Iterator

from greenroom.project.code.facts import Call, constant, last_name
from greenroom.project.code.module import Scope
from greenroom.project.web.regex_paths import simplified
from greenroom.project.web.sites import Site, argument
from greenroom.project.web.thing import Context, Made
from greenroom.project.web.wiring import Mount, Node, Registered, Text, Wiring, hang, name_all

ROOT_VIEW = "APIRootView"
"""Symbol of the page that a router makes by itself."""
_NESTED = frozenset({"NestedSimpleRouter", "NestedDefaultRouter", "NestedMixin"})
_LIST = {"list": "GET", "create": "POST"}
_DETAIL = {"retrieve": "GET", "update": "PUT", "partial_update": "PATCH", "destroy": "DELETE"}
_PROVIDED = {
    "ListModelMixin": ("list",), "CreateModelMixin": ("create",), "RetrieveModelMixin": ("retrieve",),
    "UpdateModelMixin": ("update", "partial_update"), "DestroyModelMixin": ("destroy",),
    "ReadOnlyModelViewSet": ("list", "retrieve"), "ModelViewSet": (*_LIST, *_DETAIL),
}  # fmt: skip


class ViewSets:
    """Hangs what a router makes of a view set."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    def register(self, node: Node, site: Site) -> None:
        """`router.register("users", UserViewSet)`."""
        wiring = self._wiring
        self._nest(node)
        cls = wiring.handler(site.context, argument(site.call, 1, "viewset"))
        prefix, certain = _with_parameters(wiring.path(site.context, argument(site.call, 0, "prefix")))
        place = (site.context.scope, site.line)
        if cls is None or cls.kind != "class":
            node.items.append(Mount(path=(f"{prefix}/", certain), scope=place[0], line=place[1]))
            return
        slash = "" if self._is_bare(node) else "/"
        base = f"{prefix}/" if prefix else ""
        detail = f"{base}<{looked_up(wiring, cls)}>"
        listed = (f"{prefix}{slash}" if prefix else "", certain)
        # The order of the framework: extra actions of the list come before the details they could be taken for.
        name = self._base_name(site, cls)
        self._bound(node, cls, place, (_LIST, listed), name and f"{name}-list")
        for handler, path, methods in self._extra(cls, is_detail=False):
            start = len(node.items)
            hang(node, handler, place, methods, (f"{base}{path[0]}{slash}", certain and path[1]))
            name_all(node, start, _extra_name(name, handler))
        self._bound(node, cls, place, (_DETAIL, (f"{detail}{slash}", certain)), name and f"{name}-detail")
        for handler, path, methods in self._extra(cls, is_detail=True):
            start = len(node.items)
            hang(node, handler, place, methods, (f"{detail}/{path[0]}{slash}", certain and path[1]))
            name_all(node, start, _extra_name(name, handler))

    def _base_name(self, site: Site, cls: Scope) -> str:
        """The beginning of all names: as it is told, or of the model; empty where the code does not show it."""
        told = self._wiring.evaluation.text(site.context, argument(site.call, 2, "basename", "base_name"))
        if told is not None:
            return told[0]
        value = self._wiring.class_value(cls, "queryset")
        callee = value[0].scope.body.calls[value[1]].callee if value and isinstance(value[1], int) else ""
        model, _, rest = callee.partition(".objects") if isinstance(callee, str) else ("", "", "")
        return model.rpartition(".")[2].lower() if rest else ""

    def _bound(
        self, node: Node, cls: Scope, place: tuple[Scope, int], part: tuple[dict[str, str], Text], name: str
    ) -> None:
        """What the router binds to one path, and what the view finds there by itself: methods called as HTTP's."""
        actions, path = part
        start = len(node.items)
        found = list(self._actions(cls, actions))
        allowed = self._allowed(cls)
        bound = {method for method, _ in found if method in allowed}
        for method, action in found:
            if method in bound:
                hang(node, self._member(cls, action), place, (method,), path)
        for method, member in self._wiring.class_methods(cls) if found else ():
            if method not in bound:  # the router puts its action over a method of that name
                hang(node, member, place, (method,), path)
        name_all(node, start, (name, True) if name else None)

    def finish(self, node: Node) -> None:
        """The page that `DefaultRouter` puts in front of all that was registered."""
        made = node.made
        if made is None or not node.items or "DefaultRouter" not in self._kinds(made):
            return
        value = self._wiring.class_value(made.cls, "include_root_view") if made.cls is not None else None
        if value is None or value[1] != ("const", False):
            line = made.scope.body.calls[made.call].line
            node.items.append(Registered(methods=("GET",), path=("", True), handler=None, scope=made.scope, line=line,
                                         what=ROOT_VIEW))  # fmt: skip

    def _kinds(self, made: Made) -> set[str]:
        """The library's classes that a router is made of, by their own names."""
        symbols = self._wiring.inference.classes.line(made.cls)[1] if made.cls is not None else [made.symbol]
        return {symbol.rsplit(".", 1)[-1] for symbol in symbols}

    def _is_bare(self, node: Node) -> bool:
        """`trailing_slash=False`: told to the router, or by its class."""
        made = node.made
        if made is None:
            return False
        told = made.scope.body.calls[made.call].keyword("trailing_slash")
        if told is None and made.cls is not None:
            value = self._wiring.class_value(made.cls, "trailing_slash")
            told = value[1] if value is not None else self._wiring.handed_to_base(made, "trailing_slash")
        return told in (("const", False), ("const", ""))

    def _nest(self, node: Node) -> None:
        """`NestedSimpleRouter(router, "users", lookup="user")` stands under a user, and under all that its parent does."""
        if node.made is None or node.prefix[0] or not _NESTED.intersection(self._kinds(node.made)):
            return
        call = node.made.scope.body.calls[node.made.call]
        run = self._wiring.evaluation.run(node.made)
        prefix, certain = self._wiring.path(run, argument(call, 1, "parent_prefix"))
        lookup = self._wiring.path(run, call.keyword("lookup"))[0] or "nested_1"
        above: Text = ("", True)
        for parent in self._wiring.nodes_of(run, argument(call, 0, "parent_router"), node.framework):
            if parent is not node:
                self._nest(parent)
                above = parent.prefix
        node.prefix = (f"{above[0]}{simplified(prefix)}/<{lookup}_pk>/", above[1] and certain)

    def _allowed(self, cls: Scope) -> frozenset[str]:
        value = self._wiring.class_value(cls, "http_method_names")
        told = self._wiring.methods(*value, ()) if value is not None else ()
        return frozenset(told or (*_LIST.values(), *_DETAIL.values()))

    def _member(self, cls: Scope, name: str) -> Scope:
        return self._wiring.inference.classes.member(cls, name) or cls

    def _actions(self, cls: Scope, wanted: dict[str, str]) -> Iterator[tuple[str, str]]:
        classes = self._wiring.inference.classes
        inherited = {
            name for base in classes.line(cls)[1] for name in _PROVIDED.get(base.rsplit(".", 1)[-1], ())
        }
        for name, method in wanted.items():
            if name in inherited or classes.member(cls, name) is not None:
                yield method, name

    def _extra(self, cls: Scope, *, is_detail: bool) -> Iterator[tuple[Scope, Text, tuple[str, ...]]]:
        """The methods under `@action(detail=…)`."""
        seen = set()
        for scope in self._wiring.inference.classes.line(cls)[0]:
            for child in {child.name: child for child in scope.children}.values():  # the last of a name
                if child.name in seen:
                    continue
                call = _decorating(child, "action")
                if call is not None and (constant(call.keyword("detail")) is True) is is_detail:
                    seen.add(child.name)
                    given = call.keyword("url_path")
                    context = Context(scope)
                    path = (child.name, True) if given is None else self._wiring.path(context, given)
                    methods = self._wiring.methods(context, argument(call, 0, "methods"), ("GET",))
                    yield child, _with_parameters(path), methods
                    yield from self._mapped(scope, child, path)

    def _mapped(self, cls: Scope, action: Scope, path: Text) -> Iterator[tuple[Scope, Text, tuple[str, ...]]]:
        """`@notes.mapping.delete`: another method on the path of an action."""
        for child in cls.children:
            for decorator in child.decorators:
                if isinstance(decorator, str) and decorator.startswith(f"{action.name}.mapping."):
                    yield child, _with_parameters(path), (decorator.rsplit(".", 1)[-1].upper(),)


def looked_up(wiring: Wiring, cls: Scope) -> str:
    """The name of the parameter that says which object."""
    return wiring.class_text(cls, "lookup_url_kwarg") or wiring.class_text(cls, "lookup_field") or "pk"


def _with_parameters(path: Text) -> Text:
    return simplified(path[0]), path[1]


def _extra_name(base: str, handler: Scope) -> Text | None:
    """Of an action: by `url_name`, or by its own name."""
    call = _decorating(handler, "action")
    told = constant(call.keyword("url_name")) if call is not None else None
    return (f"{base}-{told or handler.name.replace('_', '-')}", True) if base else None


def _decorating(function: Scope, name: str) -> Call | None:
    for decorator in function.decorators:
        if isinstance(decorator, int) and function.parent is not None:
            call = function.parent.body.calls[decorator]
            if last_name(call.callee) == name:
                return call
    return None
