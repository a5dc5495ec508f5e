// Making elements. Whatever comes out of the document becomes text nodes and attribute values, never markup.

/** An element with attributes, listeners (attributes that are functions), and children: elements and texts. */
function make(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (value === undefined || value === null || value === false) continue;
        if (typeof value === "function") {
            element.addEventListener(key, value);
        } else {
            element.setAttribute(key, value === true ? "" : String(value));
        }
    }
    element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== ""));
    return element;
}

/** A piece of code that can be scrolled by keyboard too. */
function codeBlock(text, label) {
    return make("pre", { tabindex: 0, role: "region", "aria-label": label }, make("code", {}, text));
}

/** A disclosure whose content is made when it is first opened, so that what refers to itself has an end. */
function lazyDetails(summary, attributes, content) {
    const details = make("details", attributes, make("summary", {}, summary));
    let isFilled = false;
    details.addEventListener("toggle", () => {
        if (!details.open || isFilled) return;
        isFilled = true;
        details.append(content());
    });
    return details;
}

let lastNumber = 0;

/** An id that no other element has. */
function newID() {
    lastNumber += 1;
    return `page-${lastNumber}`;
}

/** A button that puts `text()` on the clipboard and says so; without a clipboard it selects the text of `source`. */
function copyButton(label, text, source) {
    const note = make("span", { role: "status", class: "hint" });
    const button = make("button", {
        type: "button",
        class: "copy",
        click: async () => {
            try {
                await navigator.clipboard.writeText(text());
                note.textContent = "Copied";
            } catch {
                // There is none outside of HTTPS and localhost, and it may be denied.
                getSelection().selectAllChildren(source);
                note.textContent = "Selected: copy it with the keyboard";
            }
        },
    }, label);
    return make("div", { class: "buttons" }, button, note);
}
