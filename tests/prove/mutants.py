"""Small faults put into a module, one at a time: what good tests must notice."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

COMPARED = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
RECKONED = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}


@dataclass(frozen=True)
class Mutant:
    """A module with one fault: where it stands, what was changed, and the whole module."""

    line: int
    change: str
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module; annotations, docstrings, imports and `__all__` stay as they are."""
    tree = ast.parse(source)
    kept = {id(node) for found in ast.walk(tree) for part in untouched(found) for node in ast.walk(part)}
    places = [node for node in ast.walk(tree) if id(node) not in kept]
    order = {id(node): number for number, node in enumerate(ast.walk(tree))}
    for place in places:
        for number, _ in enumerate(faults(place)):
            copied = ast.parse(source)
            node = list(ast.walk(copied))[order[id(place)]]
            change = list(faults(node))[number]
            before = ast.unparse(node)[:60].splitlines()[0]
            change()
            after = ast.unparse(node)[:60].splitlines()[0]
            line = getattr(place.target if isinstance(place, ast.comprehension) else place, "lineno", 0)
            yield Mutant(line, f"{before} -> {after}", ast.fix_missing_locations(copied))


def untouched(node: ast.AST) -> Iterator[ast.AST]:
    """Parts of a node that mean nothing at run time."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)) and ast.get_docstring(node):
        yield node.body[0]
    if isinstance(node, ast.arg) and node.annotation:
        yield node.annotation
    if isinstance(node, ast.FunctionDef) and node.returns:
        yield node.returns
    if isinstance(node, ast.AnnAssign):
        yield node.annotation
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        yield node
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
        yield node
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        yield node
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("cast", "TypeVar"):
        yield node.args[0]
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "lru_cache":
        yield node  # how many results are kept changes none
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "zip":
        yield from node.keywords  # `strict` guards against ourselves: the lists have one length


def faults(node: ast.AST) -> Iterator[Callable[[], object]]:
    """Functions that each put one fault into the node."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARED:
        yield lambda: node.ops.__setitem__(0, COMPARED[type(node.ops[0])]())
    elif isinstance(node, ast.BinOp) and type(node.op) in RECKONED:
        yield lambda: setattr(node, "op", RECKONED[type(node.op)]())
    elif isinstance(node, ast.BoolOp):
        yield lambda: setattr(node, "op", ast.And() if isinstance(node.op, ast.Or) else ast.Or())
        yield lambda: node.values.__setitem__(-1, node.values[0])  # as if the last were not there
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield lambda: setattr(node, "op", ast.UAdd())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield lambda: setattr(node, "operand", ast.UnaryOp(ast.Not(), node.operand))
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield lambda: setattr(node, "value", node.value + 1)
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield lambda: setattr(node, "value", not node.value)
    elif isinstance(node, ast.Constant) and type(node.value) is str:
        yield lambda: setattr(node, "value", node.value + "XX")
    elif isinstance(node, (ast.If, ast.IfExp, ast.While)):
        yield lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield lambda: node.ifs.pop()
    elif isinstance(node, ast.Return) and node.value and not isinstance(node.value, ast.Constant):
        yield lambda: setattr(node, "value", ast.Constant(None))
    elif isinstance(node, ast.Call) and node.keywords and node.keywords[-1].arg not in (None, "strict"):
        yield lambda: node.keywords.pop()
