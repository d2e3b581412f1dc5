"""The house's rules, read from the sources: floors, banned calls, words, statements, and what may not stand in a file.

Prints "ok NAME" or "not ok NAME: where" a rule. Run from the project's root."""
import os
import re
import subprocess
import sys

FLOORS = {"base": 0, "record": 1, "keys": 1, "net": 2, "store": 2, "contract": 2,
          "people": 3, "paper": 3, "web": 4, "axis": 4, "systems": 5, "node": 6}
# The same floor may not include one another, with these exceptions: systems see their own folder and system.h alone.
NEVER = {("web", "axis"), ("axis", "web")}
BANNED = ["strcpy", "strcat", "sprintf", "vsprintf", "gets", "strtok", "rand", "srand", "atoi", "atol", "atof",
          "gmtime", "localtime", "ctime", "asctime", "system", "popen", "tmpnam", "mktemp", "alloca", "setlocale", "strncpy"]
LINES_MAX = 700


def files(*ends):
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True).stdout
    return [name for name in out.splitlines() if name.endswith(ends) and os.path.isfile(name)]


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


def sources():
    return [name for name in files(".c", ".h") if name.startswith("src/")]


def is_test(name):
    return "/test_" in name or name.endswith(("/testing.c", "/testing.h", "/test_support.c"))


def code_without_comments_and_strings(text):
    return re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\])*"|//[^\n]*', " ", text, flags=re.S)


def floor_rule():
    for name in sources():
        parts = name.split("/")
        if len(parts) < 3:
            continue
        mine = parts[1]
        for include in re.findall(r'^#include "([^"]+)"', read(name), re.M):
            other = include.split("/")[0]
            if "/" not in include or other not in FLOORS:
                continue
            if mine not in FLOORS:
                yield f"{name}: folder {mine} has no floor"
            elif other == mine:
                inner = include.split("/")
                if mine == "systems" and len(inner) > 2 and inner[1] != parts[2]:
                    yield f"{name} includes another system: {include}"
            elif FLOORS[other] >= FLOORS[mine] or (mine, other) in NEVER:
                yield f"{name} includes {include}"


def anatomy_rule():
    for name in sources():
        match = re.match(r"src/systems/(\w+)/(\w+)\.c$", name)
        if not match:
            continue
        subject = match.group(2)
        for include in re.findall(r'^#include "([^"]+)"', read(name), re.M):
            base = os.path.basename(include)
            if subject.startswith("rules") and base in ("store.h", "pages.h", "services.h"):
                yield f"{name}: rules see the model only, not {include}"
            if subject.startswith("pages") and base == "services.h":
                yield f"{name}: pages never see services"
            if subject.startswith("services") and base == "pages.h":
                yield f"{name}: services never see pages"


TAKES_FILES = {"src/store/files.c", "src/store/files.h", "src/people/handed.c"}


def banned_rule():
    pattern = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
    for name in sources():
        if is_test(name):
            continue
        for number, line in enumerate(code_without_comments_and_strings(read(name)).splitlines(), 1):
            for call in pattern.findall(line):
                yield f"{name}: {call}"
            if re.search(r"\bfile_take\s*\(", line) and name not in TAKES_FILES:
                yield f"{name}: file_take keeps a file and logs no malware that it finds: handed_take does both"


def size_rule():
    for name in sources():
        count = read(name).count("\n")
        if not is_test(name) and count > LINES_MAX:
            yield f"{name} has {count} lines"


def purpose_rule():
    for name in sources():
        if not read(name).startswith("/*"):
            yield f"{name} does not begin by saying why it exists"


def po_keys(name):
    return re.findall(r'^msgid "([^"]+)"', read(name), re.M)


def words_rule():
    folders = {os.path.dirname(name) for name in files(".po")}
    for folder in sorted(folders):
        vi, en = set(po_keys(folder + "/vi.po")), set(po_keys(folder + "/en.po"))
        for key in sorted(vi ^ en):
            yield f"{folder}: {key} stands in one language only"


def all_words():
    return {key for name in files(".po") if name.endswith("vi.po") for key in po_keys(name)}


def used_words_rule():
    known = all_words()
    prefixes = {key.split(".")[0] for key in known}
    for name in sources():
        if is_test(name):
            continue
        text = re.sub(r"/\*.*?\*/", " ", read(name), flags=re.S)
        for key in re.findall(r'"([a-z_]+(?:\.[a-z0-9_]+)+)"', text):
            if key.split(".")[0] in ("error",) and key not in known and not re.search(r"\.(c|h|po|html|sql|json)$", key):
                yield f"{name}: no words for {key}"
        for key in re.findall(r'cx_fail\([^;]*?"((?:[a-z_]+)(?:\.[a-z0-9_]+)+)"', text, re.S):
            if key.split(".")[0] in prefixes and key not in known:
                yield f"{name}: no words for {key}"


def vietnamese_rule():
    """Visible words stand in .po files: no Vietnamese in C strings, but in tests, and in what Decree 30/2020 fixes on every paper."""
    letters = re.compile("[ạảãàáâậầấẩẫăắằặẳẵóòọõỏôộổỗồốơờớợởỡéèẻẹẽêếềệểễúùụủũưựữửừứíìịỉĩýỳỷỵỹđ]", re.I)
    for name in sources():
        if is_test(name) or not name.endswith(".c") or name.startswith(("src/base/text", "src/paper/")):
            continue
        text = re.sub(r"/\*.*?\*/", " ", read(name), flags=re.S)
        for string in re.findall(r'"((?:\\.|[^"\\])*)"', text):
            if letters.search(string) and " " in string.strip():
                yield f"{name}: \"{string[:40]}\""


