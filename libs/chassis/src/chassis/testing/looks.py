"""What the contrast of a page's words hangs on, so that it is judged once and not at every width and in every test.

It takes nine tenths of axe's time (measured with 4.12 on a list of 460 elements). It follows from the colours, sizes and the
nesting of the elements that are seen, not from what they say: of two pages with the same of all these axe says the same.
"""

from dataclasses import dataclass
from hashlib import sha256

from playwright.async_api import Page

RULE = "color-contrast"

# Every element that is seen, in order, as deep as it lies: everything that the rule reads of it. Not its place: words that lie
# over something that is not around them axe leaves to a person to judge, at any width.
_LOOKS = """() => {
  const styles = ["color", "backgroundColor", "backgroundImage", "opacity", "filter", "mixBlendMode", "textShadow", "position",
    "zIndex", "transform", "clip", "clipPath", "overflow", "webkitTextStrokeWidth", "webkitTextFillColor"];
  const around = ["content", "backgroundColor", "backgroundImage", "position", "opacity"];
  const states = ["type", "role", "aria-disabled", "aria-hidden", "for", "inert"];
  const lines = [], sizes = [];
  const walk = (element, depth) => {
    // What is not shown has nothing in it that is; what is only invisible may have.
    if (!element.checkVisibility()) return;
    const style = getComputedStyle(element);
    const points = parseFloat(style.fontSize) * 0.75;
    const large = points >= 18 || (points >= 14 && parseInt(style.fontWeight) >= 700);
    const said = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent.trim()).join("");
    const words = /[\\p{L}\\p{N}]/u.test(said) ? Math.min(said.length, 2) : said;
    const own = states.map((name) => {
      const value = element.getAttribute(name) ?? "";
      if (name !== "for" || !value) return value;
      const control = document.getElementById(value);
      return control ? `${control.tagName} ${control.matches(":disabled")}` : "";
    });
    const shown = element.checkVisibility({ visibilityProperty: true });
    sizes.push(large ? "L" : "s");
    lines.push([depth, element.tagName, shown, words, element.matches(":disabled"), ...own,
      ...styles.map((name) => style[name]),
      ...["::before", "::after"].flatMap((part) => {
        const beside = getComputedStyle(element, part);
        return beside.content === "none" ? [""] : around.map((name) => beside[name]);
      })].join("|"));
    for (const child of element.children) walk(child, depth + 1);
  };
  walk(document.documentElement, 0);
  return [lines.join("\\n"), sizes.join("")];
}"""
_judged: dict[bytes, list[str]] = {}


@dataclass(frozen=True)
class Looks:
    """Stands for the looks of a page; `sizes` has an "L" for every element whose words are large, an "s" for each other."""

    digest: bytes
    sizes: str

    def are_judged(self) -> bool:
        """Whether the contrast of these looks was found good before, in this process.

        Large words need less of it, so a page is as good where more of them are large: on a desk.
        """
        return any(self._no_smaller_than(sizes) for sizes in _judged.get(self.digest, ()))

    def judge(self) -> None:
        """Remember that the contrast was found good."""
        if not self.are_judged():
            _judged.setdefault(self.digest, []).append(self.sizes)

    def _no_smaller_than(self, sizes: str) -> bool:
        return all(now in {then, "L"} for now, then in zip(self.sizes, sizes, strict=True))


async def looks(page: Page) -> Looks:
    """Return the looks of a page as it is now."""
    lines, sizes = await page.evaluate(_LOOKS)
    return Looks(sha256(lines.encode()).digest(), sizes)
