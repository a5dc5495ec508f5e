// What the gateway has answered.

/** The part of the page that shows answers, and `show(request)`, which waits for one and shows it. */
function answerView() {
    // It is there before it says anything, or screen readers would not hear of it.
    const status = make("p", { role: "status", class: "status" });
    const content = make("div");
    const element = make("section", { "aria-label": "Answer", class: "answer", hidden: true },
        make("h4", {}, "Answer"), status, content);

    async function show(request) {
        element.hidden = false;
        content.replaceChildren();
        say("Sending …", "");
        const begin = performance.now();
        try {
            const response = await request();
            const body = codeBlock("", "Body of the answer");
            content.append(headerTable(response), make("h5", {}, "Body"), body);
            const line = `${response.status} ${response.statusText}`.trim();
            const text = await readText(response, (soFar) => {
                body.firstChild.textContent = soFar;
                say(`${line}, receiving …`, response.ok ? "good" : "bad");
            });
            body.firstChild.textContent = text === "" ? "(empty)" : shown(text, response);
            say(`${line}, in ${Math.round(performance.now() - begin)} ms`, response.ok ? "good" : "bad");
        } catch (error) {
            const reason = error.name === "AbortError" ? "Stopped" : `No answer: ${error.message}`;
            say(reason, "bad");
        }
    }

    function say(text, kind) {
        status.textContent = text;
        status.className = `status ${kind}`;
    }

    return { element, show };
}

function headerTable(response) {
    return make("details", {}, make("summary", {}, "Headers of the answer"),
        make("table", { class: "headers" },
            make("caption", { class: "hint" }, "Header fields"),
            make("tbody", {}, [...response.headers].map(([name, value]) =>
                make("tr", {}, make("th", { scope: "row" }, name), make("td", { class: "mono" }, value))))));
}

/** The text of an answer; what comes bit by bit is shown as it comes. */
async function readText(response, onProgress) {
    if (!response.body) return "";
    const type = response.headers.get("content-type") ?? "";
    if (type && !/^(text\/|[^;]*(json|xml|yaml|javascript))/.test(type)) {
        return `(${(await response.blob()).size} bytes of ${type})`;
    }
    const isStream = /ndjson|json-seq|event-stream/.test(type);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
        const { done, value } = await reader.read();
        if (done) return text;
        text += value;
        if (text.length > SHOWN) {
            await reader.cancel();
            return `${text.slice(0, SHOWN)}\n… and more, which is not shown`;
        }
        if (isStream) onProgress(text);
    }
}

function shown(text, response) {
    if (!isJSON(response.headers.get("content-type") ?? "")) return text;
    try {
        JSON.parse(text);
    } catch {
        return text;
    }
    return indented(text);
}

/** JSON laid out, with each value as it was sent: numbers would change on their way through JavaScript's. */
function indented(json) {
    let depth = 0;
    const line = () => `\n${"  ".repeat(depth)}`;
    const tokens = json.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
    return tokens.map((token, index) => {
        if (token === "{" || token === "[") {
            depth += 1;
            return /^[}\]]$/.test(tokens[index + 1] ?? "") ? token : token + line();
        }
        if (token === "}" || token === "]") {
            depth -= 1;
            return /^[{[]$/.test(tokens[index - 1] ?? "") ? token : line() + token;
        }
        if (token === ",") return token + line();
        return token === ":" ? ": " : token;
    }).join("");
}
