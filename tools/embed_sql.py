#!/usr/bin/env python3
"""Turns a folder of SQL into const C tables for both engines: see src/store/store.h for what the folder holds.

embed_sql.py NAME FOLDER OUT.c OUT.h

What cannot work on both engines is refused here, with file and line, rather than found on the machine
that runs the other one. Comments are left out, so that they may change without changing a migration's hash.
"""
import hashlib
import os
import re
import sys

# The five column words: how a column is declared, and what CAST takes, on each engine. Text sorts and
# compares by code point on both, as strcmp does.
COLUMN = {
    'sqlite': {'i64': 'integer', 'text': 'text', 'bytes': 'blob', 'bool': 'integer', 'real': 'real'},
    'postgres': {'i64': 'bigint', 'text': 'text collate "C"', 'bytes': 'bytea', 'bool': 'boolean', 'real': 'double precision'},
}
CAST = {
    'sqlite': COLUMN['sqlite'],
    'postgres': dict(COLUMN['postgres'], text='text'),
}
VALUE = {'i64': 'VALUE_I64', 'text': 'VALUE_TEXT', 'bytes': 'VALUE_BYTES', 'bool': 'VALUE_BOOL', 'real': 'VALUE_REAL'}
CONSTRAINTS = {'primary', 'unique', 'foreign', 'check', 'constraint'}
REFUSED = {
    'ilike': 'ILIKE is not known to SQLite; compare folded text',
    'deferrable': 'a constraint checked at commit would fail a whole batch of transactions',
    'autoincrement': 'an `i64 primary key` numbers itself',
}
CONTROL = {'begin', 'commit', 'end', 'rollback', 'savepoint', 'release', 'start', 'abort', 'attach', 'detach', 'vacuum'}
PARAMETERS_MAX = 64

TOKEN = re.compile(r"""
    (?P<space>\s+) | (?P<comment>--[^\n]*|/\*.*?\*/) | (?P<string>'(?:[^']|'')*') | (?P<quoted>"(?:[^"]|"")*")
  | (?P<dollar>\$\$.*?\$\$) | (?P<parameter>\?\d*) | (?P<number>\d+(?:\.\d+)?) | (?P<word>[A-Za-z_][A-Za-z_0-9]*) | (?P<cast>::) | (?P<sign>.)
""", re.VERBOSE | re.DOTALL)
DIRECTIVE = re.compile(r'--\s*@(\w+)\s*$')
HEADER = re.compile(r'--\s*([A-Za-z_]\w*)\s*\(')


class Wrong(Exception):
    def __init__(self, path, line, message):
        super().__init__(f'{path}:{line}: {message}')


class Token:
    def __init__(self, kind, text, path, line):
        self.kind, self.text, self.path, self.line = kind, text, path, line

    def wrong(self, message):
        return Wrong(self.path, self.line, message)

    def is_word(self, *words):
        return self.kind == 'word' and self.text.lower() in words


def tokens_read(path):
    try:
        with open(path, encoding='utf-8') as file:
            text = file.read()
    except UnicodeDecodeError:
        raise Wrong(path, 1, 'not UTF-8')
    tokens, line = [], 1
    for match in TOKEN.finditer(text):
        token = Token(match.lastgroup, match.group(), path, line)
        if token.kind == 'sign' and token.text in '\'"':
            raise token.wrong(f'a {token.text} is not closed')
        tokens.append(token)
        line += token.text.count('\n')
    return tokens


def token_check(token):
    """What no engine-independent SQL may hold."""
    if token.kind == 'cast':
        raise token.wrong('`::` is PostgreSQL alone; write cast(… as …)')
    if token.kind == 'dollar':
        raise token.wrong('`$$` is PostgreSQL alone; put it under -- @postgres')
    if token.kind == 'parameter' and token.text == '?':
        raise token.wrong('a parameter has a number: ?1')
    if token.kind == 'sign' and token.text in '$@:`':
        raise token.wrong(f'`{token.text}` does not mean the same on both engines; parameters are ?1 … ?n')
    if token.kind == 'word' and token.text.lower() in REFUSED:
        raise token.wrong(REFUSED[token.text.lower()])


