// The page as a whole: its head, its contents, and what is open.

const main = document.getElementById("page-main");
const menu = document.getElementById("page-menu");
const operations = readOperations();
/** What can be filtered and linked to: its link's text, its element, and what opens it. */
const entries = [];

/** A heading that shows and hides what is under it, which is made when it is first shown. */
function item(link, heading, content) {
    const id = newID();
    const body = make("div", { id, class: "body", hidden: true });
    const button = make("button", { type: "button", "aria-expanded": "false", "aria-controls": id }, heading);
    const element = make("section", { class: "item" }, make("h3", {}, button), body);
    const open = () => {
        if (!body.hasChildNodes()) body.append(...[content()].flat());
        body.hidden = false;
        button.setAttribute("aria-expanded", "true");
    };
    button.addEventListener("click", () => {
        if (body.hidden) {
            open();
            history.replaceState(null, "", `#${encodeURIComponent(link)}`);
            markCurrent();
        } else {
            body.hidden = true;
            button.setAttribute("aria-expanded", "false");
        }
    });
    return { link, element, button, open };
}

/** An entry with its line in the contents. */
function addEntry(entry, words, linkContent) {
    entry.words = words.filter((word) => typeof word === "string").join(" ").toLowerCase();
    entry.anchor = make("a", {
        href: `#${encodeURIComponent(entry.link)}`,
        // The address stays as it is, and so nothing else would happen.
        click: () => entry.anchor.hash === location.hash && follow(),
    }, linkContent);
    entry.line = make("li", {}, entry.anchor);
    entries.push(entry);
    return entry;
}

function operationEntry(operation) {
    const { description } = operation;
    const method = make("span", { class: `method ${operation.method.toLowerCase()}` }, operation.method);
    const heading = [
        method, make("code", {}, operation.title), make("span", { class: "summary" }, description.summary ?? ""),
        description.deprecated ? make("span", { class: "badge deprecated" }, "deprecated") : [],
    ];
    const entry = item(operation.id, heading, () => operationView(operation));
    return addEntry(entry,
        [
            operation.id, operation.method, operation.path, operation.title, description.summary, operation.tag,
            operation.grpcMethod,
        ],
        [method.cloneNode(true), " ", operation.isPlain ? operation.path.split("/").pop() : operation.title]);
}

/** All about an operation. */
function operationView(operation) {
    const { description, parameters, body } = operation;
    const view = [...markdown(description.description)];
    view.push(make("p", { class: "hint" }, make("code", {}, operation.id),
        operation.grpcMethod ? [" calls ", make("code", {}, operation.grpcMethod)] : [],
        operation.isAnyMethod ? ` by any method; from here it is called by ${requestMethod(operation)}` : []));
    if (parameters.length) {
        view.push(make("h4", {}, "Parameters"), make("ul", { class: "fields" }, parameters.map((parameter) =>
            make("li", {},
                make("code", {}, parameter.name), " ",
                make("span", { class: "type" }, `${parameter.in}, ${typeText(parameter.schema)}`),
                badges(parameter, parameter.required),
                markdown(parameter.description ?? resolve(parameter.schema)?.description),
                nestedView(parameter.schema)))));
    }
    if (body) {
        view.push(make("h4", {}, "Request body"), ...markdown(body.description), ...contentView(body.content));
    }
    view.push(make("h4", {}, "Answers"), ...answersView(description.responses), tryItSection(operation));
    return view;
}

/** What an operation answers; errors, which are much the same everywhere, behind a line of their own. */
function answersView(responses) {
    const answers = members(responses).map(([status, answer]) =>
        [status, answerDescription(status, resolve(answer) ?? {})]);
    const errors = answers.filter(([status]) => /^[45]/.test(status));
    const others = answers.filter((answer) => !errors.includes(answer));
    const view = others.map(([, element]) => element);
    if (errors.length) {
        view.push(make("details", {}, make("summary", {}, `Errors (${errors.length})`),
            errors.map(([, element]) => element)));
    }
    return view;
}

/** What a body may be, each media type's schema and example; those alike are told of once. */
function contentView(content) {
    const groups = new Map();
    for (const [type, media] of members(content)) {
        // The example of a string has quotes in JSON alone.
        const key = `${isJSON(type)} ${JSON.stringify(media)}`;
        if (groups.has(key)) groups.get(key).types.push(type);
        else groups.set(key, { types: [type], media });
    }
    return [...groups.values()].flatMap(({ types, media }) => {
        const text = exampleText(types[0], media);
        return [
            make("p", {}, types.flatMap((type, index) => [index ? ", " : "", make("code", {}, type)]), " ",
                make("span", { class: "type" }, typeText(media.schema))),
            schemaView(media.schema),
            text ? [make("p", { class: "hint" }, "Example"), codeBlock(text, "Example")] : [],
        ].flat();
    });
}

