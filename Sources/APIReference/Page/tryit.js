// The form of an operation, and what comes of sending it.

/** Most characters of an answer that are shown. */
const SHOWN = 500_000;
const servers = readServers();

/** The section with the form, the curl line and the answer. */
function tryItSection(operation) {
    const inputs = { parameters: [], server: () => servers[0] };
    const first = [];
    const rest = [];
    for (const parameter of operation.parameters) {
        if (!["path", "query", "header"].includes(parameter.in)) continue;
        (parameter.in === "header" && !parameter.required ? rest : first).push(parameterField(parameter, inputs));
    }
    const form = make("form", { autocomplete: "off", "aria-label": `Try ${operation.id}` },
        serverField(inputs),
        first,
        rest.length ? make("details", {}, make("summary", {}, "Headers"), rest) : [],
        acceptField(operation, inputs),
        bodyField(operation, inputs));
    const submit = make("button", { type: "submit" }, "Send");
    const cancel = make("button", { type: "button", hidden: true }, "Stop");
    const reset = make("button", { type: "reset" }, "Reset");
    form.append(make("div", { class: "buttons" }, submit, cancel, reset));

    const curl = codeBlock("", "curl line");
    const update = () => {
        const isComplete = showPathProblems(operation, inputs);
        // For a shell, a comment: what is copied must not call anything either.
        curl.firstChild.textContent = isComplete ? curlLine(composeRequest(operation, inputs), operation)
            : "# A value of the path is missing, or cannot be sent.";
        submit.disabled = !inputs.server().isSameOrigin;
    };
    form.addEventListener("input", update);
    // The fields have their first values after the event.
    form.addEventListener("reset", () => setTimeout(update));
    for (const credential of credentials) {
        credential.input.addEventListener("input", update);
        credential.input.form.addEventListener("reset", () => setTimeout(update));
    }
    const answer = answerView();
    let running;
    cancel.addEventListener("click", () => running?.abort());
    form.addEventListener("submit", async (event) => {
        event.preventDefault();
        if (running) return;
        running = new AbortController();
        cancel.hidden = false;
        await answer.show(() => send(composeRequest(operation, inputs), operation, running.signal));
        cancel.hidden = true;
        running = undefined;
    });
    update();
    return make("section", { "aria-label": `Try ${operation.id}`, class: "try" },
        make("h4", {}, "Try it"), form,
        make("h4", {}, "As a curl line"), curl, copyButton("Copy", () => curl.textContent, curl),
        answer.element);
}

/** Says by each field of the path why its value cannot be sent, and keeps the form from it; whether all of them can. */
function showPathProblems(operation, inputs) {
    let isComplete = true;
    for (const { parameter, read, control, note } of inputs.parameters) {
        if (parameter.in !== "path") continue;
        const value = String(read() ?? "");
        const problem = pathProblem(operation, parameter, value);
        if (problem) isComplete = false;
        // An empty one the browser asks for by itself, and nobody has to be told so before they begin.
        const shown = value === "" ? "" : problem;
        note.textContent = shown;
        control.setCustomValidity(shown);
        control.setAttribute("aria-invalid", shown ? "true" : "false");
    }
    return isComplete;
}

/** Which server requests go to, where there is a choice. */
function serverField(inputs) {
    if (servers.length < 2) return [];
    const id = newID();
    const select = make("select", { id }, servers.map((server, index) => make("option", { value: index },
        server.url + (server.isSameOrigin ? "" : " (curl only: this page may call its own server alone)"))));
    inputs.server = () => servers[Number(select.value)] ?? servers[0];
    return make("div", { class: "field" }, make("label", { for: id }, "Server"), select);
}