def significant(tokens, start, step=1):
    """The place of the next token that is neither space nor comment, or None."""
    while 0 <= start < len(tokens):
        if tokens[start].kind not in ('space', 'comment'):
            return start
        start += step
    return None


def casts_expand(tokens, engine):
    """cast(x as i64): the type's word as the engine knows it."""
    parens, words = [], {}
    for place, token in enumerate(tokens):
        if token.text == '(' and token.kind == 'sign':
            before = significant(tokens, place - 1, -1)
            parens.append(before is not None and tokens[before].is_word('cast'))
        elif token.text == ')' and token.kind == 'sign':
            if not parens:
                raise token.wrong('`)` without `(`')
            parens.pop()
        elif token.is_word('as') and parens and parens[-1]:
            after = significant(tokens, place + 1)
            name = tokens[after].text if after is not None else ''
            if name not in COLUMN[engine]:
                raise token.wrong(f'cast takes i64, text, bytes, bool or real, not `{name}`')
            words[after] = CAST[engine][name]
    if parens:
        raise tokens[-1].wrong('`(` is not closed')
    return words


def column_expand(tokens, place, engine, words):
    """A column's definition begins at place: finds its type and notes what it becomes."""
    name = tokens[place]
    if name.kind not in ('word', 'quoted'):
        raise name.wrong(f'a column is expected, not `{name.text}`')
    kind = significant(tokens, place + 1)
    if kind is None or tokens[kind].text not in COLUMN[engine]:
        raise name.wrong(f'column {name.text}: its type is i64, text, bytes, bool or real')
    words[kind] = COLUMN[engine][tokens[kind].text]
    first = significant(tokens, kind + 1)
    second = significant(tokens, first + 1) if first is not None else None
    if (engine == 'postgres' and tokens[kind].text == 'i64' and second is not None
            and tokens[first].is_word('primary') and tokens[second].is_word('key')):
        words[kind] += ' generated by default as identity'


def names_between(tokens, place):
    """How many names stand in the parentheses that follow."""
    texts = [t.text for t in tokens[place:] if t.kind in ('word', 'quoted', 'sign')]
    return texts[texts.index('('):texts.index(')')].count(',') + 1


def table_expand(tokens, engine, words):
    """create table NAME (…): every column's type; STRICT on SQLite, and WITHOUT ROWID where a row is its key and nothing else."""
    opening = next((i for i, t in enumerate(tokens) if t.text == '(' and t.kind == 'sign'), None)
    if opening is None:
        raise tokens[0].wrong('create table without columns')
    depth, at_item, columns, keyed = 0, False, 0, 0
    for place in range(opening, len(tokens)):
        token = tokens[place]
        if token.kind in ('space', 'comment'):
            continue
        if at_item:
            at_item = False
            if not token.is_word(*CONSTRAINTS):
                column_expand(tokens, place, engine, words)
                columns += 1
            elif token.is_word('primary'):
                keyed = names_between(tokens, place)
        if token.text == '(' and token.kind == 'sign':
            depth += 1
            at_item = depth == 1
        elif token.text == ')' and token.kind == 'sign':
            depth -= 1
            if depth == 0:
                rest = significant(tokens, place + 1)
                if rest is not None:
                    raise tokens[rest].wrong(f'`{tokens[rest].text}` after the columns: a table has no options')
                if engine == 'sqlite':
                    words[place] = ') strict, without rowid' if keyed == columns else ') strict'
                return
        elif token.text == ',' and depth == 1:
            at_item = True


