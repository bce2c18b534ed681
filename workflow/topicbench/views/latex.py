"""Any Unicode text as plain ASCII LaTeX that pdflatex sets."""

from __future__ import annotations

import unicodedata


def _each(characters: str, commands: str, pattern: str) -> dict[str, str]:
    """Each character by its command, as ``pattern`` writes it."""
    return {character: pattern % command for character, command in zip(characters, commands.split(), strict=True)}


SPECIAL = {
    **_each("{}$&%#_", "{ } $ & % # _", r"\%s"),
    **_each("\\~^…", "textbackslash textasciitilde textasciicircum ldots", r"\%s{}"),
    **_each("†‡§©£", "dag ddag S copyright pounds", r"\%s{}"),
    **_each("ßæÆœŒøØåÅłŁı", "ss ae AE oe OE o O aa AA l L i", r"\%s{}"),
    **_each("|<>−²³", "| < > - ^2 ^3", "$%s$"),
    **_each("×·±≤≥≠≈", "times cdot pm leq geq neq approx", r"$\%s$"),
    **_each("→∞√‖∈", "rightarrow infty surd Vert in", r"$\%s$"),
    **_each('–—‘’“”"', "-- --- ` ' `` '' ''", "%s"),
    "\u00a0": "~",
}

ACCENTS = {
    **_each("\u0300\u0301\u0302\u0303\u0304\u0307\u0308", "` ' ^ ~ = . \"", r"\%s"),
    **_each("\u0306\u030a\u030b\u030c\u0327", "u r H v c", r"\%s"),
}

# Capitals that look Latin, and omicron, have no command of their own.
GREEK_AS_LATIN = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧο", "ABEZHIKMNOPTXo", strict=True))


def escape(text: str) -> str:
    """LaTeX of plain ``text``.

    Greek letters are set in mathematics, accented Latin letters by accent commands. A character that pdflatex's
    standard fonts lack (other scripts, emoji) is shown as its code point, such as U+4E2D, so that the document
    always compiles.
    """
    return "".join(_character(character) for character in unicodedata.normalize("NFC", text))


def _character(character: str) -> str:
    if character in SPECIAL:
        return SPECIAL[character]
    if character.isascii():
        return character if character.isprintable() or character == "\n" else " "
    greek = _greek(character)
    if greek:
        return greek
    base, *marks = [*unicodedata.normalize("NFD", character)]
    if base.isascii() and len(marks) == 1 and marks[0] in ACCENTS:
        base = {"i": r"\i", "j": r"\j"}.get(base, base)
        return f"{ACCENTS[marks[0]]}{{{base}}}"
    return rf"\texttt{{U+{ord(character):04X}}}"


def _greek(character: str) -> str:
    if character in GREEK_AS_LATIN:
        return rf"$\mathrm{{{GREEK_AS_LATIN[character]}}}$" if character != "ο" else "$o$"
    name = unicodedata.name(character, "")
    for case, prefix in (("GREEK SMALL LETTER ", str.lower), ("GREEK CAPITAL LETTER ", str.title)):
        letter = name.removeprefix(case)
        letter = {"LAMDA": "LAMBDA", "FINAL SIGMA": "VARSIGMA"}.get(letter, letter)
        if letter != name and letter.isalpha():
            return rf"$\{prefix(letter)}$"
    return ""
