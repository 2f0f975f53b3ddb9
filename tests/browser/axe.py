"""What axe-core finds against WCAG 2.2 AA in a page as it stands, in the light and in the dark."""

from typing import Final

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN: Final = """async ([tags, besides]) => {
    // While colours change, those in between would be measured.
    const still = document.createElement('style');
    still.textContent = '*, *::before, *::after { transition: none !important; }';
    document.head.append(still);
    const { classList } = document.documentElement;
    const isDark = classList.contains('dark');
    // All but colours is the same in both shades, and asked once.
    const asked = { light: {type: 'tag', values: tags},
                    dark: {type: 'rule', values: ['color-contrast']} };
    const found = {};
    for (const [shade, runOnly] of Object.entries(asked)) {
        classList.toggle('dark', shade === 'dark');
        const told = await axe.run({exclude: besides}, {runOnly, resultTypes: ['violations']});
        for (const fault of told.violations)
            found[`${fault.id}, ${shade}`] = fault.nodes.map(node =>
                `${node.target.join(' ')} ${node.html.slice(0, 200)} ${node.failureSummary}`);
    }
    classList.toggle('dark', isDark);
    still.remove();
    return found;
}"""
# What is not ours, and out of reach of our templates and style sheets; each with its reason.
BESIDES: Final[list[list[str]]] = []


def violations(page: Page) -> dict[str, list[str]]:
    """By rule and shade, the elements that break it; Unfold's frame is looked at too."""
    page.evaluate(AXE_SCRIPT)
    found: dict[str, list[str]] = page.evaluate(RUN, [TAGS, BESIDES])
    return found
