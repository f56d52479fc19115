"""What is written in the templates of ``drawn_templates``: labels, hints and headings, odd ones among them."""

LABELS = [
    *("Owner", "Owner", "Host", "Risk Level", "Status", "Phase", "Markdown", "Text", "Title", "Part"),
    *("Rücksprache", "影響", "Étape", "Résumé (court)", "Why & How", "`code` name", "A: b", "1st", "⚠️ Careful", "✅"),
    *("Under_score", "Notes / Links", "Label?", "\"Quoted\"", "Q1 2027", "x" * 120),
]  # fmt: skip
VALUES = [
    *("[what]", "[what]", "[who decides, and why]", "[Low/Medium/High]", "YYYY-MM-DD", "HH:MM:SS TZ", "HH:MM-HH:MM"),
    *("`YYYY-MM-DD-kind-[slug]`", "Fixed words", "[a](https://example.org/a)", "[x] — [y]", "<b>[x]</b>", "~[n] GB"),
    *("[…]", "🟢 [Go/No/Wait]", "[Größe]", "**bold** [x]", "a | b", "[x]: y", "*", "1. x"),
    *("&amp; [x]", "[before]% → [after]%", "Runbook Template v2.1.0", "[a] [b]"),
]  # fmt: skip
TITLES = [
    *("Summary", "Summary", "Work", "Rückweg", "✅ Improvements", "🔴", "Steps & Checks", "What's next?", "手順"),
    *("Intro", "Risk Level", "`code`", "Phase", "Phase one", "3. Third", "Summary #1", "**Bold**", "A: b", "Markdown"),
    *("x" * 120, "Header", "Footer", "Guidance", "Title"),
]  # fmt: skip
KINDS = ["Database Operation", "Opération", "運用", "Change", "Status", "Owner"]
PHASES = ["Phase {}: {} ({})", "Stage {}. {} ({})", "Étape {} : {} ({})", "Change Day {}: {} ({})", "段階 {}: {} ({})",
          "Stage {}_ – {} ({})", "Teil {}_. {} ({})"]  # fmt: skip
WINDOWS = ["HH:MM-HH:MM", "22:00-23:30", "HH:MM – HH:MM", "9:00–10:30"]
LEVELS = ["🔴 High ({})", "🟡 Medium ({})", "Niedrig ({})", "What Could Go Wrong ({})", "Critical {}({})"]
TREATMENTS = ["Mitigated", "Watched", "akzeptiert", "if any"]
COMMANDS = ["make [target]", "# comment\nstop x", "cat <<EOF\n## no heading\nEOF", "a\n\n\nb", "", "\ttab", "~~~"]
TABLES = ["| Host | Role |\n|---|---|\n| [host] | [role] |", "Host | Role\n:-- | --:\n[a] | [b]"]
# What asks for nothing, and is kept.
LOOSE = [
    *("> [quoted]", "> a\n> b", "<!-- a comment -->", "<details>\n<summary>[x]</summary>\n</details>", "<br>", "***"),
    *("- [plain]\n- plain", "* a\n  * **b**: [c]", "[link]: https://example.org", "#### A heading", "###### Deep ##"),
    *("- [ ] a\n- **b**: [c]", "- **A**: [x]\n  - **B**: [y]\n    - **C**: [z]", "1. bare\n2. steps", "---"),
]  # fmt: skip
RULES = ["---", "***", "- - -", "___"]
COLONS = ["**{}**: {}", "**{}**: {}", "**{}:** {}", "**{}**:{}", "**{}** : {}", "**{}**\u00a0: {}", "**{}**\uff1a{}"]
