#!/usr/bin/env python3
"""Tests of embed_files.py and embed_words.py: what they make, and what they refuse with file and line."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parent


class Embed(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def run_tool(self, tool, *arguments):
        out = [str(self.path / "out.c"), str(self.path / "out.h")]
        return subprocess.run([sys.executable, TOOLS / tool, "sample", *map(str, arguments), *out], capture_output=True, text=True)

    def words(self, vi, en):
        for language, text in (("vi", vi), ("en", en)):
            (self.path / f"{language}.po").write_text(text, encoding="utf-8")
        return self.run_tool("embed_words.py", self.path)

    def test_words_become_tables(self):
        result = self.words('msgid ""\nmsgstr "Language: vi\\n"\n\n# a note\nmsgid "a.b"\nmsgstr "Chào "\n"{name}"\n', 'msgid "a.b"\nmsgstr "Hello {name}"\n')
        self.assertEqual(result.returncode, 0, result.stderr)
        made = (self.path / "out.c").read_text()
        self.assertIn('{"a.b", "Ch\\303\\240o {name}"}', made)
        self.assertIn('{"vi", vi, 1}, {"en", en, 1}', made)

    def test_wrong_words_are_named(self):
        good = 'msgid "a.b"\nmsgstr "x"\n'
        for vi, en, wanted in (
            (good + good, good, "vi.po:3: a.b stands already"),
            (good + 'msgid "a.c"\nmsgstr "y"\n', good, "vi.po:3: a.c is missing in en.po"),
            (good, good + '\nmsgid "a.c"\nmsgstr "y"\n', "en.po:4: a.c is missing in vi.po"),
            ('msgid "a.b"\nmsgstr "x {n}"\n', good, "vi.po:1: a.b has other {places}"),
            ('msgid "a.b"\nmsgstr ""\n', good, "vi.po:1: a.b has no text"),
            ('msgid "A b"\nmsgstr "x"\n', good, "vi.po:1: 'A b' is no key"),
            ('msgid "a.b"\nmsgstr "x\n', good, "vi.po:2: a quoted text was expected"),
            ('msgid "a.b"\nmsgstr "x" y"\n', good, "vi.po:2: a quoted text was expected"),
            ("hello\n" + good, good, "vi.po:1: not understood"),
        ):
            result = self.words(vi, en)
            self.assertNotEqual(result.returncode, 0, vi)
            self.assertIn(wanted, result.stderr)

    def test_files_become_a_table(self):
        folder = self.path / "files"
        (folder / "sub").mkdir(parents=True)
        (folder / "sub" / "b.js").write_text("x = 1;\n" * 100)
        (folder / "a.html").write_text("<p>a</p>" * 100)
        (folder / ".hidden").write_text("no")
        result = self.run_tool("embed_files.py", folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        made = (self.path / "out.c").read_text()
        self.assertIn('{"a.html", "text/html; charset=utf-8", {plain_0, 800}, {NULL, 0}', made)
        self.assertIn('{"sub/b.js", "text/javascript; charset=utf-8", {plain_1, 700}, {gzip_1, ', made)
        self.assertIn("sample = {files, 2}", made)
        again = made
        self.run_tool("embed_files.py", folder)
        self.assertEqual((self.path / "out.c").read_text(), again)

    def test_unknown_files_are_refused(self):
        folder = self.path / "files"
        folder.mkdir()
        (folder / "a.exe").write_text("x")
        self.assertIn("no media type", self.run_tool("embed_files.py", folder).stderr)
        self.assertIn("no such folder", self.run_tool("embed_files.py", self.path / "none").stderr)


if __name__ == "__main__":
    unittest.main()
