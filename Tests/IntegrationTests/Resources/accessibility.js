// What is wrong with a page for those who use a keyboard, a screen reader, or their eyes: a list of sentences.
// The body of a function, run in the page.

const problems = [];
const isVisible = (element) => element.checkVisibility({ visibilityProperty: true });
const describe = (element) =>
    `<${element.localName}${element.id ? ` id=${element.id}` : ""}> "${element.textContent.trim().slice(0, 40)}"`;

// Every control has a name.
const nameOf = (element) => {
    const label = element.getAttribute("aria-label");
    if (label) return label;
    const ids = element.getAttribute("aria-labelledby")?.split(/\s+/) ?? [];
    const named = ids.map((id) => document.getElementById(id)?.textContent ?? "").join(" ").trim();
    if (named) return named;
    const labels = [...(element.labels ?? [])].map((one) => one.textContent).join(" ").trim();
    return labels || (/^(a|button|summary)$/.test(element.localName) ? element.textContent.trim() : "");
};
const controls = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
for (const element of controls.filter(isVisible)) {
    if (element.localName !== "main" && !nameOf(element)) problems.push(`no name: ${describe(element)}`);
    if (element.tabIndex > 0) problems.push(`a tab order of its own: ${describe(element)}`);
}

// What is referred to is there, and there once.
const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) problems.push(`two of id ${id}`);
for (const attribute of ["for", "aria-controls", "aria-describedby", "aria-labelledby"]) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
        for (const id of element.getAttribute(attribute).split(/\s+/)) {
            if (!document.getElementById(id)) problems.push(`${attribute} names nothing: ${describe(element)}`);
        }
    }
}

// Headings begin with the one h1 and leave no level out.
let level = 0;
for (const heading of [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(isVisible)) {
    const next = Number(heading.localName[1]);
    if (next > level + 1) problems.push(`h${next} behind h${level}: ${describe(heading)}`);
    level = next;
}
if (document.querySelectorAll("h1").length !== 1) problems.push("not one h1");

// Landmarks, language, title.
for (const name of ["body > header", "nav[aria-label]", "main"]) {
    if (document.querySelectorAll(name).length !== 1) problems.push(`not one ${name}`);
}
if (!document.documentElement.lang) problems.push("no language");
if (!document.title.trim()) problems.push("no title");

// Text stands out from what is behind it (WCAG 2.2, 1.4.3).
const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const known = new Map();
const rgba = (color) => {
    if (!known.has(color)) {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        known.set(color, [...canvas.getImageData(0, 0, 1, 1).data]);
    }
    return known.get(color);
};
const luminance = (color) => {
    const [r, g, b] = color.slice(0, 3).map((byte) => {
        const part = byte / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
        const color = rgba(getComputedStyle(one).backgroundColor);
        if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
};
const contrasts = new Map();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let texts = 0;
while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || /^(script|style|noscript)$/.test(element.localName)) continue;
    if (!isVisible(element) || element.closest(":disabled")) continue;
    texts += 1;
    const colors = [rgba(getComputedStyle(element).color), behind(element)];
    const key = colors.join();
    if (!contrasts.has(key)) {
        const [one, other] = colors.map(luminance);
        contrasts.set(key, (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05));
    }
    if (contrasts.get(key) < 4.5) problems.push(`contrast ${contrasts.get(key).toFixed(2)}: ${describe(element)}`);
}
if (texts < 20) problems.push(`only ${texts} texts`);

// Nothing is wider than the window.
const { scrollWidth, clientWidth } = document.documentElement;
if (scrollWidth > clientWidth) problems.push(`${scrollWidth - clientWidth} pixels to the right of the window`);

return [...new Set(problems)];
