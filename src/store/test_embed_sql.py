"""tools/embed_sql.py refuses what would fail on one of the engines, with file and line, and keeps the hash of a migration
steady under new comments and spacing.

test_embed_sql.py EMBED_SQL
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

TOOL = sys.argv.pop(1)
SCHEMA = 'create table t (id i64 primary key, a text not null, b bool);\n'


class EmbedSql(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.write('schema.sql', SCHEMA)

    def write(self, name, text):
        with open(os.path.join(self.folder.name, name), 'w', encoding='utf-8') as file:
            file.write(text)

    def run_tool(self):
        out = os.path.join(self.folder.name, 'out')
        done = subprocess.run([sys.executable, TOOL, 'sample', self.folder.name, out + '.c', out + '.h'], capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    def made(self):
        code, error = self.run_tool()
        self.assertEqual((code, error), (0, ''))
        with open(os.path.join(self.folder.name, 'out.c'), encoding='utf-8') as file:
            return file.read()

    def refused(self, name, text, line, words):
        """That text is refused, at that line, with those words."""
        self.write(name, text)
        code, error = self.run_tool()
        self.assertEqual(code, 1, text)
        self.assertIn(f'{name}:{line}: ', error)
        self.assertIn(words, error)
        os.unlink(os.path.join(self.folder.name, name))
        self.write('schema.sql', SCHEMA)

    def query_refused(self, text, line, words):
        self.refused('query.sql', text, line, words)

    def schema_refused(self, text, line, words):
        self.refused('schema.sql', text, line, words)

    def test_parameters(self):
        self.query_refused('-- get(a text)\nselect id from t\n  where a = ?2;\n', 3, '?2 is not declared')
        self.query_refused('-- get(a text)\nselect id from t;\n', 1, 'parameter a (?1) is not used')
        self.query_refused('-- get(a text, b i64)\nselect id from t where a = ?1;\n', 1, 'parameter b (?2) is not used')
        self.query_refused('-- get(a text)\nselect id from t where a = ?;\n', 2, 'a parameter has a number')
        self.query_refused('-- get(a text, a i64)\nselect ?1, ?2;\n', 1, 'stands twice')
        self.query_refused('-- get(a integer)\nselect ?1;\n', 1, 'is no parameter')
        self.query_refused('-- get(a)\nselect ?1;\n', 1, 'is no parameter')
        self.query_refused('-- get()\nselect id from t where a = $1;\n', 2, '`$`')
        self.query_refused('-- get()\nselect id from t where a = :a;\n', 2, '`:`')
        self.query_refused("-- get()\nselect '?1' as a, \"?1\" /* ?1 */ -- ?1\n  , ?1 from t;\n", 3, '?1 is not declared')

    def test_names(self):
        self.query_refused('select 1;\n', 1, 'a statement without a name')
        self.query_refused('-- get()\nselect 1;\n\nselect 2;\n', 4, 'a statement without a name')
        self.query_refused('-- get()\nselect 1;\n-- get()\nselect 2;\n', 3, 'get stands twice (first in line 1)')
        self.query_refused('-- get()\n', 1, 'a name without a statement')
        self.query_refused('-- get()\n\nselect 1;\n', 1, 'an empty line between')
        self.query_refused('-- get()\nselect 1\n', 1, 'not ended by `;`')
        self.query_refused('-- get(a text,\n-- and more\nselect ?1;\n', 1, 'a statement is named by')
        self.query_refused('-- Get()\nselect 1;\n', 1, 'a name is of')
        self.query_refused('-- schema()\nselect 1;\n', 1, 'the name `schema` is taken')

    def test_one_engine_only(self):
        self.query_refused('-- get(a text)\nselect id from t where a = ?1::text;\n', 2, '`::`')
        self.query_refused("-- get(a text)\nselect id from t where a ilike ?1;\n", 2, 'ILIKE')
        self.query_refused('-- get(a text)\nselect cast(?1 as integer);\n', 2, 'cast takes')
        self.query_refused('-- @sqlite\n-- get()\nselect 1;\n', 1, 'the same for both engines')
        self.query_refused('-- get()\nbegin;\n', 2, 'a transaction is a function')
        self.query_refused("-- get()\nselect 'a;\n", 2, 'is not closed')
        self.query_refused('-- get()\nselect (1;\n', 2, 'is not closed')
        self.query_refused('-- get()\nselect 1);\n', 2, 'without `(`')

    def test_schema(self):
        self.schema_refused('create table t (id integer);\n', 1, 'column id: its type is')
        self.schema_refused('create table t (\n  id i64,\n  a varchar(3));\n', 3, 'column a: its type is')
        self.schema_refused('create table t (id i64) strict;\n', 1, 'a table has no options')
        self.schema_refused('create table t (id i64 references u (id)\n  deferrable initially deferred);\n', 2, 'at commit')
        self.schema_refused('create table t (id i64)\n', 1, 'not ended by `;`')
        self.schema_refused('insert into t (a) values (?1);\n', 1, 'no parameters')
        self.schema_refused('create table t (id i64);;\n', 1, 'an empty statement')
        self.schema_refused('-- @oracle\n', 1, '-- @sqlite')
        self.schema_refused('create function f() as $$ x $$;\n', 1, '-- @postgres')

    def test_migrations(self):
        self.refused('2_x.sql', 'select 1;\n', 0, 'a migration is named')
        self.refused('0003_x.sql', 'select 1;\n', 0, '0002 is next')
        os.unlink(os.path.join(self.folder.name, 'schema.sql'))
        self.assertIn('schema.sql is missing', self.run_tool()[1])

    def test_columns(self):
        self.write('schema.sql', 'create table t (id i64 primary key, "text" text, b bytes, c bool default true, d real,\n'
                                 "  e text default 'i64 bool', check (d > 0), unique (b));\n")
        made = self.made()
        self.assertIn('(id integer primary key, \\"text\\" text, b blob, c integer default true, d real,', made)
        self.assertIn("e text default 'i64 bool', check (d > 0), unique (b)) strict;", made)
        self.assertIn('(id bigint generated by default as identity primary key, \\"text\\" text collate \\"C\\", b bytea, c boolean default true, '
                      'd double precision,', made)
        self.write('schema.sql', 'create table t (id i64);\nalter table t add column i64 i64;\n')
        made = self.made()
        self.assertIn('add column i64 integer;', made)
        self.assertIn('add column i64 bigint;', made)

    def test_row_that_is_its_key(self):
        self.write('schema.sql', 'create table t (a text not null, b i64 not null, primary key (a, b));\n'
                                 'create table u (a text not null, b i64 not null, c i64, primary key (a, b));\ncreate table v (a text primary key);\n')
        made = self.made()
        self.assertIn('primary key (a, b)) strict, without rowid;', made)
        self.assertIn('c integer, primary key (a, b)) strict;', made)
        self.assertIn('(a text primary key) strict;', made)
        self.assertIn('b bigint not null, primary key (a, b));', made)

    def test_statements(self):
        self.write('query.sql', '-- About this.\n-- put(a text,\n--   b bool)\nupdate t set a = ?1 where b = ?2 and cast(a as i64) > 0\n'
                                "  and a <> '?2';\n-- read()\nwith x as (select 1) select * from x;\n-- take()\nwith x as (select 1) delete from t returning id;\n")
        made = self.made()
        self.assertIn('"update t set a = $1 where b = $2 and cast(a as bigint) > 0\\n"\n    "  and a <> \'?2\'"', made)
        self.assertIn('put_parameters[] = {VALUE_TEXT, VALUE_BOOL}', made)
        self.assertEqual(re.findall(r'"sample_(\w+)", .number = (\d), .writes = (\w+)', made), [('put', '0', 'true'), ('read', '1', 'false'), ('take', '2', 'true')])

    def test_hash(self):
        first = re.search(r'\.hash = "(\w+)"', self.made()).group(1)
        self.write('schema.sql', '-- a comment\ncreate table t (id i64 primary key,\n   a text not null, /* b */ b bool);\n\n')
        self.assertEqual(re.search(r'\.hash = "(\w+)"', self.made()).group(1), first)
        self.write('schema.sql', SCHEMA.replace('not null', ''))
        self.assertNotEqual(re.search(r'\.hash = "(\w+)"', self.made()).group(1), first)


unittest.main()
