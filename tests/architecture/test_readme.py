"""The README tells the truth about the tree."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def first_line(path):
    return (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]


def tree_on_disk():
    package = ROOT / "src/cueline"
    return {
        str(path.relative_to(package)): first_line(path)
        for path in sorted(package.rglob("*.py"))
        if path.name != "__init__.py" or len(ast.parse(path.read_text()).body) > 1
    }


def tree_in_readme():
    block = re.search(r"<!-- tree -->\n```text\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert block, "README.md must hold the tree between <!-- tree --> and the end of its code block"
    rows = (line.split(maxsplit=1) for line in block[1].splitlines() if line.strip())
    return {row[0]: row[1] for row in rows}


def test_the_tree_in_the_readme_is_the_tree_on_disk():
    assert tree_in_readme() == tree_on_disk()


def test_every_module_opens_with_what_it_is_about():
    for path in (ROOT / "src").rglob("*.py"):
        assert first_line(path).endswith((".", "!")) or ":" in first_line(path), path
