// Signing in. What is typed stays in the fields of this page: it is neither stored nor shown again.

/** Ways to sign in: each says what a request gets, and by which variable a curl line names the secret. */
const credentials = [];

/** The section with a field for each secret of the document's security schemes; undefined where it has none. */
function signInSection() {
    for (const [name, given] of members(api.components?.securitySchemes)) {
        const scheme = resolve(given);
        const kind = schemeKind(scheme);
        if (!kind) continue;
        const variable = name.replace(/[^A-Za-z0-9]+/g, "_").replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
        credentials.push({ name, variable, input: secretInput(), description: scheme.description, ...kind });
    }
    if (!credentials.length) return undefined;
    const form = make("form", { autocomplete: "off", submit: (event) => event.preventDefault() },
        credentials.map((credential) => {
            const id = newID();
            credential.input.id = id;
            return make("div", { class: "field" },
                make("label", { for: id }, credential.label),
                credential.input,
                make("div", { class: "hint" }, markdown(credential.description)));
        }),
        make("div", { class: "buttons" }, make("button", { type: "reset" }, "Forget")));
    return make("section", { "aria-labelledby": "page-sign-in" },
        make("h2", { id: "page-sign-in" }, "Sign in"),
        make("p", {}, "For the requests that are sent from this page. Nothing of it is stored: reloading the page "
            + "forgets it, and the curl lines name a variable of the shell in its place."),
        form);
}

function secretInput() {
    return make("input", { type: "password", autocomplete: "off", spellcheck: "false" });
}

/** How a scheme puts its secret into a request; undefined for what no script can do. */
function schemeKind(scheme) {
    const type = scheme?.type;
    if (type === "apiKey" && scheme.in === "header" && /^[A-Za-z0-9_-]+$/.test(scheme.name ?? "")) {
        return { label: scheme.name, header: scheme.name, prefix: "" };
    }
    if (type === "apiKey" && scheme.in === "query") return { label: scheme.name, query: scheme.name };
    if (type === "http" && String(scheme.scheme).toLowerCase() === "basic") {
        const label = "User and password, as user:password";
        return { label, header: "Authorization", prefix: "Basic ", isBasic: true };
    }
    if (type === "http" || type === "oauth2" || type === "openIdConnect") {
        return { label: "Bearer token", header: "Authorization", prefix: "Bearer " };
    }
    return undefined;
}

/** The credentials that an operation takes and that have been typed. */
function credentialsFor(operation) {
    const requirements = list(operation.description.security ?? api.security);
    const names = new Set(requirements.flatMap((requirement) => members(requirement).map(([name]) => name)));
    return credentials.filter((credential) => names.has(credential.name) && credential.input.value !== "");
}

/** What a credential's header is in a request. */
function headerValue(credential) {
    const secret = credential.input.value;
    if (!credential.isBasic) return credential.prefix + secret;
    return credential.prefix + btoa(String.fromCharCode(...new TextEncoder().encode(secret)));
}
