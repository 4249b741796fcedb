"""Words that people search with, read into a query of full text; where they cannot be read, a caret shows the place.

dog car            both words, in any order; case and accents do not matter
"red car"          these words, one after the other
car*               words that begin so
dog OR cat         either; OR is written in capitals, as are NOT and AND
dog NOT cat        the first without the second; also dog -cat
(dog OR cat) car   brackets group
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cueline.errors import OptionError

_TOKEN = re.compile(r'\s*(?:(?P<mark>[()])|(?P<minus>-)(?=[\w"(])|"(?P<phrase>[^"]*)(?P<end>"?)|(?P<word>[^\s()"]+))')
_OPERATORS = ("OR", "AND", "NOT")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "(", ")", "OR", "AND", "NOT", "words" or "end"
    text: str
    place: int


def full_text(query: str) -> str:
    """A query in the words of SQLite's FTS5, in which nothing that people type means anything by accident.

    Args:
        query: As above.

    Raises:
        OptionError: If it cannot be read; shows where with a caret.

    Example:
        >>> full_text('red car* NOT "old timer"')
        '((("red" AND "car"*)) NOT "old timer")'
    """
    return _Reader(query.replace("\0", " ")).read()


def plain_words(query: str) -> list[str]:
    """The words of a query without its marks, folded, as they are looked for in names of files."""
    tokens = [token.text for token in _tokens(query) if token.kind == "words"]
    return [word.casefold() for text in tokens for word in re.findall(r'[^"*]+', text)]


def caret(text: str, place: int) -> str:
    """A text with a caret below one of its letters, on lines of their own."""
    start = text.rfind("\n", 0, place) + 1
    line = text[start:].partition("\n")[0]
    return f"\n    {line}\n    {' ' * (place - start)}^"


class _Reader:
    """Reads tokens from left to right; each method reads one level of binding, OR binding least."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens = _tokens(query, strict=True)

    def read(self) -> str:
        if self._tokens[0].kind == "end":
            raise self._fault(self._tokens[0], "a search needs a word or more")
        found = self._either()
        if self._tokens[0].kind != "end":
            raise self._fault(self._tokens[0], "this bracket was never opened")
        return found

    def _either(self) -> str:
        parts = [self._all()]
        while self._tokens[0].kind == "OR":
            self._take()
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"

    def _all(self) -> str:
        wanted, unwanted = [self._one()], list[str]()
        while self._tokens[0].kind in ("(", "words", "AND", "NOT"):
            token = self._tokens[0]
            if token.kind in ("AND", "NOT"):
                self._take()
            (unwanted if token.kind == "NOT" else wanted).append(self._one())
        text = wanted[0] if len(wanted) == 1 else f"({' AND '.join(wanted)})"
        return text if not unwanted else f"(({text}) NOT {' NOT '.join(unwanted)})"

    def _one(self) -> str:
        token = self._take()
        if token.kind == "words":
            return token.text
        if token.kind == "(":
            found = self._either()
            if self._tokens[0].kind != ")":
                raise self._fault(token, "this bracket is not closed")
            self._take()
            return found
        raise self._fault(token, "here a word must stand")

    def _take(self) -> _Token:
        return self._tokens.pop(0) if len(self._tokens) > 1 else self._tokens[0]

    def _fault(self, token: _Token, what: str) -> OptionError:
        return OptionError(f"the search {self._query!r} cannot be read: {what}{caret(self._query, token.place)}")


def _tokens(query: str, *, strict: bool = False) -> list[_Token]:
    found, place = [], 0
    while (match := _TOKEN.match(query, place)) is not None:
        kind = match.lastgroup or ""
        start = match.start("phrase") - 1 if kind in ("phrase", "end") else match.start(kind)
        place = match.end()
        if match["phrase"] is not None:
            if strict and not match["end"]:
                raise OptionError(f"the search {query!r} cannot be read: this quote is not closed{caret(query, start)}")
            found.append(_Token("words", f'"{match["phrase"]}"', start))
        elif match["mark"]:
            found.append(_Token(match["mark"], match["mark"], start))
        elif match["minus"]:
            found.append(_Token("NOT", "-", start))
        elif match["word"] in _OPERATORS:
            found.append(_Token(match["word"], match["word"], start))
        else:
            stem = match["word"].rstrip("*")
            found.append(_Token("words", f'"{stem}"' + "*" * (stem != match["word"]), start))
    return [*found, _Token("end", "", len(query.rstrip()))]
