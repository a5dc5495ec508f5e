// A request as the form has it, and the curl line for it.

/** A request for an operation: method, URL, header fields, body. `inputs` are its form's fields. */
function composeRequest(operation, inputs) {
    let path = operation.path;
    const query = [];
    const headers = [];
    for (const { parameter, read } of inputs.parameters) {
        const value = read();
        if (parameter.in === "path") {
            path = path.replaceAll(`{${parameter.name}}`, () => pathValue(parameter, String(value ?? "")));
        } else if (value === null) {
            continue;
        } else if (parameter.in === "query") {
            query.push(...queryPairs(parameter, value));
        } else if (parameter.in === "header") {
            headers.push({ name: parameter.name, value: [value].flat().join(", ") });
        }
    }
    const type = inputs.accept?.value;
    if (type) headers.push({ name: "Accept", value: type });
    const body = inputs.body?.value ?? "";
    const hasBody = inputs.body !== undefined && body !== "";
    if (hasBody) headers.push({ name: "Content-Type", value: inputs.contentType() });
    const url = inputs.server().url + path + (query.length ? `?${query.join("&")}` : "");
    return { method: requestMethod(operation), url, headers, body: hasBody ? body : undefined };
}

/** A path parameter in its place; those of several segments keep their slashes. */
function pathValue(parameter, value) {
    const encoded = encodeURIComponent(value);
    return parameter.allowReserved || parameter["x-multi-segment"] ? encoded.replaceAll("%2F", "/") : encoded;
}

/** Why a value has no place in the path; empty for one that has. */
function pathProblem(operation, parameter, value) {
    if (value === "") return "This is missing.";
    const place = `{${parameter.name}}`;
    // Browsers and curl take these out of a path, and the segment before with `..`: another operation would be called.
    // There is no way to write them: `%2E` is the same to them.
    const isTakenOut = operation.path.split("/").filter((segment) => segment.includes(place))
        .flatMap((segment) => segment.replaceAll(place, () => pathValue(parameter, value)).split("/"))
        .some((segment) => segment === "." || segment === "..");
    return isTakenOut ? "No segment of a path can be \".\" or \"..\"." : "";
}

/** The method of an operation's requests. */
function requestMethod(operation) {
    return operation.isAnyMethod ? "POST" : operation.method;
}

/** `name=value` pairs of a query parameter: one an element of a list, `name[key]` for those of a map. */
function queryPairs(parameter, value) {
    const pair = (name, text) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`;
    if (!Array.isArray(value)) return [pair(parameter.name, value)];
    if (!isMap(resolve(parameter.schema))) {
        return parameter.explode === false
            ? [`${encodeURIComponent(parameter.name)}=${value.map(encodeURIComponent).join(",")}`]
            : value.map((element) => pair(parameter.name, element));
    }
    return value.map((line) => {
        const [key, ...rest] = line.split("=");
        return pair(`${parameter.name}[${key}]`, rest.join("="));
    });
}

function isMap(schema) {
    return typesOf(schema ?? {})[0] === "object";
}

/** Sends a request with what was typed to sign in. */
function send(request, operation, signal) {
    const headers = new Headers();
    for (const { name, value } of request.headers) headers.set(name, value);
    let url = request.url;
    for (const credential of credentialsFor(operation)) {
        if (credential.header) {
            headers.set(credential.header, headerValue(credential));
        } else {
            url += `${url.includes("?") ? "&" : "?"}${encodeURIComponent(credential.query)}=`
                + encodeURIComponent(credential.input.value);
        }
    }
    return fetch(url, {
        method: request.method, headers, body: request.body, signal, cache: "no-store", referrerPolicy: "no-referrer",
        // A 401 that asks for Basic would have the browser ask for it too, and keep what it is told. Otherwise it sends
        // what a proxy in front may want: cookies, a certificate.
        credentials: credentials.some((credential) => credential.isBasic) ? "omit" : "same-origin",
    });
}

/** The curl line for a request; secrets are variables of the shell. */
function curlLine(request, operation) {
    let url = quoted(request.url);
    const parts = [];
    for (const { name, value } of request.headers) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
    for (const credential of credentialsFor(operation)) {
        // Nothing but letters, digits, - and _ gets between the double quotes.
        const variable = `$${credential.variable}`;
        if (credential.isBasic) {
            parts.push(`-u "${variable}"`);
        } else if (credential.header) {
            parts.push(`-H "${credential.header}: ${credential.prefix}${variable}"`);
        } else {
            url += quoted(`${request.url.includes("?") ? "&" : "?"}${encodeURIComponent(credential.query)}=`)
                + `"${variable}"`;
        }
    }
    if (request.body !== undefined) parts.push(`--data-raw ${quoted(request.body)}`);
    const method = request.method === "GET" || (request.method === "POST" && request.body !== undefined)
        ? "" : request.method === "HEAD" ? " -I" : ` -X ${methodWord(request.method)}`;
    return [`curl -i${method} ${url}`, ...parts].join(" \\\n  ");
}

/** A method as a word of a shell: one of somebody's own may have characters that mean something there. */
function methodWord(method) {
    return /^[A-Za-z0-9_-]+$/.test(method) ? method : quoted(method);
}

/** One word of a POSIX shell. */
function quoted(text) {
    return `'${text.replaceAll("'", "'\\''")}'`;
}
