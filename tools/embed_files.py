#!/usr/bin/env python3
"""Turns a folder of files into a table of C arrays, so that the program carries what it serves.

usage: embed_files.py NAME FOLDER OUT.c OUT.h [--depfile FILE] [--with FILE]…

NAME becomes `const struct embedded_table NAME` (web/web.h); files are named relative to FOLDER, in order.
--with adds a single file by its last name; --depfile tells the build what was read.
"""
import gzip
import hashlib
import pathlib
import sys

TYPES = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml", ".json": "application/json", ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2", ".png": "image/png", ".ico": "image/x-icon",
}
SMALLER_AS_GZIP = (".css", ".js", ".svg", ".json", ".txt")


def fail(message):
    sys.exit(f"embed_files: {message}")


def arguments(words):
    """The four plain arguments, the depfile (or None) and the single files."""
    plain, depfile, singles = [], None, []
    words = iter(words)
    for word in words:
        if word == "--depfile":
            depfile = next(words)
        elif word == "--with":
            singles.append(pathlib.Path(next(words)))
        else:
            plain.append(word)
    if len(plain) != 4:
        fail(__doc__)
    return plain, depfile, singles


def files_of(folder, singles):
    if not folder.is_dir():
        fail(f"{folder}: no such folder")
    found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")}
    for path in singles:
        if path.name in found:
            fail(f"{path}: {folder} has a file of that name")
        found[path.name] = path
    for name, path in found.items():
        if path.suffix not in TYPES:
            fail(f"{path}: no media type is known for {path.suffix}")
    return dict(sorted(found.items()))


def array(name, data):
    rows = (",".join(str(b) for b in data[i:i + 40]) for i in range(0, len(data), 40))
    return f"static const uint8_t {name}[] = {{\n" + ",\n".join(rows) + "};\n"


def table(name, files):
    """The C text of the table."""
    arrays, rows = [], []
    for number, (file_name, path) in enumerate(files.items()):
        plain = path.read_bytes()
        packed = gzip.compress(plain, 9, mtime=0) if path.suffix in SMALLER_AS_GZIP else b""
        if len(packed) >= len(plain):
            packed = b""
        # One zero byte more: no array is empty, and what looks on from the end of a text finds its end.
        arrays.append(array(f"plain_{number}", plain + b"\0"))
        gzip_part = "{NULL, 0}"
        if packed:
            arrays.append(array(f"gzip_{number}", packed))
            gzip_part = f"{{gzip_{number}, {len(packed)}}}"
        digest = hashlib.sha256(plain).hexdigest()[:16]
        rows.append(f'  {{"{file_name}", "{TYPES[path.suffix]}", {{plain_{number}, {len(plain)}}}, {gzip_part}, "{digest}"}},\n')
    rows = rows or ["  {NULL, NULL, {NULL, 0}, {NULL, 0}, NULL},\n"]
    return ("".join(arrays) + "static const struct embedded files[] = {\n" + "".join(rows) + "};\n"
            + f"const struct embedded_table {name} = {{files, {len(files)}}};\n")


def main():
    (name, folder, out_c, out_h), depfile, singles = arguments(sys.argv[1:])
    out_c, out_h = pathlib.Path(out_c), pathlib.Path(out_h)
    files = files_of(pathlib.Path(folder), singles)
    guard = f"{name.upper()}_EMBEDDED_H"
    out_h.write_text(f"#ifndef {guard}\n#define {guard}\n\n#include \"web/web.h\"\n\n"
                     f"extern const struct embedded_table {name};\n\n#endif\n")
    out_c.write_text(f'#include "{out_h.name}"\n\n' + table(name, files), encoding="utf-8")
    if depfile:
        read = [str(p) for p in files.values()] + [str(folder)] + [str(p) for p in pathlib.Path(folder).rglob("*") if p.is_dir()]
        pathlib.Path(depfile).write_text(f"{out_c} {out_h}: " + " ".join(p.replace(" ", "\\ ") for p in read) + "\n")


if __name__ == "__main__":
    main()
