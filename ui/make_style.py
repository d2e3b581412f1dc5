#!/usr/bin/env python3
"""Makes app.css: the GOV.UK Frontend rules of the components we use, in our colours, then our own style.

usage: make_style.py GOVUK.css OWN.css OUT.css

Of GOV.UK Frontend everything that is theirs alone goes: its fonts, crown, logo, header and footer; and what no page of
ours uses, so that a phone loads little.
"""
import pathlib
import re
import sys

USED = """template link skip-link heading-xl heading-l heading-m heading-s caption-xl caption-l caption-m body body-s body-m body-l
list section-break grid-row grid-column-full grid-column-one-half grid-column-one-third grid-column-two-thirds
grid-column-one-quarter grid-column-three-quarters width-container main-wrapper form-group label label-wrapper hint error-message
input textarea select radios checkboxes fieldset file-upload button button-group back-link breadcrumbs details error-summary
inset-text notification-banner pagination panel summary-list summary-card table tag task-list warning-text visually-hidden
visually-hidden-focusable clearfix""".split()

COLOURS = {
    "#0b0c0c": "#1f2a27", "#fd0": "#ffd43b", "#b1b4b6": "#a9b8b2", "#f3f2f1": "#f4f7f5", "#1d70b8": "#0b5d4a", "#d4351c": "#8a1c1c",
    "#505a5f": "#4a5552", "#00703c": "#0b5d4a", "#003078": "#084537", "#005a30": "#084537", "#002d18": "#06352b", "#0c2d4a": "#084537",
    "#1a65a6": "#0b5d4a", "#144e81": "#084537", "#f4f8fb": "#f4f7f5", "#e8f1f8": "#e3f1ec", "#d2e2f1": "#cfe6dd", "#bbd4ea": "#cfe6dd",
    "#8eb8dc": "#a9b8b2", "#dbdad9": "#dde5e1", "#c1c3c5": "#a9b8b2", "#aa2a16": "#6e1616", "#55150b": "#4d0f0f", "#929191": "#84918c",
    "#942514": "#6e1616", "#2a0b06": "#4d0f0f",
}
# Vietnamese marks stack: lines need room (1.5), headings a little less.
LINES = {"1.25": "1.5", "1.3157894737": "1.5", "1.4285714286": "1.5", "1.1111111111": "1.3", "1.0416666667": "1.3", "1.0952380952": "1.3", "1.04": "1.3"}


def blocks(text):
    """[(prelude, inside)] of the top level; inside is None for a statement such as @charset."""
    at, found = 0, []
    while at < len(text):
        brace, semicolon = text.find("{", at), text.find(";", at)
        if brace < 0 and semicolon < 0:
            break
        if 0 <= semicolon and (brace < 0 or semicolon < brace):
            found.append((text[at:semicolon].strip(), None))
            at = semicolon + 1
            continue
        depth, end = 1, brace + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        found.append((text[at:brace].strip(), text[brace + 1:end - 1]))
        at = end
    return found


def selectors_of(prelude):
    """Splits at commas outside parentheses."""
    return re.split(r",(?![^(]*\))", prelude)


def wanted(selector):
    if "\\!-" in selector:
        return re.search(r"margin-(top|bottom)-[0-9]|font-weight-bold", selector) is not None and "static" not in selector
    if "govuk-tag--" in selector:
        return False
    names = re.findall(r"\.govuk-((?:[a-z]+-?)+)", selector)
    return all(any(n.rstrip("-") == u for u in USED) for n in names) and "js-enabled" not in selector and ".govuk-frontend-supported" not in selector


def kept(text):
    """The rules that some page of ours may need."""
    out = []
    for prelude, inside in blocks(text):
        if inside is None or prelude.startswith("@font-face"):
            continue
        if prelude.startswith("@"):
            inner = kept(inside) if not prelude.startswith("@keyframes") else inside
            if inner and not prelude.startswith("@media print"):
                out.append(f"{prelude}{{{inner}}}")
            continue
        left = [s for s in selectors_of(prelude) if wanted(s)]
        if left and inside:
            out.append(f"{','.join(left)}{{{inside}}}")
    return "".join(out)


def ours(text):
    text = re.sub(r"#[0-9a-f]{3,6}\b", lambda m: COLOURS.get(m.group(), m.group()), text)
    text = re.sub(r"GDS Transport,\s*arial,\s*sans-serif", '"Be Vietnam Pro",system-ui,sans-serif', text)
    text = re.sub(r"line-height:([0-9.]+)", lambda m: "line-height:" + LINES.get(m.group(1), m.group(1)), text)
    if re.search(r"GDS|crown|url\(", text, re.I):
        sys.exit("make_style: something of GOV.UK's own is left: " + re.search(r".{40}(GDS|crown|url\().{40}", text, re.I).group())
    return text


def squeezed(text):
    """Our own style without comments and indentation."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"\s*([{};,>])\s*", r"\1", text)).strip()


def main():
    govuk, own, out = map(pathlib.Path, sys.argv[1:])
    theirs = re.sub(r"/\*.*?\*/", "", govuk.read_text(encoding="utf-8"), flags=re.S)
    out.write_text(ours(kept(theirs)) + squeezed(own.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