function answerDescription(status, answer) {
    return lazyDetails([make("strong", {}, status), " ", firstLine(answer.description)], { class: "answer" }, () => {
        const headers = members(answer.headers);
        return make("div", {},
            markdown(restOf(answer.description)),
            headers.length ? [make("p", { class: "hint" }, "Headers"),
                make("ul", { class: "fields" }, headers.map(([name, given]) => {
                    const header = resolve(given) ?? {};
                    return make("li", {}, make("code", {}, name), " ",
                        make("span", { class: "type" }, typeText(header.schema)), markdown(header.description));
                }))] : [],
            contentView(answer.content));
    });
}

function firstLine(text) {
    return inlineNodes(String(text ?? "").split("\n")[0]);
}

function restOf(text) {
    return String(text ?? "").split("\n").slice(1).join("\n");
}

// MARK: Putting it together

function showHead() {
    const info = api.info ?? {};
    document.title = info.title ?? document.title;
    document.getElementById("page-title").textContent = document.title;
    const base = servers[0].url;
    document.getElementById("page-facts").append(
        info.version ? `Version ${info.version} · ` : "",
        make("a", { href: `${base}/openapi.json` }, "openapi.json"), " · ",
        make("a", { href: `${base}/openapi.yaml` }, "openapi.yaml"));
    main.append(...markdown(info.description));
}

/** A section of entries in `main`, with a list of them in the contents. */
function showGroup(title, description, shown, collapsed = []) {
    const id = newID();
    const folded = [make("details", { class: "plain" }, make("summary", {}, "By gRPC path"),
        collapsed.map((entry) => entry.element)), make("details", { class: "plain" },
        make("summary", {}, "By gRPC path"), make("ul", {}, collapsed.map((entry) => entry.line)))];
    const section = make("section", { "aria-labelledby": id }, make("h2", { id }, title), markdown(description),
        shown.map((entry) => entry.element), collapsed.length ? folded[0] : []);
    const lines = make("div", {}, make("p", { class: "group" }, title),
        make("ul", {}, shown.map((entry) => entry.line)), collapsed.length ? folded[1] : []);
    main.append(section);
    menu.append(lines);
    for (const entry of [...shown, ...collapsed]) entry.group = [section, lines];
    for (const entry of collapsed) entry.folded = folded;
}

function showOperations() {
    // Where there is nothing else, nothing is gained by hiding them.
    const folds = operations.some((operation) => !operation.isPlain);
    for (const { tag, operations: all } of groupOperations(operations)) {
        const plain = all.filter((operation) => folds && operation.isPlain);
        const others = all.filter((operation) => !plain.includes(operation));
        // With one service, the document as a whole says what that is.
        const description = api.info?.description?.includes(tag.description) ? "" : tag.description;
        showGroup(tag.name, description, others.map(operationEntry), plain.map(operationEntry));
    }
}

function showSchemas() {
    const schemas = members(api.components?.schemas);
    if (!schemas.length) return;
    showGroup("Schemas", "", schemas.map(([name, schema]) => addEntry(
        item(`schema-${name}`, make("code", {}, name), () => schemaView(schema)),
        [name, schema?.title], name)));
}

/** Shows what has all the words that were typed. */
function applyFilter() {
    const words = document.getElementById("page-filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const part of document.querySelectorAll("main > section, #page-menu > div, details.plain")) {
        if (part.getAttribute("aria-labelledby") !== "page-sign-in") part.hidden = words.length > 0;
    }
    for (const entry of entries) {
        const isShown = words.every((word) => entry.words.includes(word));
        entry.element.hidden = entry.line.hidden = !isShown;
        if (!isShown) continue;
        count += 1;
        for (const part of [...entry.group, ...(entry.folded ?? [])]) part.hidden = false;
        if (words.length) for (const part of entry.folded ?? []) part.open = true;
    }
    document.getElementById("page-count").textContent = words.length ? `${count} of ${entries.length}` : "";
}

/** The entry that the address names; undefined for none. */
function linked() {
    let name;
    try {
        name = decodeURIComponent(location.hash.slice(1));
    } catch {
        return undefined;
    }
    return entries.find((entry) => entry.link === name);
}

function markCurrent() {
    const current = linked();
    for (const entry of entries) {
        if (entry === current) entry.anchor.setAttribute("aria-current", "location");
        else entry.anchor.removeAttribute("aria-current");
    }
}

/** Opens what the address names, and goes there. */
function follow() {
    const entry = linked();
    markCurrent();
    if (!entry) return;
    if (entry.element.hidden) {
        document.getElementById("page-filter").value = "";
        applyFilter();
    }
    for (const part of entry.folded ?? []) part.open = true;
    entry.open();
    entry.element.scrollIntoView();
    entry.button.focus({ preventScroll: true });
}

showHead();
main.append(...[signInSection() ?? []].flat());
showOperations();
showSchemas();
document.getElementById("page-contents").open = matchMedia("(min-width: 60rem)").matches;
document.getElementById("page-filter").addEventListener("input", applyFilter);
addEventListener("hashchange", follow);
follow();