def alter_expand(tokens, engine, words):
    for place, token in enumerate(tokens):
        if token.is_word('add'):
            column = significant(tokens, place + 1)
            if column is not None and tokens[column].is_word('column'):
                column = significant(tokens, column + 1)
            if column is None:
                raise token.wrong('add what?')
            column_expand(tokens, column, engine, words)


def statement_expand(tokens, engine):
    """The text of one statement for one engine, without comments."""
    for token in tokens:
        token_check(token)
    words = casts_expand(tokens, engine)
    verbs = [t.text.lower() for t in tokens if t.kind not in ('space', 'comment')][:2]
    if verbs[0] in CONTROL:
        raise tokens[significant(tokens, 0)].wrong('a transaction is a function (store_write)')
    if verbs == ['create', 'table']:
        table_expand(tokens, engine, words)
    elif verbs == ['alter', 'table']:
        alter_expand(tokens, engine, words)
    return tokens_text(tokens, engine, words)


def tokens_text(tokens, engine, words):
    parts = []
    for place, token in enumerate(tokens):
        if token.kind == 'comment':
            continue
        text = words.get(place, token.text)
        if token.kind == 'parameter' and engine == 'postgres':
            text = '$' + text[1:]
        parts.append(text)
    lines = [line.rstrip() for line in ''.join(parts).strip().split('\n')]
    return '\n'.join(line for line in lines if line)


def statements_split(tokens):
    """Lists of tokens, each one statement without its `;`."""
    one = []
    for token in tokens:
        if token.kind == 'sign' and token.text == ';':
            yield one, token
            one = []
        else:
            one.append(token)
    if significant(one, 0) is not None:
        raise one[significant(one, 0)].wrong('a statement is not ended by `;`')


def sections_split(tokens):
    """Runs of tokens with the engine they are for: None (both), "sqlite" or "postgres"."""
    engine, run = None, []
    for token in tokens:
        match = token.kind == 'comment' and DIRECTIVE.match(token.text)
        if not match:
            run.append(token)
            continue
        if match.group(1) not in ('sqlite', 'postgres', 'both'):
            raise token.wrong('-- @sqlite, -- @postgres or -- @both')
        yield engine, run
        engine, run = (None if match.group(1) == 'both' else match.group(1)), []
    yield engine, run


def migration_read(path):
    """The texts of a migration for each engine, and the hash of what was written, its comments and spacing apart."""
    tokens, texts = tokens_read(path), {'sqlite': [], 'postgres': []}
    for engine, run in sections_split(tokens):
        if engine:
            text = tokens_text(run, None, {})
            if text:
                texts[engine].append(text)
            continue
        for statement, end in statements_split(run):
            if significant(statement, 0) is None:
                raise end.wrong('an empty statement')
            for token in statement:
                if token.kind == 'parameter':
                    raise token.wrong('a migration has no parameters')
            for each in texts:
                texts[each].append(statement_expand(statement, each) + ';')
    # A section's mark counts: the same text for another engine is another migration.
    kept = [t.text for t in tokens if t.kind != 'space' and (t.kind != 'comment' or DIRECTIVE.match(t.text))]
    hashed = hashlib.sha256('\n'.join(kept).encode()).hexdigest()
    return '\n'.join(texts['sqlite']), '\n'.join(texts['postgres']), hashed


def migrations_read(folder):
    files = sorted(f for f in os.listdir(folder) if f.endswith('.sql') and f != 'query.sql')
    if 'schema.sql' not in files:
        raise Wrong(folder, 0, 'schema.sql is missing')
    files.remove('schema.sql')
    found = [(1, 'schema', migration_read(os.path.join(folder, 'schema.sql')))]
    for file in files:
        match = re.fullmatch(r'(\d{4})_([a-z0-9_]+)\.sql', file)
        if not match:
            raise Wrong(os.path.join(folder, file), 0, 'a migration is named 0002_what_it_does.sql')
        if int(match.group(1)) != len(found) + 1:
            raise Wrong(os.path.join(folder, file), 0, f'migrations are numbered without gaps: {len(found) + 1:04d} is next')
        found.append((len(found) + 1, match.group(2), migration_read(os.path.join(folder, file))))
    return found


