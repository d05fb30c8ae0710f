"""Run by test_lib.py in an interpreter of its own: import every module of lib/ and call everything that is a stub.

Prints a JSON object: for "losses.py:DiceLoss.forward" what the call raised.
"""

import ast
import importlib
import json
import sys
from pathlib import Path

# Code before a region looks at these arguments; everything else may be None.
ARGUMENTS = {"Facade.__init__": {"split": "train"}}


def stubs(tree: ast.Module):
    """Yield the (class name or "", function name, number of arguments) of every function that raises."""
    scopes = [("", tree.body), *((node.name, node.body) for node in tree.body if isinstance(node, ast.ClassDef))]
    for owner, body in scopes:
        for node in body:
            if isinstance(node, ast.FunctionDef) and any(isinstance(part, ast.Raise) for part in node.body):
                yield owner, node.name, len(node.args.args) - len(node.args.defaults)


def call(module, owner: str, name: str, count: int) -> str:
    """Call one stub; return what it raised as "Type: text"."""
    arguments = ARGUMENTS.get(f"{owner}.{name}", {})
    values = [None] * (count - len(arguments))
    function = getattr(module, name) if not owner else getattr(getattr(module, owner), name)
    if owner:
        # Without the constructor, which may itself be a stub.
        values[0] = getattr(module, owner).__new__(getattr(module, owner))
    try:
        function(*values, **arguments)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "nothing"


def main(root: Path) -> None:
    """Print what every stub under root/lib raises."""
    sys.path.insert(0, str(root))
    raised = {}
    for path in sorted((root / "lib").rglob("*.py")):
        file = path.relative_to(root / "lib").as_posix()
        parts = path.relative_to(root).with_suffix("").parts
        module = importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
        for owner, name, count in stubs(ast.parse(path.read_text(encoding="utf-8"))):
            raised[f"{file}:{owner}.{name}".replace(":.", ":")] = call(module, owner, name, count)
    print(json.dumps(raised))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
