"""Words that people search with, read into a query of full text; where they cannot be read, a caret shows the place.

dog car            both words, in any order; case and accents do not matter
"red car"          these words, one after the other
car*               words that begin so
dog OR cat         either; OR is written in capitals, as are NOT and AND
dog NOT cat        the first without the second; also dog -cat
(dog OR cat) car   brackets group
rock & roll        what has neither letter nor digit is left out: it stands in no index
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from cueline.errors import OptionError
from cueline.stores.rows import plain

_TOKEN = re.compile(r'\s*(?:(?P<mark>[()])|(?P<minus>-)(?=[\w"(])|"(?P<phrase>[^"]*)(?P<end>"?)|(?P<word>[^\s()"]+))')
_OPERATORS = ("OR", "AND", "NOT")
_DEEPEST = 20  # brackets within one another; SQLite reads 32


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "(", ")", "OR", "AND", "NOT", "words" or "end"
    text: str
    place: int


@dataclass(frozen=True, slots=True)
class _Words:
    """Words that stand one after the other, the last perhaps only begun."""

    text: str  # in quotes, with a star behind them where a word is begun

    def full_text(self) -> str:
        return self.text

    def fits(self, text: str) -> bool:
        return _folded(self.text.rstrip("*").strip('"')) in text


@dataclass(frozen=True, slots=True)
class _Joined:
    """Parts of which one must fit, or all of them and none of some others."""

    how: str  # "OR" or "AND"
    parts: tuple[_Part, ...]
    unwanted: tuple[_Part, ...] = ()

    def full_text(self) -> str:
        parts = [part.full_text() for part in self.parts]
        text = parts[0] if len(parts) == 1 else f"({f' {self.how} '.join(parts)})"
        without = "".join(f" NOT {part.full_text()}" for part in self.unwanted)
        return f"(({text}){without})" if without else text

    def fits(self, text: str) -> bool:
        enough = any if self.how == "OR" else all
        return enough(part.fits(text) for part in self.parts) and not any(part.fits(text) for part in self.unwanted)


_Part = _Words | _Joined


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
    return _read(query).full_text()


def fitting(query: str) -> Callable[[str], bool]:
    """Tells whether a query fits a name, as of a file, in which its words may be parts of longer ones.

    Args:
        query: As above.

    Raises:
        OptionError: As `full_text`.

    Example:
        >>> fitting("rome -talk")("Holiday/rome2019.mp4")
        True
    """
    part = _read(query)
    return lambda name: part.fits(_folded(name))


def _read(query: str) -> _Part:
    return _Reader(plain(query.replace("\0", " "))).read()


def _folded(text: str) -> str:
    """Text without case and accents."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def caret(text: str, place: int) -> str:
    """A text with a caret below one of its letters, on lines of their own."""
    start = text.rfind("\n", 0, place) + 1
    line = text[start:].partition("\n")[0]
    return f"\n    {line}\n    {' ' * (place - start)}^"


class _Reader:
    """Reads tokens from left to right; each method reads one level of binding, OR binding least."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens = _tokens(query)
        self._depth = 0

    def read(self) -> _Part:
        if self._tokens[0].kind == "end":
            raise self._fault(self._tokens[0], "a search needs a word or more")
        found = self._either()
        if self._tokens[0].kind != "end":
            raise self._fault(self._tokens[0], "this bracket was never opened")
        return found

    def _either(self) -> _Part:
        parts = [self._all()]
        while self._tokens[0].kind == "OR":
            self._take()
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else _Joined("OR", tuple(parts))

    def _all(self) -> _Part:
        wanted, unwanted = [self._one()], list[_Part]()
        while self._tokens[0].kind in ("(", "words", "AND", "NOT"):
            token = self._tokens[0]
            if token.kind in ("AND", "NOT"):
                self._take()
            (unwanted if token.kind == "NOT" else wanted).append(self._one())
        return wanted[0] if len(wanted) == 1 and not unwanted else _Joined("AND", tuple(wanted), tuple(unwanted))

    def _one(self) -> _Part:
        token = self._take()
        if token.kind == "words":
            return _Words(token.text)
        if token.kind == "(":
            self._depth += 1
            if self._depth > _DEEPEST:
                raise self._fault(token, f"brackets stand at most {_DEEPEST} deep in one another")
            found = self._either()
            if self._tokens[0].kind != ")":
                raise self._fault(token, "this bracket is not closed")
            self._take()
            self._depth -= 1
            return found
        raise self._fault(token, "here a word must stand")

    def _take(self) -> _Token:
        return self._tokens.pop(0) if len(self._tokens) > 1 else self._tokens[0]

    def _fault(self, token: _Token, what: str) -> OptionError:
        return OptionError(f"the search {self._query!r} cannot be read: {what}{caret(self._query, token.place)}")


def _tokens(query: str) -> list[_Token]:
    found, place = [], 0
    while (match := _TOKEN.match(query, place)) is not None:
        kind = match.lastgroup or ""
        start = match.start("phrase") - 1 if kind in ("phrase", "end") else match.start(kind)
        place = match.end()
        if match["phrase"] is not None:
            if not match["end"]:
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
    said = (token for token in found if token.kind != "words" or _is_indexed(token.text))
    return [*said, _Token("end", "", len(query.rstrip()))]


def _is_indexed(text: str) -> bool:
    """Whether a text has a letter or a digit, as the index takes them."""
    return any(unicodedata.category(letter)[0] in "LN" or unicodedata.category(letter) == "Co" for letter in text)
