// What comments in .proto files use of Markdown: paragraphs, lists, code and blocks of code.

/** The nodes of a line with `code` in it. */
function inlineNodes(text) {
    return text.split(/(`[^`]+`)/).filter(Boolean).map((piece) =>
        piece.length > 2 && piece.startsWith("`") && piece.endsWith("`")
            ? make("code", {}, piece.slice(1, -1))
            : piece);
}

/** The elements of a text. */
function markdown(text) {
    if (typeof text !== "string") return [];
    const elements = [];
    let paragraph = [];
    let list = null;
    let code = null;
    const endParagraph = () => {
        if (paragraph.length) elements.push(make("p", {}, inlineNodes(paragraph.join(" "))));
        paragraph = [];
    };
    for (const line of text.split(/\r?\n/)) {
        if (/^\s*```/.test(line)) {
            endParagraph();
            list = null;
            if (code) elements.push(codeBlock(code.join("\n"), "Example"));
            code = code ? null : [];
            continue;
        }
        if (code) {
            code.push(line);
            continue;
        }
        const item = /^\s*(?:([-*])|\d{1,3}[.)])\s+(.*)$/.exec(line);
        if (item) {
            endParagraph();
            const name = item[1] ? "ul" : "ol";
            if (list?.localName !== name) {
                list = make(name);
                elements.push(list);
            }
            list.append(make("li", {}, inlineNodes(item[2])));
        } else if (!line.trim()) {
            endParagraph();
            list = null;
        } else if (list && /^\s/.test(line)) {
            list.lastElementChild.append(" ", ...inlineNodes(line.trim()));
        } else {
            list = null;
            paragraph.push(line.trim().replace(/^#{1,6}\s+/, ""));
        }
    }
    if (code) elements.push(codeBlock(code.join("\n"), "Example"));
    endParagraph();
    return elements;
}
