"""Takes plots out of a report page, each as a picture of its own in docs/images.

usage: plots.py PAGE NAME=TITLE...
"""

import html
import pathlib
import re
import sys

IMAGES = pathlib.Path("docs/images")


def main(page, *wanted):
    """Writes each wanted plot; a title that is not on the page is an error."""
    text = pathlib.Path(page).read_text(encoding="utf-8")
    style = re.search(r"<style>(.*?)</style>", text, re.S)[1]
    # The page's colours, and what is said of a plot's parts; the rest is about the page.
    rules = re.findall(r"(?::root\{[^}]*\}|@media\([^)]*\)\{:root\{[^}]*\}\}|svg [^{]*\{[^}]*\})", style)
    figures = re.findall(r"<figure>(<svg.*?</svg>)<figcaption><b>(.*?)</b>", text, re.S)
    plots = {html.unescape(title): svg for svg, title in figures}
    for one in wanted:
        name, title = one.split("=", 1)
        if title not in plots:
            sys.exit(f"{page} has no plot `{title}`: it has {', '.join(plots)}")
        look = "svg{background:var(--back)}" + "".join(rules)
        svg = plots[title].replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" width="560" ', 1)
        svg = re.sub(r"</desc>", f"</desc><style>{look}</style>", svg, count=1)
        path = IMAGES / f"{name}.svg"
        path.write_text(svg + "\n", encoding="utf-8")
        print(f"{path}: {title}")


if __name__ == "__main__":
    main(*sys.argv[1:])