class Statement:
    def __init__(self, name, token):
        self.name, self.token, self.parameters, self.tokens = name, token, [], []

    def parameters_take(self, text):
        for piece in filter(None, (p.strip() for p in text.split(','))):
            words = piece.split()
            if len(words) != 2 or not re.fullmatch(r'[a-z_]\w*', words[0]) or words[1] not in VALUE:
                raise self.token.wrong(f'{self.name}: `{piece}` is no parameter; write `code text` (i64, text, bytes, bool or real)')
            if words[0] in [p[0] for p in self.parameters]:
                raise self.token.wrong(f'{self.name}: parameter {words[0]} stands twice')
            self.parameters.append((words[0], words[1]))
        if len(self.parameters) > PARAMETERS_MAX:
            raise self.token.wrong(f'{self.name}: more than {PARAMETERS_MAX} parameters')

    def check(self):
        used = set()
        for token in self.tokens:
            token_check(token)
            if token.kind == 'parameter':
                number = int(token.text[1:])
                if not 1 <= number <= len(self.parameters):
                    raise token.wrong(f'{self.name}: {token.text} is not declared')
                used.add(number)
        for number, (name, _) in enumerate(self.parameters, 1):
            if number not in used:
                raise self.token.wrong(f'{self.name}: parameter {name} (?{number}) is not used')

    def writes(self):
        words = [t.text.lower() for t in self.tokens if t.kind == 'word']
        return words[:1] not in (['select'], ['with'], ['values']) or any(w in ('insert', 'update', 'delete') for w in words)


def header_read(comments):
    """The statement that a run of comment lines names at its end, or None: `-- name(a text,` may go on over lines."""
    for place in range(len(comments) - 1, -1, -1):
        match = HEADER.match(comments[place].text)
        if not match:
            continue
        text = ' '.join(c.text.lstrip('-').strip() for c in comments[place:])
        inside = re.fullmatch(r'\w+\s*\((.*)\)', text)
        if not inside:
            raise comments[place].wrong('a statement is named by `-- name(parameter type, …)` right above it')
        statement = Statement(match.group(1), comments[place])
        statement.parameters_take(inside.group(1))
        return statement
    return None


def statements_read(path, prefix):
    found, comments = [], []
    current = None
    for token in tokens_read(path):
        if current is None and token.kind == 'comment':
            if not token.text.startswith('--'):
                raise token.wrong('comments between statements begin with --')
            if DIRECTIVE.match(token.text):
                raise token.wrong('a statement is the same for both engines')
            comments.append(token)
        elif current is None and token.kind == 'space':
            if token.text.count('\n') > 1 and header_read(comments):
                raise token.wrong('an empty line between a statement and its name')
            if token.text.count('\n') > 1:
                comments = []
        elif current is None:
            current = header_read(comments)
            if current is None:
                raise token.wrong('a statement without a name; write `-- name(parameter type, …)` above it')
            if not re.fullmatch(r'[a-z][a-z0-9_]*', current.name):
                raise current.token.wrong(f'{current.name}: a name is of a–z, 0–9 and _')
            current.tokens.append(token)
        elif token.kind == 'sign' and token.text == ';':
            current.check()
            found.append(current)
            current, comments = None, []
        else:
            current.tokens.append(token)
    if current is not None:
        raise current.token.wrong(f'{current.name} is not ended by `;`')
    if header_read(comments):
        raise comments[-1].wrong('a name without a statement')
    seen = {}
    for statement in found:
        if statement.name in seen:
            raise statement.token.wrong(f'{statement.name} stands twice (first in line {seen[statement.name]})')
        seen[statement.name] = statement.token.line
        if f'{prefix}_{statement.name}' == f'{prefix}_schema':
            raise statement.token.wrong('the name `schema` is taken')
    return found