def scripts_rule():
    for name in files(".html"):
        text = read(name)
        if re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S", text) or re.search(r"\son\w+\s*=", text) or re.search(r"\sstyle\s*=", text):
            yield f"{name}: inline script or style"


def path_rule():
    home = re.compile(r"(?<![\w.])/(?:work|root|home/\w+)/\w|registry\.npmjs|deb\.debian\.org")
    for name in files("", ):
        if name.startswith("tests/rules.py") or name.endswith((".png", ".woff2", ".pdf")):
            continue
        try:
            text = read(name)
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if home.search(line):
                yield f"{name}:{number}"


def lock_rule():
    for name in files("package-lock.json"):
        if '"resolved"' in read(name):
            yield f"{name} carries download addresses"


def readme_rule():
    text = read("README.md") if os.path.exists("README.md") else ""
    found = re.findall(r"\./(?:start|check)\b", text)
    if found[:2] != ["./start", "./check"]:
        yield "README.md does not name ./start and ./check first"


def columns_of(body):
    """The names of a table's columns: what stands before the first space of each part, a comma inside of brackets aside."""
    depth, part, parts = 0, "", []
    for letter in body + ",":
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append(part.split()[0])
            part = ""
        else:
            part += letter
    return [name for name in parts if name not in ("primary", "unique", "foreign", "check", "constraint")]


def schema_columns():
    """(store, table, column) of every schema: a store is called as its folder."""
    for name in files(".sql"):
        match = re.match(r"src/(?:\w+/)*?(\w+)/sql/(?:(\w+)/)?\w+\.sql$", name)
        if not match:
            continue
        store, text = match.group(2) or match.group(1), re.sub(r"--[^\n]*", "", read(name))
        for table, body in re.findall(r"create table (?:if not exists )?(\w+)\s*\((.*?)\)\s*(?:strict)?;", text, re.S):
            for column in columns_of(body):
                yield store, table, column
        for table, column in re.findall(r"alter table (\w+) add (?:column )?(\w+)", text):
            yield store, table, column


DATA_CLASSES = ("public", "internal", "personal", "sensitive", "secret")


def data_rule():
    """docs/data.csv gives every column of every schema one class, and names none that is not there; docs/data.md says what the classes mean."""
    classes, text = {}, read("docs/data.md")
    for line in read("docs/data.csv").splitlines()[1:]:
        store, table, kind, columns = line.split(",")
        if kind not in DATA_CLASSES:
            yield f"docs/data.csv: {store}.{table}: no class {kind}"
        for column in columns.split():
            if (store, table, column) in classes:
                yield f"docs/data.csv: {store}.{table}.{column} stands twice"
            classes[store, table, column] = kind
    there = set(schema_columns())
    for key in sorted(there - set(classes)):
        yield f"{'.'.join(key)} has no class in docs/data.csv"
    for key in sorted(set(classes) - there):
        yield f"docs/data.csv: {'.'.join(key)} is in no schema"
    for kind in DATA_CLASSES:
        if f"**{kind}**" not in text:
            yield f"docs/data.md does not say what {kind} means"
    for store, table in sorted({key[:2] for key, kind in classes.items() if kind in ("personal", "sensitive", "secret")}):
        if f"`{store}.{table}`" not in text:
            yield f"docs/data.md does not say how long {store}.{table} is kept"


PRIMITIVES = re.compile(r"\bEVP_(?:sha|aes|chacha|md5|Encrypt|Decrypt|DigestSign|DigestVerify|RSA_gen|EC_gen|PKEY_(?:keygen|Q_|sign|verify|encrypt|derive))|"
                        r"\b(?:EC_POINT_mul|HMAC|SHA1|SHA256|SHA512|getrandom|X509_sign|SSL_CTX_new)\(|\bargon2id?_|\bECDSA_(?:do_)?(?:sign|verify)")


def cryptography_rule():
    """Whoever calls a primitive of cryptography is named in docs/cryptography.md, and who is named there is there."""
    text = read("docs/cryptography.md")
    for name in sources():
        if not is_test(name) and "/fuzz_" not in name and PRIMITIVES.search(code_without_comments_and_strings(read(name))) and f"`{name}`" not in text:
            yield f"{name} is not named in docs/cryptography.md"
    for name in re.findall(r"`(src/[\w/]+\.c)`", text):
        if not os.path.exists(name):
            yield f"docs/cryptography.md names {name}, which is not there"


RULES = [("a file includes only from lower floors", floor_rule), ("inside a system, rules see the model only", anatomy_rule),
         ("banned calls", banned_rule), ("a file is one subject", size_rule), ("each file says why it exists", purpose_rule),
         ("words stand in both languages", words_rule), ("every word that code names exists", used_words_rule),
         ("visible words stand in word files", vietnamese_rule), ("no inline script or style", scripts_rule),
         ("no path of a machine, no registry", path_rule), ("lock files carry no addresses", lock_rule),
         ("every column has a class of data", data_rule), ("cryptography is listed", cryptography_rule), ("the README names the two commands first", readme_rule)]


def main():
    failed = False
    for title, rule in RULES:
        wrong = list(rule())
        if wrong:
            failed = True
            print(f"not ok {title}")
            for line in wrong[:20]:
                print("   " + line)
        else:
            print(f"ok {title}")
    sys.exit(1 if failed else 0)


main()
