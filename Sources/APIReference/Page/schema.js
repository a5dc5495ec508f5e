// Showing schemas.

/** A schema's type in a few words. */
function typeText(given) {
    const name = referenceName(given);
    const schema = resolve(given);
    if (schema === true || schema === undefined || schema === null) return name ?? "anything";
    if (name && !isPlainType(schema)) return name;
    const nullable = isNullable(schema) ? " or null" : "";
    const types = typesOf(schema);
    if (list(schema.enum).length) return `${types[0] ?? "value"}, one of ${schema.enum.length}${nullable}`;
    if (types[0] === "array") return `list of ${typeText(schema.items)}${nullable}`;
    if (types[0] === "object" && typeof schema.additionalProperties === "object" && !schema.properties) {
        return `map to ${typeText(schema.additionalProperties)}${nullable}`;
    }
    for (const kind of ["oneOf", "anyOf", "allOf"]) {
        const joint = kind === "allOf" ? " and " : " or ";
        if (!types.length && list(schema[kind]).length) {
            return [...new Set(alternatives(schema, kind).map(typeText))].join(joint) + nullable;
        }
    }
    const format = schema.format ?? schema.contentEncoding;
    return (types.join(" or ") || "anything") + (format ? ` (${format})` : "") + nullable;
}

/** The members of `oneOf`, `anyOf` or `allOf` but the one that says that null will do. */
function alternatives(schema, kind) {
    return list(schema?.[kind]).filter((part) => resolve(part)?.type !== "null");
}

function isNullable(schema) {
    const holds = (value) => [value?.type].flat().includes("null");
    return holds(schema) || ["oneOf", "anyOf"].some((kind) => list(schema[kind]).map(resolve).some(holds));
}

/** The values of an enum, also where it is one of several ways to say it; none for what is no enum. */
function enumValues(given, depth = 0) {
    const schema = resolve(given);
    const values = list(schema?.enum).filter((value) => value !== null).map(String);
    if (values.length || depth > 4) return values;
    return ["oneOf", "anyOf"].flatMap((kind) => alternatives(schema, kind))
        .map((part) => enumValues(part, depth + 1)).find((found) => found.length) ?? [];
}

/** Whether a named schema tells more by what it is than by its name. */
function isPlainType(schema) {
    return !schema.properties && !schema.enum && !schema.oneOf && !schema.anyOf && !schema.allOf;
}

const CONSTRAINTS = [
    ["default", "default"], ["const", "always"], ["minLength", "shortest length"], ["maxLength", "longest length"],
    ["minimum", "at least"], ["maximum", "at most"], ["exclusiveMinimum", "above"], ["exclusiveMaximum", "below"],
    ["multipleOf", "multiple of"], ["pattern", "pattern"], ["minItems", "fewest"], ["maxItems", "most"],
    ["minProperties", "fewest"], ["maxProperties", "most"], ["uniqueItems", "no two alike"],
];

/** A line with what values must keep to, or nothing. */
function constraintLine(schema) {
    const parts = [];
    for (const [key, words] of CONSTRAINTS) {
        if (schema[key] === undefined) continue;
        if (parts.length) parts.push(", ");
        parts.push(words, " ", make("code", {}, JSON.stringify(schema[key])));
    }
    return parts.length ? make("p", { class: "hint" }, parts) : [];
}

/** The values of an enum, with what they mean. */
function enumChoices(schema) {
    const values = list(schema.enum).filter((value) => value !== null);
    if (!values.length) return [];
    const meanings = schema["x-enum-descriptions"];
    const meaning = (value, index) => Array.isArray(meanings) ? meanings[index] : meanings?.[value];
    return make("ul", { class: "choices" }, values.map((value, index) =>
        make("li", {}, make("code", {}, String(value)), markdown(meaning(value, index)))));
}

/** Badges for a property or parameter. */
function badges(schema, isRequired) {
    return [
        isRequired ? [" ", make("span", { class: "badge required" }, "required")] : [],
        schema?.deprecated ? [" ", make("span", { class: "badge deprecated" }, "deprecated")] : [],
        schema?.readOnly ? [" ", make("span", { class: "badge" }, "in answers only")] : [],
        schema?.writeOnly ? [" ", make("span", { class: "badge" }, "in requests only")] : [],
    ];
}

/** All that a schema says, but what its own description is where `isDescribed` has said it already. */
function schemaView(given, isDescribed = false) {
    const schema = resolve(given);
    const view = make("div", { class: "schema" });
    if (schema === null || typeof schema !== "object") {
        view.append(make("p", { class: "type" }, schema === false ? "nothing" : "anything"));
        return view;
    }
    if (!isDescribed) view.append(...markdown(schema.description));
    view.append(...[constraintLine(schema), enumChoices(schema)].flat());
    const required = list(schema.required);
    const properties = members(schema.properties);
    if (properties.length) {
        view.append(make("ul", { class: "fields" }, properties.map(([name, property]) =>
            fieldView(name, property, required.includes(name)))));
    }
    for (const [kind, words] of [["allOf", "All of"], ["oneOf", "One of"], ["anyOf", "Any of"]]) {
        const parts = alternatives(schema, kind);
        if (!parts.length) continue;
        view.append(make("p", { class: "type" }, parts.length > 1 ? words : typeText(schema)),
            make("ul", { class: "fields" }, parts.map((part) =>
                make("li", {}, make("span", { class: "type" }, typeText(part)),
                    markdown(resolve(part)?.description), nestedView(part)))));
    }
    if (typeof schema.additionalProperties === "object") {
        view.append(fieldView("any other name", schema.additionalProperties, false));
    }
    if (schema.items !== undefined) view.append(fieldView("each", schema.items, false));
    return view;
}

/** A property with its type, its text and what is in it. */
function fieldView(name, property, isRequired) {
    const schema = resolve(property) ?? {};
    const text = property.description ?? schema.description;
    return make("li", {},
        make("code", {}, name), " ", make("span", { class: "type" }, typeText(property)), badges(schema, isRequired),
        markdown(text), nestedView(property));
}

/** What is inside a value, where there is anything to tell: made when it is asked for. */
function nestedView(given) {
    let inner = given;
    for (let depth = 0; depth < 8; depth += 1) {
        const schema = resolve(inner);
        if (schema?.items !== undefined) inner = schema.items;
        else if (typeof schema?.additionalProperties === "object" && !schema.properties) {
            inner = schema.additionalProperties;
        } else if (["oneOf", "anyOf"].some((kind) => alternatives(schema, kind).length === 1) && !schema?.properties) {
            inner = [...alternatives(schema, "oneOf"), ...alternatives(schema, "anyOf")][0];
        } else break;
    }
    const schema = resolve(inner);
    if (schema === null || typeof schema !== "object") return [];
    const isShort = !members(schema.properties).length && !schema.oneOf && !schema.anyOf && !schema.allOf;
    if (isShort) return [constraintLine(schema), enumChoices(schema)];
    const name = referenceName(inner);
    const words = members(schema.properties).length ? "Fields" : "Values";
    return lazyDetails(name ? [`${words} of `, make("code", {}, name)] : words, {}, () => schemaView(inner, !name));
}
