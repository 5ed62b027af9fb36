"""Rules about the shape of the code: sizes, arguments, classes, packages, types and docstrings.

Each rule takes parsed source and returns findings; nothing here reads a file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from tools.tidy.finding import Finding

FUNCTION_LINES = 70
MODULE_LINES = 800
COLUMNS = 100
POSITIONAL_ARGUMENTS = 5
KERNEL_ARGUMENTS = 8  # numba cannot bind keyword-only arguments when one kernel calls another
FORBIDDEN_NAMES = frozenset(
    {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
)

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def long_functions(path: str, tree: ast.Module) -> Iterator[Finding]:
    """Functions longer than 70 lines, counted from ``def`` to the last line."""
    for node in ast.walk(tree):
        if isinstance(node, FunctionNode):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                lesson = f"{node.name} has {lines} lines, the limit is {FUNCTION_LINES}: split it"
                yield Finding(path, node.lineno, "function-length", lesson)


def long_module(path: str, source: str) -> Iterator[Finding]:
    """A module longer than 800 lines."""
    lines = len(source.splitlines())
    if lines > MODULE_LINES:
        lesson = f"{lines} lines, the limit is {MODULE_LINES}: find the second subject, move it"
        yield Finding(path, lines, "module-length", lesson)


def wide_lines(path: str, source: str) -> Iterator[Finding]:
    """Lines wider than 100 columns."""
    for number, line in enumerate(source.splitlines(), start=1):
        if len(line) > COLUMNS:
            lesson = f"{len(line)} columns, the limit is {COLUMNS}: break the line"
            yield Finding(path, number, "columns", lesson)


def many_arguments(path: str, tree: ast.Module) -> Iterator[Finding]:
    """Functions that take more than five positional arguments (``self`` is not counted)."""
    for function, owner in _functions(tree):
        arguments = function.args.posonlyargs + function.args.args
        count = len(arguments) - _bound(function, owner)
        limit = KERNEL_ARGUMENTS if _is_decorated(function, "kernel") else POSITIONAL_ARGUMENTS
        if count > limit:
            lesson = (
                f"{function.name} takes {count} positional arguments, the limit is {limit}: "
                "make the rest keyword-only with *, or pass a record"
            )
            yield Finding(path, function.lineno, "positional-arguments", lesson)


def unannotated(path: str, tree: ast.Module) -> Iterator[Finding]:
    """Public functions and methods with an argument or a result of no stated type."""
    for function, owner in _public_functions(tree):
        every = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
        every += [a for a in (function.args.vararg, function.args.kwarg) if a]
        bare = [a.arg for a in every[_bound(function, owner) :] if a.annotation is None]
        if function.returns is None:
            bare.append("the result")
        if bare:
            lesson = f"{function.name}: no type on {', '.join(bare)}"
            yield Finding(path, function.lineno, "annotation", lesson)


def undocumented(path: str, tree: ast.Module) -> Iterator[Finding]:
    """Modules, public classes, functions and methods without a docstring."""
    if tree.body and ast.get_docstring(tree) is None:
        yield Finding(path, 1, "docstring", "the module does not say what it is for")
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and _is_public(node.name):
            if ast.get_docstring(node) is None:
                yield Finding(path, node.lineno, "docstring", f"class {node.name} has none")
    for function, _ in _public_functions(tree):
        if _is_magic(function.name) or _is_decorated(function, "overload"):
            continue
        if ast.get_docstring(function) is None:
            yield Finding(path, function.lineno, "docstring", f"{function.name} has none")


def deep_classes(modules: Mapping[str, tuple[str, ast.Module]]) -> Iterator[Finding]:
    """Classes that stand on more than one project-level class. Protocols do not count.

    Args:
        modules: dotted module name to its path and parsed source, for the whole project.
    """
    bases = {
        f"{module}.{node.name}": _base_names(module, tree, node)
        for module, (_, tree) in modules.items()
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }
    protocols = {name for name, above in bases.items() if any(_is_protocol(b) for b in above)}
    for module, (path, tree) in modules.items():
        for node in tree.body:
            if not isinstance(node, ast.ClassDef):
                continue
            above = _ancestors(f"{module}.{node.name}", bases) - protocols
            if len(above) > 1:
                lesson = (
                    f"class {node.name} stands on {', '.join(sorted(above))}: one project-level "
                    "base at most; hold the other as a field"
                )
                yield Finding(path, node.lineno, "class-depth", lesson)


def forbidden_names(paths: Iterable[str]) -> Iterator[Finding]:
    """Modules and packages named after nothing in the field."""
    for path in paths:
        parts = [part.removesuffix(".py") for part in path.split("/")]
        for part in parts:
            if part in FORBIDDEN_NAMES:
                lesson = f"'{part}' names no subject: call it after what it holds"
                yield Finding(path, 1, "module-name", lesson)


def empty_packages(sources: Mapping[str, str]) -> Iterator[Finding]:
    """Packages that hold nothing: an ``__init__`` without code and no module beside or below.

    Args:
        sources: path to source of every Python file.
    """
    for path, source in sources.items():
        folder, _, name = path.rpartition("/")
        if name != "__init__.py":
            continue
        alone = not any(p.startswith(f"{folder}/") for p in sources if p != path)
        if alone and not _has_code(ast.parse(source)):
            lesson = "an empty package: rooms grow by need, remove it until there is one"
            yield Finding(path, 1, "empty-package", lesson)


def _functions(tree: ast.Module) -> Iterator[tuple[FunctionNode, ast.ClassDef | None]]:
    """Every function with the class that it is a method of, nested ones included."""
    for parent in ast.walk(tree):
        owner = parent if isinstance(parent, ast.ClassDef) else None
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, FunctionNode):
                yield node, owner


def _public_functions(tree: ast.Module) -> Iterator[tuple[FunctionNode, ast.ClassDef | None]]:
    for node in tree.body:
        if isinstance(node, FunctionNode) and _is_public(node.name):
            yield node, None
        elif isinstance(node, ast.ClassDef) and _is_public(node.name):
            for item in node.body:
                if isinstance(item, FunctionNode) and _is_public(item.name):
                    yield item, node


def _bound(function: FunctionNode, owner: ast.ClassDef | None) -> int:
    """Return 1 if the first argument is ``self`` or ``cls``, else 0."""
    return int(owner is not None and not _is_decorated(function, "staticmethod"))


def _is_public(name: str) -> bool:
    return not name.startswith("_") or _is_magic(name)


def _is_magic(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _is_decorated(function: FunctionNode, name: str) -> bool:
    return any(_dotted(d).rpartition(".")[2] == name for d in function.decorator_list)


def _is_protocol(base: str) -> bool:
    return base.rpartition(".")[2] == "Protocol"


def _dotted(node: ast.expr) -> str:
    """Return ``a.b`` for the expressions ``a.b``, ``a.b[c]`` and ``a.b(c)``, else an empty text."""
    if isinstance(node, ast.Call):
        return _dotted(node.func)
    if isinstance(node, ast.Subscript):
        return _dotted(node.value)
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _base_names(module: str, tree: ast.Module, node: ast.ClassDef) -> list[str]:
    """Full names of the bases of a class, as far as the module's imports tell."""
    known: dict[str, str] = {}
    for item in ast.walk(tree):
        if isinstance(item, ast.ImportFrom) and item.module and not item.level:
            for alias in item.names:
                known[alias.asname or alias.name] = f"{item.module}.{alias.name}"
        elif isinstance(item, ast.Import):
            for alias in item.names:
                known[alias.asname or alias.name] = alias.name
    names = []
    for base in node.bases:
        head, _, rest = _dotted(base).partition(".")
        full = known.get(head, f"{module}.{head}")
        names.append(f"{full}.{rest}" if rest else full)
    return names


def _ancestors(name: str, bases: Mapping[str, list[str]]) -> set[str]:
    """All project-level classes that ``name`` stands on, directly or not."""
    found: set[str] = set()
    waiting = [b for b in bases[name] if b in bases]
    while waiting:
        base = waiting.pop()
        if base not in found:
            found.add(base)
            waiting += [b for b in bases[base] if b in bases]
    return found


def _has_code(tree: ast.Module) -> bool:
    return any(
        not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in tree.body
    )
