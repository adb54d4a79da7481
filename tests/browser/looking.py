"""What every page must keep, checked on the page as the browser laid it out."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, ViewportSize

PHONE, DESKTOP = ViewportSize(width=360, height=740), ViewportSize(width=1280, height=900)

# Each finds what breaks a rule, and returns a line for it. Contrast is WCAG 2.1's, of text as it is painted.
RULES = """
() => {
  const faults = [];
  const seen = (e) => e.checkVisibility({visibilityProperty: true}) && !e.closest(".visually-hidden");
  const name = (e) => `${e.tagName.toLowerCase()}.${e.className} “${e.textContent.trim().slice(0, 30)}”`;
  const say = (holds, fault) => { if (!holds) faults.push(fault); };

  for (const [landmark, count] of [["main", 1], ["h1", 1], ["header.top", 1]])
    say(document.querySelectorAll(landmark).length === count, `not ${count} ${landmark}`);
  say(document.documentElement.lang, "the page names no language");
  say(document.title.trim(), "the page has no title");
  say(document.querySelector("body a")?.getAttribute("href") === "#main", "the first link skips nothing");

  let last = 0;
  for (const heading of document.querySelectorAll("main h1, main h2, main h3, main h4")) {
    const level = Number(heading.tagName[1]);
    say(level <= last + 1, `a heading skips a level: ${name(heading)}`);
    last = level;
  }
  for (const control of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    say(control.labels?.length || control.getAttribute("aria-label"), `no label: ${control.name}`);
  for (const button of document.querySelectorAll("button, summary, a[href]"))
    say(button.textContent.trim() || button.getAttribute("aria-label"), `no words: ${name(button)}`);
  for (const nav of document.querySelectorAll("nav, section"))
    say(nav.getAttribute("aria-label") || nav.getAttribute("aria-labelledby"), `no name: ${name(nav)}`);
  for (const table of document.querySelectorAll("table"))
    say(table.caption && table.querySelector("th[scope]"), "a table without caption or headings");
  for (const group of document.querySelectorAll("fieldset")) say(group.querySelector("legend"), "no legend");
  for (const attribute of ["aria-describedby", "aria-labelledby"])
    for (const named of document.querySelectorAll(`[${attribute}]`))
      for (const id of named.getAttribute(attribute).trim().split(/\\s+/))
        say(document.getElementById(id), `#${id} describes something and is not there`);
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of ids) say(ids.indexOf(id) === ids.lastIndexOf(id), `twice: #${id}`);

  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const part = [r, g, b].map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if ((colour[3] ?? 1) > 0.95) return colour;
    }
    return [255, 255, 255];
  };
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !seen(e) || e.closest("[disabled], option, .skip")) continue;
    const [one, other] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    say(ratio >= 4.5, `contrast ${ratio.toFixed(1)}: ${name(e)}`);
  }
  for (const e of document.querySelectorAll("main button, main .btn, main select, main .form-control")) {
    const high = e.getBoundingClientRect().height;
    say(!seen(e) || high >= 36, `hard to hit: ${name(e)} is ${high} px high`);
  }
  const wide = document.scrollingElement;
  say(wide.scrollWidth <= wide.clientWidth + 1, `wider than the screen: ${wide.scrollWidth} px`);
  return faults;
}
"""


# Whether a click on each link, button and field that is shown comes to it: nothing lies over it or cuts it off.
REACHED = """
() => {
  const faults = [];
  const [x, y] = [scrollX, scrollY];
  const isHit = (e) => {
    const box = e.getClientRects()[0];
    const hit = box && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return hit && (e.contains(hit) || hit.closest("label")?.control === e);
  };
  for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (e.disabled || !e.checkVisibility({visibilityProperty: true}) || e.closest(".skip, .visually-hidden")) continue;
    if (isHit(e)) continue;
    e.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
    if (!isHit(e))
      faults.push(`out of reach: ${e.tagName.toLowerCase()} “${(e.textContent.trim() || e.name || "").slice(0, 30)}”`);
  }
  scrollTo({left: x, top: y, behavior: "instant"});
  return faults;
}
"""


def faults_of(page: Page) -> list[str]:
    """Return what breaks a rule on the page, at its own width and at the other: landmarks, labels, contrast, width."""
    return _looked_at(page, RULES, REACHED)


def out_of_reach(page: Page) -> list[str]:
    """Return which links, buttons and fields no click comes to, at the page's own width or at the other."""
    return _looked_at(page, REACHED)


def _looked_at(page: Page, *rules: str) -> list[str]:
    page.wait_for_load_state()  # a click returns when the next page begins, before it is there to be looked at
    found = [fault for rule in rules for fault in page.evaluate(rule)]
    with at_the_other_width(page) as width:
        assert page.evaluate("innerWidth") == width
        found += [f"{width} px wide: {fault}" for rule in rules for fault in page.evaluate(rule)]
    return found


@contextmanager
def at_the_other_width(page: Page) -> Iterator[int]:
    """Show the page as wide as a desktop where it is as wide as a phone, and the other way round; yield the width."""
    own = page.viewport_size
    assert own is not None
    other = DESKTOP if own["width"] == PHONE["width"] else PHONE
    page.set_viewport_size(other)
    yield other["width"]
    page.set_viewport_size(own)


def is_focus_visible(page: Page) -> bool:
    """Tell whether what has the focus is outlined."""
    return bool(
        page.evaluate(
            """() => {
              const style = getComputedStyle(document.activeElement);
              return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== "none";
            }"""
        )
    )