def c_string(text, indent):
    if not text:
        return '""'
    lines = text.split('\n')
    quoted = []
    for number, line in enumerate(lines):
        line = line.replace('\\', '\\\\').replace('"', '\\"').replace('??', '?\\?')
        quoted.append(f'"{line}' + ('\\n"' if number < len(lines) - 1 else '"'))
    return ('\n' + ' ' * indent).join(quoted)


def write_header(name, statements, path):
    guard = f'{name.upper()}_SQL_H'
    with open(path, 'w', encoding='utf-8') as out:
        out.write(f'/* Made by tools/embed_sql.py from the SQL of {name}. */\n#ifndef {guard}\n#define {guard}\n\n#include "store/store.h"\n\n')
        out.write(f'extern const struct store_schema {name}_schema;\n\n')
        for statement in statements:
            shown = ', '.join(f'{n} {t}' for n, t in statement.parameters)
            out.write(f'extern const struct statement {name}_{statement.name}; /* ({shown}) */\n')
        out.write('\n#endif\n')


def write_source(name, migrations, statements, header, path):
    with open(path, 'w', encoding='utf-8') as out:
        out.write(f'/* Made by tools/embed_sql.py from the SQL of {name}. */\n#include "{os.path.basename(header)}"\n\n')
        out.write('#pragma GCC diagnostic ignored "-Woverlength-strings"\n\n')
        out.write('static const struct migration migrations[] = {\n')
        for number, title, (sqlite, postgres, hashed) in migrations:
            out.write(f'  {{\n    .number = {number}, .name = "{title}",\n    .hash = "{hashed}",\n')
            out.write(f'    .sqlite =\n      {c_string(sqlite, 6)},\n    .postgres =\n      {c_string(postgres, 6)},\n  }},\n')
        out.write('};\n\n')
        for number, statement in enumerate(statements):
            write_statement(name, number, statement, out)
        if statements:
            out.write('static const struct statement *const statements[] = {\n')
            for statement in statements:
                out.write(f'  &{name}_{statement.name},\n')
            out.write('};\n\n')
        out.write(f'const struct store_schema {name}_schema = {{\n  .name = "{name}", .migrations = migrations, .migration_count = {len(migrations)},\n')
        out.write(f'  .statements = {"statements" if statements else "NULL"}, .statement_count = {len(statements)},\n}};\n')


def write_statement(name, number, statement, out):
    types = [VALUE[t] for _, t in statement.parameters]
    if types:
        out.write(f'static const enum value_type {statement.name}_parameters[] = {{{", ".join(types)}}};\n')
    out.write(f'const struct statement {name}_{statement.name} = {{\n')
    out.write(f'  .name = "{name}_{statement.name}", .number = {number}, .writes = {"true" if statement.writes() else "false"},\n')
    if types:
        out.write(f'  .parameters = {statement.name}_parameters, .parameter_count = {len(types)},\n')
    for engine in ('sqlite', 'postgres'):
        out.write(f'  .{engine} =\n    {c_string(statement_expand(statement.tokens, engine), 4)},\n')
    out.write('};\n\n')


def main(arguments):
    if len(arguments) != 4 or not re.fullmatch(r'[a-z][a-z0-9_]*', arguments[0]):
        print(__doc__, file=sys.stderr)
        return 2
    name, folder, source, header = arguments
    try:
        migrations = migrations_read(folder)
        queries = os.path.join(folder, 'query.sql')
        statements = statements_read(queries, name) if os.path.exists(queries) else []
        for statement in statements:
            for engine in ('sqlite', 'postgres'):
                statement_expand(statement.tokens, engine)
    except Wrong as wrong:
        print(wrong, file=sys.stderr)
        return 1
    write_header(name, statements, header)
    write_source(name, migrations, statements, header, source)
    return 0


sys.exit(main(sys.argv[1:]))
