"""Our scripts as one file: each is written as a module of its own, and runs in the pages that name it.

A page's ``<script data-run="keys copy">`` says which of them begin there; what these import is begun first, once.
"""

from __future__ import annotations

import re
from pathlib import Path

IMPORT = re.compile(r'^import (?:\* as (?P<whole>\w+)|\{ (?P<parts>[^}]+) \}) from "\./(?P<name>\w+)\.js";$', re.M)
EXPORT = re.compile(r"^export (?=(?:const|function|async function) (?P<name>\w+))", re.M)
LEFT = re.compile(r"^(?:import|export)\b.*", re.M)

# A script that fails is told to the console and stops no other.
FRAME = """(() => {
"use strict";
const scripts = {
%s
};
const begun = {};
const need = (name) => (begun[name] ??= scripts[name](need));
for (const name of document.currentScript.dataset.run.split(" ").filter(Boolean)) {
  try { need(name); } catch (error) { reportError(error); }
}
})();
"""


def joined_scripts(folder: Path) -> str:
    """The modules of ``folder`` as one classic script.

    Raises ValueError, naming it, for an import or export in a form that is not understood here.
    """
    return FRAME % "\n".join(_as_function(file) for file in sorted(folder.glob("*.js")))


def _as_function(file: Path) -> str:
    text = file.read_text()
    exported = [found["name"] for found in EXPORT.finditer(text)]
    text = EXPORT.sub("", IMPORT.sub(_needed, text))
    if left := LEFT.search(text):
        raise ValueError(f"{file.name}: can't be joined: {left[0]}")
    return f"{file.stem}: (need) => {{\n{text}return {{ {', '.join(exported)} }};\n}},"


def _needed(found: re.Match[str]) -> str:
    return f'const {found["whole"] or "{ " + found["parts"] + " }"} = need("{found["name"]}");'
