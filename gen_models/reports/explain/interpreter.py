"""The terms of a player's objective, read from the source of its losses without computing anything.

A small interpreter of Python's syntax tree: it knows the model's attributes as they are, follows the model's own
methods, takes both ways where a condition hangs on tensors, and stops where an objective is asked.
"""

import ast
import inspect
from collections.abc import Callable, Iterable
from functools import partial
from types import MethodType
from typing import Any

from torch import nn

from gen_models.reports.explain.source import FOREIGN, body
from gen_models.reports.explain.values import (
    Known,
    Source,
    Sources,
    Terms,
    Value,
    asked,
    both,
    constant,
    member,
    pairs,
    scaled,
    sources,
)

DEPTH = 12
"""Methods that call each other, at most."""


def terms(losses: Callable[..., Any]) -> Terms:
    """Give the named terms of a player's objective, each with what computes it; {} where the source hides it."""
    arguments: tuple[Any, ...] = ()
    method: Any = losses
    if isinstance(method, partial):
        method, arguments = method.func, method.args
    if not isinstance(method, MethodType):
        return {}
    found = Interpreter(method, [Known(value) for value in arguments], DEPTH).result()
    return found if isinstance(found, dict) else {}


class Interpreter:
    """Abstract interpreter of one method of a model or of its parts, from top to bottom.

    Args:
        method: A bound method.
        arguments: What is known of its arguments.
        depth: Calls that may still be followed.
    """

    def __init__(self, method: MethodType, arguments: list[Value], depth: int) -> None:
        self.method, self.owner, self.depth = method, method.__self__, depth
        function = inspect.unwrap(method.__func__)
        self.globals = function.__globals__
        self.body = body(function)
        parameters = list(inspect.signature(function).parameters)
        self.names: dict[str, Value] = dict.fromkeys(parameters, ())
        self.names |= dict(zip(parameters, [Known(self.owner), *arguments], strict=False))
        self.returned: Value | None = None

    def result(self) -> Value:
        """Give what the method returns, on all ways through it that the parts allow."""
        self._block(self.body)
        return () if self.returned is None else self.returned

    # -------------------------------------------------------------------------------------------------- statements

    def _block(self, statements: Iterable[ast.stmt]) -> bool:
        """Read statements; True where nothing after them is reached."""
        return any(self._statement(statement) for statement in statements)

    def _statement(self, node: ast.stmt) -> bool:
        match node:
            case ast.Return():
                value = self._value(node.value)
                self.returned = value if self.returned is None else both(self.returned, value)
                return True
            case ast.If():
                return all([self._block(way) for way in self._ways(node.test, node.body, node.orelse)])
            case ast.For():
                self._for(node)
            case ast.With():
                return self._block(node.body)
            case ast.Assign():
                self._assign(node.targets[0], self._value(node.value))
            case ast.AugAssign():
                self._assign(node.target, both(self._value(node.target), self._value(node.value)))
        return False

    def _for(self, node: ast.For) -> None:
        """Go through a known mapping part by part, and once through anything else."""
        match node:
            case ast.For(target=ast.Tuple(elts=[name, part]), iter=ast.Call(func=ast.Attribute(attr="items") as items)):
                for key, value in pairs(self._value(items.value)).items():
                    self._assign(name, Known(key))
                    self._assign(part, Known(value))
                    self._block(node.body)
            case _:
                self._assign(node.target, self._value(node.iter))
                self._block(node.body)

    def _assign(self, target: ast.expr, value: Value) -> None:
        match target:
            case ast.Name():
                self.names[target.id] = value
            case ast.Tuple():
                for part in target.elts:
                    self._assign(part, value)
            case ast.Subscript(value=ast.Name(id=name)):
                key = self._value(target.slice)
                if isinstance(key, Known):
                    self.names[name] = both(self.names.get(name, {}), {str(key.value): self._term(value)})

    # ------------------------------------------------------------------------------------------------- expressions

    def _value(self, node: ast.AST | None) -> Value:
        match node:
            case ast.Constant():
                return Known(node.value)
            case ast.Name():
                return self.names.get(node.id, Known(self.globals[node.id]) if node.id in self.globals else ())
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super"))):
                return self._inherited(node.attr)
            case ast.Attribute():
                owner = self._value(node.value)
                return member(owner.value, node.attr) if isinstance(owner, Known) else owner
            case ast.Call():
                return self._call(node)
            case ast.Dict():
                return self._dict(node)
            case ast.IfExp():
                ways = self._ways(node.test, node.body, node.orelse)
                return self._value(ways[0]) if len(ways) == 1 else self._union(ways)
            case ast.BinOp(op=ast.Mult() | ast.Div()):
                return self._product(node)
            case ast.UnaryOp(op=ast.USub()):
                value = self._value(node.operand)
                number = constant(value)
                return scaled(value, -1.0) if number is None else Known(-number)
        return self._union(ast.iter_child_nodes(node)) if node is not None else ()

    def _dict(self, node: ast.Dict) -> Terms:
        """Give the terms of a display; of what is unpacked into it, those that are known."""
        found: Terms = {}
        for key, part in zip(node.keys, node.values, strict=True):
            value = self._value(part)
            if key is None:
                found |= value if isinstance(value, dict) else {}
            else:
                found |= {str(key.value) if isinstance(key, ast.Constant) else "": self._term(value)}
        return found

    def _inherited(self, name: str) -> Value:
        """Give a method of the class above the one in which this method stands."""
        kinds = type(self.owner).__mro__
        at = next(kind for kind in kinds if vars(kind).get(self.method.__name__) is self.method.__func__)
        return Known(getattr(super(at, self.owner), name))

    def _union(self, nodes: Iterable[ast.AST]) -> Value:
        found: Value = ()
        for node in nodes:
            value = self._value(node)
            found = both(found, value if isinstance(value, dict) else sources(value))
        return found

    def _product(self, node: ast.BinOp) -> Value:
        left, right = self._value(node.left), self._value(node.right)
        by, of = constant(left), constant(right)
        if of is not None:
            return scaled(left, 1 / of if isinstance(node.op, ast.Div) else of)
        return both(sources(left), sources(right)) if by is None else scaled(right, by)

    def _call(self, node: ast.Call) -> Value:
        function = self._value(node.func)
        called = function.value if isinstance(function, Known) else None
        if found := asked(called):
            return found
        arguments = [self._value(argument) for argument in node.args]
        if isinstance(called, MethodType) and self.depth and self._followed(called):
            return Interpreter(called, arguments, self.depth - 1).result()
        owner = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        return self._union([*owner, *node.args])

    def _followed(self, method: MethodType) -> bool:
        """Whether a method is read too: the model's own and its parts', but no network's and no other package's."""
        own = method.__self__ is self.owner or not isinstance(method.__self__, nn.Module)
        return own and method.__module__.split(".")[0] not in FOREIGN and inspect.isfunction(method.__func__)

    def _term(self, value: Value) -> Sources:
        """Give what computes a term: this method, where nothing else is found."""
        return sources(value) or (Source(self.method),)

    # -------------------------------------------------------------------------------------------------- conditions

    def _ways(self, test: ast.expr, then: Any, otherwise: Any) -> list[Any]:
        """Give the branches that the parts allow: both, where tensors decide."""
        truth = self._truth(test)
        return [way for way, taken in ((then, True), (otherwise, False)) if truth in (taken, None)]

    def _truth(self, node: ast.expr) -> bool | None:
        match node:
            case ast.UnaryOp(op=ast.Not()):
                truth = self._truth(node.operand)
                return None if truth is None else not truth
            case ast.BoolOp():
                decisive, truths = isinstance(node.op, ast.Or), [self._truth(part) for part in node.values]
                return decisive if decisive in truths else None if None in truths else not decisive
            case ast.Compare(ops=[ast.Is() | ast.IsNot() as sign]):
                left = self._value(node.left)
                return (left.value is None) == isinstance(sign, ast.Is) if isinstance(left, Known) else None
            case ast.Compare(ops=[ast.Eq() | ast.Gt() as sign], comparators=[other]):
                first, second = constant(self._value(node.left)), constant(self._value(other))
                if first is None or second is None:
                    return None
                return first == second if isinstance(sign, ast.Eq) else first > second
            case ast.Attribute():
                value = self._value(node)
                return bool(value.value) if isinstance(value, Known) else None
        return None
