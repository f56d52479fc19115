"""What axe finds on a page. Contrast is most of its work: words that look alike need it judged once."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

CONTRAST = "color-contrast"
# Each barrier, and the first element that has it. What holds is not told: on a large page that is a megabyte.
AXE = """(rules) => axe.run({ resultTypes: ["violations"], preload: false, rules })
    .then((found) => found.violations.map((one) => [one.id, one.nodes[0].html.slice(0, 200)]))"""
# Contrast alone, of all words but those whose look is among those that passed: the barriers as above, and the looks
# that passed by now. Of each new look one is judged, and the others where that one was not found good: what is turned
# off is not judged, whatever looks like it is. A look is all that contrast follows from: colour, size and weight of the
# words, their shadows, and what each element around them lays behind them. What has no look is judged each time:
# whatever lies over others, and whatever has something drawn before or after it out of the flow.
JUDGED = """async (passed) => {
  const known = new Set(passed), grounds = new Map(), looks = new Map();
  const nothing = "rgba(0, 0, 0, 0) none 1 none normal none";
  const lifted = (style) => ["absolute", "fixed", "sticky"].includes(style.position);
  const own = (one) => {
    const style = getComputedStyle(one);
    const drawn = ["::before", "::after"].map((side) => getComputedStyle(one, side));
    if (lifted(style) || drawn.some((side) => side.content !== "none" && lifted(side))) return null;
    const laid = [style.backgroundColor, style.backgroundImage, style.opacity, style.filter, style.mixBlendMode];
    const all = [...laid, style.transform].join(" ");
    return all === nothing ? "" : `/${all}`;
  };
  const ground = (one) => {
    if (!one) return "";
    if (!grounds.has(one)) {
      const [behind, here] = [ground(one.parentElement), own(one)];
      grounds.set(one, behind === null || here === null ? null : behind + here);
    }
    return grounds.get(one);
  };
  const wordless = "[type=hidden], [type=range], [type=color], [type=checkbox], [type=radio], [type=image]";
  const holdsWords = (one) => /^(INPUT|SELECT|TEXTAREA)$/.test(one.nodeName) ? !one.matches(wordless)
    : [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  let left = [...document.querySelectorAll("body, body *")].filter((one) => {
    if (!holdsWords(one) || !one.checkVisibility()) return false;
    const behind = ground(one), style = getComputedStyle(one);
    if (behind === null) return true;
    const words = [style.color, style.fontSize, style.fontWeight, style.textShadow, style.webkitTextStroke];
    looks.set(one, words.join(" ") + behind);
    return !known.has(looks.get(one));
  });
  const wrong = [];
  for (const all of [false, true]) {
    const firsts = new Map(left.map((one) => [looks.get(one) ?? one, one]));
    const now = new Set(all ? left : firsts.values());
    if (!now.size) break;
    const found = await axe.run({ include: [...now] }, {
      runOnly: ["color-contrast"], resultTypes: ["violations", "passes"], preload: false, elementRef: true,
    });
    wrong.push(...found.violations.map((one) => [one.id, one.nodes[0].html.slice(0, 200)]));
    found.passes.forEach((one) => one.nodes.forEach((node) => known.add(looks.get(node.element))));
    left = left.filter((one) => !now.has(one) && !known.has(looks.get(one)));
  }
  return [wrong, [...known].filter(Boolean)];
}"""


def barriers(page: Page, *but: str, passed: set[str] | None = None) -> list[list[str]]:
    """What axe finds on a page, by each of its rules ``but`` those: the rule, and an element that breaks it.

    With ``passed``, the looks of words whose contrast was found to be enough, contrast is judged of the others alone,
    and theirs are added. What lies behind words by its place, not by its being around them, is seen without it alone.
    """
    page.evaluate(AXE_SCRIPT)
    apart = [] if passed is None else [CONTRAST]
    found = list(page.evaluate(AXE, {rule: {"enabled": False} for rule in [*but, *apart]}))
    if passed is not None:
        wrong, enough = page.evaluate(JUDGED, sorted(passed))
        passed.update(enough)
        found += wrong
    return found
