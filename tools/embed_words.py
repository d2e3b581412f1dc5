#!/usr/bin/env python3
"""Turns the words of a system, vi.po and en.po, into C tables.

usage: embed_words.py NAME FOLDER… OUT.c OUT.h [--depfile FILE]

NAME becomes `const struct words_table NAME[2]` (web/web.h): Vietnamese, then English. A msgid is a key such as
"onestop.received", a msgstr its text; what both tables do not have alike is refused with file and line.
Of the .po format it takes comments, msgid and msgstr, each of one or more quoted lines; nothing else.
"""
import pathlib
import re
import sys

LANGUAGES = ("vi", "en")
KEY = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+\Z")
QUOTED = re.compile(r'"((?:[^"\\]|\\["\\nt])*)"\Z')
PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
ESCAPES = {'\\"': '"', "\\\\": "\\", "\\n": "\n", "\\t": "\t"}


def quoted(text, where, problems):
    match = QUOTED.match(text.strip())
    if not match:
        problems.append(f"{where}: a quoted text was expected (escapes: \\\" \\\\ \\n \\t)")
        return ""
    return re.sub(r"\\.", lambda m: ESCAPES[m.group()], match.group(1))


def entries_of(path, problems):
    """[(key, text, line)] of a file, the header entry left out."""
    entries, current, part = [], None, None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where, line = f"{path}:{number}", line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("msgid "):
            current, part = {"msgid": quoted(line[6:], where, problems), "msgstr": None, "line": number}, "msgid"
            entries.append(current)
        elif line.startswith("msgstr ") and current and part == "msgid":
            current["msgstr"], part = quoted(line[7:], where, problems), "msgstr"
        elif line.startswith('"') and current:
            current[part] += quoted(line, where, problems)
        else:
            problems.append(f"{where}: not understood: {line}")
    return [(e["msgid"], e["msgstr"], e["line"]) for e in entries if e["msgid"]]


def words_of(paths, problems):
    """{key: (text, "file:line")}; what is wrong goes to problems."""
    words = {}
    for path in paths:
        for key, text, line in entries_of(path, problems):
            where = f"{path}:{line}"
            if not KEY.match(key):
                problems.append(f"{where}: {key!r} is no key: parts of a-z 0-9 _ - joined by full stops")
            elif key in words:
                problems.append(f"{where}: {key} stands already in {words[key][1]}")
            elif not text:
                problems.append(f"{where}: {key} has no text")
            else:
                words[key] = (text, where)
    return words


def compare(tables, problems):
    for language, other in (LANGUAGES, LANGUAGES[::-1]):
        for key, (text, where) in tables[language].items():
            if key not in tables[other]:
                problems.append(f"{where}: {key} is missing in {other}.po")
            elif language == LANGUAGES[0] and set(PLACE.findall(text)) != set(PLACE.findall(tables[other][key][0])):
                problems.append(f"{where}: {key} has other {{places}} than in {tables[other][key][1]}")


def c_text(text):
    """A C string of adjacent literals; bytes beyond ASCII as three octal digits, which cannot run on into a next one."""
    escaped = "".join(chr(b) if 32 <= b < 127 and b not in (34, 92, 63) else f"\\{b:03o}" for b in text.encode())
    return f'"{escaped}"'


def main():
    words = sys.argv[1:]
    depfile = None
    if "--depfile" in words:
        at = words.index("--depfile")
        depfile = pathlib.Path(words[at + 1])
        del words[at:at + 2]
    if len(words) < 4:
        sys.exit(f"embed_words: {__doc__}")
    name, folders, out_c, out_h = words[0], [pathlib.Path(w) for w in words[1:-2]], pathlib.Path(words[-2]), pathlib.Path(words[-1])
    problems = []
    tables = {language: words_of([f / f"{language}.po" for f in folders], problems) for language in LANGUAGES}
    compare(tables, problems)
    if problems:
        sys.exit("\n".join(problems))
    guard = f"{name.upper()}_EMBEDDED_H"
    out_h.write_text(f"#ifndef {guard}\n#define {guard}\n\n#include \"web/web.h\"\n\n"
                     f"extern const struct words_table {name}[2];\n\n#endif\n")
    lines = [f'#include "{out_h.name}"\n\n']
    for language in LANGUAGES:
        rows = "".join(f"  {{{c_text(key)}, {c_text(text)}}},\n" for key, (text, _) in sorted(tables[language].items()))
        lines.append(f"static const struct word {language}[] = {{\n{rows or '  {NULL, NULL},'+chr(10)}}};\n")
    rows = ", ".join(f'{{"{language}", {language}, {len(tables[language])}}}' for language in LANGUAGES)
    out_c.write_text("".join(lines) + f"const struct words_table {name}[2] = {{{rows}}};\n")
    if depfile:
        depfile.write_text(f"{out_c} {out_h}: " + " ".join(f"{f}/{language}.po" for f in folders for language in LANGUAGES) + "\n")


if __name__ == "__main__":
    main()
