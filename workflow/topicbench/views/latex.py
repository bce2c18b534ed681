"""Any Unicode text as plain ASCII LaTeX that pdflatex sets."""

from __future__ import annotations

import unicodedata

SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "|": r"$|$",
    "<": r"$<$",
    ">": r"$>$",
    "–": "--",
    "—": "---",
    "−": r"$-$",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    '"': "''",
    "…": r"\ldots{}",
    "\u00a0": "~",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "±": r"$\pm$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≠": r"$\neq$",
    "≈": r"$\approx$",
    "→": r"$\rightarrow$",
    "∞": r"$\infty$",
    "√": r"$\surd$",
    "‖": r"$\Vert$",
    "†": r"\dag{}",
    "‡": r"\ddag{}",
    "∈": r"$\in$",
    "§": r"\S{}",
    "©": r"\copyright{}",
    "£": r"\pounds{}",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "å": r"\aa{}",
    "Å": r"\AA{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "ı": r"\i{}",
    "²": r"$^2$",
    "³": r"$^3$",
}

ACCENTS = {
    "\u0300": r"\`",
    "\u0301": r"\'",
    "\u0302": r"\^",
    "\u0303": r"\~",
    "\u0304": r"\=",
    "\u0306": r"\u",
    "\u0307": r"\.",
    "\u0308": r"\"",
    "\u030a": r"\r",
    "\u030b": r"\H",
    "\u030c": r"\v",
    "\u0327": r"\c",
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
    base, *marks = unicodedata.normalize("NFD", character)
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