/** The field of a parameter. */
function parameterField(parameter, inputs) {
    const id = newID();
    const schema = resolve(parameter.schema) ?? {};
    const { control, hint } = parameterControl(schema);
    control.id = id;
    control.required = parameter.required === true;
    const note = parameter.in === "path"
        ? make("div", { class: "error", id: `${id}-note`, role: "status" }) : undefined;
    control.setAttribute("aria-describedby", note ? `${id}-hint ${id}-note` : `${id}-hint`);
    const isLines = control.localName === "textarea";
    inputs.parameters.push({
        parameter,
        control,
        note,
        read: () => {
            if (!isLines) return control.value === "" ? null : control.value;
            const lines = control.value.split("\n").map((line) => line.trim()).filter(Boolean);
            return lines.length ? lines : null;
        },
    });
    const example = parameter.in === "path" || isLines ? exampleOf(parameter) : parameter.example;
    const words = [parameter.in, typeText(parameter.schema), hint].filter(Boolean).join(", ");
    const isTold = example !== undefined && example !== "" && typeof example !== "object";
    return make("div", { class: "field" },
        make("label", { for: id }, make("code", {}, parameter.name),
            parameter.required ? [" ", make("span", { class: "required" }, "(required)")] : []),
        control,
        make("div", { class: "hint", id: `${id}-hint` }, words,
            isTold ? [", such as ", make("code", {}, String(example))] : []),
        note);
}

function parameterControl(schema) {
    const values = enumValues(schema);
    const type = typesOf(schema)[0];
    if (values.length || type === "boolean") {
        const choices = values.length ? values : ["true", "false"];
        return {
            control: make("select", {}, make("option", { value: "" }, "(not sent)"),
                choices.map((value) => make("option", { value }, value))),
        };
    }
    if (type === "array") return { control: make("textarea", { rows: 2, spellcheck: "false" }), hint: "one a line" };
    if (isMap(schema)) {
        return { control: make("textarea", { rows: 2, spellcheck: "false" }), hint: "key=value, one a line" };
    }
    const mode = type === "integer" ? "numeric" : type === "number" ? "decimal" : undefined;
    return { control: make("input", { type: "text", inputmode: mode, spellcheck: "false", autocomplete: "off" }) };
}

/** Which form an answer is wanted in, where there are several. */
function acceptField(operation, inputs) {
    const types = new Set();
    for (const [status, answer] of members(operation.description.responses)) {
        if (/^2/.test(status)) for (const [type] of members(resolve(answer)?.content)) types.add(type);
    }
    if (types.size < 2) return [];
    const id = newID();
    inputs.accept = make("select", { id }, [...types].map((value) => make("option", { value }, value)));
    return make("div", { class: "field" }, make("label", { for: id }, "Answer as"), inputs.accept);
}

/** The body, with its example in it. */
function bodyField(operation, inputs) {
    const content = operation.body?.content;
    const types = members(content).map(([type]) => type);
    const preferred = preferredType(content);
    if (preferred === undefined) return [];
    const id = newID();
    const text = (type) => exampleText(type, content[type]);
    const body = make("textarea", {
        id, spellcheck: "false", autocomplete: "off", required: operation.body.required === true,
        "aria-describedby": `${id}-note`,
    });
    // As a child it is what a reset goes back to.
    body.append(text(preferred));
    body.rows = Math.min(24, Math.max(4, body.value.split("\n").length + 1));
    const note = make("p", { class: "error", id: `${id}-note`, role: "status" });
    // Where any type will do, it is for who sends the body to name one.
    const select = preferred.includes("*")
        ? make("input", { id: `${id}-type`, type: "text", value: "text/plain", spellcheck: "false", autocomplete: "off" })
        : types.length < 2 ? undefined : make("select", { id: `${id}-type` },
            types.map((value) => make("option", { value, selected: value === preferred }, value)));
    const type = () => select?.value ?? preferred;
    const check = () => {
        let problem = "";
        try {
            if (isJSON(type()) && body.value.trim()) JSON.parse(body.value);
        } catch (error) {
            problem = `This is not JSON: ${error.message}`;
        }
        note.textContent = problem;
        body.setAttribute("aria-invalid", problem ? "true" : "false");
    };
    body.addEventListener("input", check);
    inputs.body = body;
    inputs.contentType = type;
    select?.addEventListener("input", () => {
        if (content[type()]) body.value = text(type());
        check();
    });
    return [
        select ? make("div", { class: "field" }, make("label", { for: `${id}-type` }, "Type of the body"), select) : [],
        make("div", { class: "field" }, make("label", { for: id }, "Body"), body, note),
    ];
}
