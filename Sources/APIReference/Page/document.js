// The OpenAPI document, which is inlined in the page.

const api = JSON.parse(document.getElementById("page-document").textContent);
const METHODS = ["get", "post", "put", "patch", "delete", "head", "options", "trace"];

/** The members of an object in order, none of anything else. */
function members(value) {
    return value !== null && typeof value === "object" && !Array.isArray(value) ? Object.entries(value) : [];
}

/** A list, empty where there is none. */
function list(value) {
    return Array.isArray(value) ? value : [];
}

/** What `value` stands for, references into this document followed; undefined for what leads nowhere. */
function resolve(value) {
    for (let step = 0; step < 32; step += 1) {
        const reference = value?.$ref;
        if (typeof reference !== "string") return value;
        value = reference.startsWith("#/") ? lookUp(reference.slice(2)) : undefined;
    }
    return undefined;
}

function lookUp(pointer) {
    let value = api;
    for (const part of pointer.split("/")) {
        const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
        if (value === null || typeof value !== "object" || !Object.hasOwn(value, key)) return undefined;
        value = value[key];
    }
    return value;
}

/** The last part of a reference to a component, undefined for what is none. */
function referenceName(value) {
    return typeof value?.$ref === "string" ? decodeURIComponent(value.$ref.split("/").pop()) : undefined;
}

/** All operations in the document's order. */
function readOperations() {
    const ids = new Set();
    const operations = [];
    for (const [path, item] of members(api.paths)) {
        for (const { method, template, operation } of itemOperations(item)) {
            let id = operation.operationId ?? `${method.toLowerCase()}${template ?? path}`;
            while (ids.has(id)) id += "_";
            ids.add(id);
            operations.push({
                id,
                method,
                path,
                // Of two with one path and method, the template tells which is which.
                title: template ?? path,
                isAnyMethod: method === "*",
                description: operation,
                tag: list(operation.tags)[0] ?? "Operations",
                grpcMethod: operation["x-grpc-method"],
                // The path that gRPC itself uses is one more way to do what another operation does.
                isPlain: path === `/${operation["x-grpc-method"]}`,
                parameters: readParameters(item, operation),
                body: resolve(operation.requestBody),
            });
        }
    }
    return operations;
}

/** What stands under a path: first by OpenAPI's own methods, then what it has no member for. */
function itemOperations(item) {
    const own = METHODS.map((method) => ({ method: method.toUpperCase(), operation: item?.[method] }));
    const additional = members(item?.["x-additional-operations"]).map(([key, operation]) => {
        // `PURGE`, or `GET /v1/files/{name}` for a further operation of one method. A method's case is its own.
        const [method, ...template] = key.split(" ");
        return { method, template: template.length ? template.join(" ") : undefined, operation };
    });
    return [...own, ...additional].filter(({ operation }) => operation);
}

/** An operation's parameters and its path's, which give way to those of the same name and place. */
function readParameters(item, operation) {
    const parameters = new Map();
    for (const given of [...list(item.parameters), ...list(operation.parameters)]) {
        const parameter = resolve(given);
        if (!parameter || typeof parameter.name !== "string") continue;
        // OpenAPI has these ignored: they come of the body, of the answers and of the security schemes.
        if (parameter.in === "header" && /^(accept|content-type|authorization)$/i.test(parameter.name)) continue;
        parameters.set(`${parameter.in} ${parameter.name}`, parameter);
    }
    return [...parameters.values()];
}

/** Operations by their first tag, in the order of the document's tags. */
function groupOperations(operations) {
    const groups = new Map();
    for (const tag of list(api.tags)) groups.set(tag.name, { tag, operations: [] });
    for (const operation of operations) {
        if (!groups.has(operation.tag)) groups.set(operation.tag, { tag: { name: operation.tag }, operations: [] });
        groups.get(operation.tag).operations.push(operation);
    }
    return [...groups.values()].filter((group) => group.operations.length > 0);
}

/**
 * Where the gateway is: the page's own address without its last segment, and the document's servers besides.
 *
 * What the document says relative to the page's host is what the gateway knows of its path, and of that the page's own
 * address knows more: a proxy may have put something before it.
 */
function readServers() {
    const own = location.origin + location.pathname.replace(/\/[^/]+\/?$/, "");
    const servers = [{ url: own, isSameOrigin: true }];
    for (const server of list(api.servers)) {
        if (!URL.canParse(server.url)) continue;
        const url = new URL(server.url);
        const text = (url.origin + url.pathname).replace(/\/+$/, "");
        if (!/^https?:$/.test(url.protocol) || servers.some((known) => known.url === text)) continue;
        servers.push({ url: text, isSameOrigin: url.origin === location.origin });
    }
    return servers;
}

/** The media type of JSON among those of a `content`, or else the first one; undefined for none. */
function preferredType(content) {
    const types = members(content).map(([type]) => type);
    return types.find((type) => type === "application/json") ?? types.find((type) => /json/.test(type)) ?? types[0];
}

/** An example for a media type, a parameter or a schema, made up of the schema where none is given. */
function exampleOf(holder) {
    if (holder === undefined || holder === null) return undefined;
    if (holder.example !== undefined) return holder.example;
    const first = members(holder.examples)[0];
    const named = first && resolve(first[1]);
    if (named?.value !== undefined) return named.value;
    return schemaExample(holder.schema, 0);
}

/** Whether a media type is JSON: one value, unlike lines or sequences of them. */
function isJSON(type) {
    return /^[^;]*[/+]json\s*(;|$)/.test(type);
}

/** A media type's example as it is sent; empty where nothing is known. */
function exampleText(type, media) {
    const example = exampleOf(media);
    // What is text already is sent as it is, but in JSON a string has quotes like everywhere in it.
    if (typeof example === "string" && !isJSON(type)) return example;
    return example === undefined ? "" : JSON.stringify(example, null, 2);
}

/** An example for a schema; undefined where nothing is known. */
function schemaExample(given, depth) {
    const schema = resolve(given);
    if (schema === null || typeof schema !== "object" || depth > 8) return undefined;
    if (schema.example !== undefined) return schema.example;
    if (list(schema.examples).length) return schema.examples[0];
    if (schema.default !== undefined) return schema.default;
    if (schema.const !== undefined) return schema.const;
    if (list(schema.enum).length) return schema.enum[0];
    for (const kind of ["oneOf", "anyOf"]) {
        if (list(schema[kind]).length && !schema.properties) return schemaExample(schema[kind][0], depth + 1);
    }
    const type = typesOf(schema)[0];
    if (type === "object" || schema.properties || schema.allOf) {
        const example = {};
        for (const part of list(schema.allOf)) Object.assign(example, schemaExample(part, depth + 1));
        for (const [name, property] of members(schema.properties)) {
            const value = schemaExample(property, depth + 1);
            if (value !== undefined && list(schema.required).includes(name)) example[name] = value;
        }
        return example;
    }
    if (type === "array") return [];
    if (type === "boolean") return false;
    if (type === "integer" || type === "number") return schema.minimum ?? 0;
    if (type === "string") return "";
    return undefined;
}

/** The types of a schema but null. */
function typesOf(schema) {
    return [schema.type].flat().filter((type) => typeof type === "string" && type !== "null");
}
