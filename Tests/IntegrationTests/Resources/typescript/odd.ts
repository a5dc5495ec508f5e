// Requests and answers of every shape. The upstream answers `Echo` with the message that it got.

import { baseUrl, equal, failure, fakeFetch, isTrue, test } from "./harness.js";
import { ApiError, OdditiesClient } from "./odd_client.js";

const client = new OdditiesClient({ baseUrl });

await test("what ProtoJSON takes comes back as what the gateway prints", async () => {
  const rich = await client.echo({
    doubleValue: Number.NaN,
    floatValue: -Infinity,
    int32Value: "7",
    int64Value: 9007199254740993n,
    uint64Value: "18446744073709551615",
    sint64Value: -1,
    bytesValue: "_-8",
    kind: 1,
    alias: "ALIAS_FIRST",
    kinds: ["KIND_LARGE", 77],
    leaf: { name: "leaf", leaf: { name: "below" }, blob: null },
    legacy: { id: 3, color: "GREEN", "[rich.nickname]": "nick" },
    byInt64: { "-5": { name: "five" } },
    byBool: { true: { name: "yes" } },
    timesByName: { now: new Date(0) },
    boxesByName: { half: 0.5, none: "NaN" },
    stringChoice: "chosen",
    timestamp: new Date(Date.UTC(2026, 0, 31, 23, 59, 59, 500)),
    duration: "1.5s",
    fieldMask: "a.b,cD",
    structure: { a: [1, "two", null, { b: true }] },
    value: null,
    list: [1, [2]],
    empty: {},
    any: { "@type": "type.googleapis.com/rich.Leaf", name: "inside" },
    boxedInt64: 5n,
    boxedBool: false,
    boxedBytes: "AA==",
    're named "\\ é': 4,
    maybeInt32: 0,
    maybeString: null,
  });
  equal([rich.doubleValue, rich.floatValue, rich.int32Value], ["NaN", "-Infinity", 7]);
  equal([rich.int64Value, rich.uint64Value, rich.sint64Value], ["9007199254740993", "18446744073709551615", "-1"]);
  equal([rich.bytesValue, rich.kind, rich.alias], ["/+8=", "KIND_SMALL", "ALIAS_ONE"]);
  equal(rich.kinds, ["KIND_LARGE", 77]);
  equal([rich.leaf?.name, rich.leaf?.leaf?.counts, rich.leaf?.blob], ["leaf", [], undefined]);
  equal(rich.legacy, {
    id: 3,
    color: "GREEN",
    loose: [],
    tight: [],
    colors: [],
    tightColors: [],
    piece: [],
    sizesByName: {},
    needyByNumber: {},
    "[rich.nickname]": "nick",
    "[rich.scores]": [],
    "[rich.shades]": [],
  });
  equal([rich.byInt64["-5"]?.name, rich.byBool["true"]?.name], ["five", "yes"]);
  equal([rich.timesByName["now"], rich.boxesByName], ["1970-01-01T00:00:00Z", { half: 0.5, none: "NaN" }]);
  equal([rich.stringChoice, rich.doubleChoice], ["chosen", undefined]);
  equal([rich.timestamp, rich.duration, rich.fieldMask], ["2026-01-31T23:59:59.500Z", "1.500s", "a.b,cD"]);
  equal([rich.structure, rich.value, rich.list], [{ a: [1, "two", null, { b: true }] }, null, [1, [2]]]);
  equal(rich.empty, {});
  equal(rich.any?.["name"], "inside");
  equal([rich.boxedInt64, rich.boxedBool, rich.boxedBytes, rich.boxedString], ["5", false, "AA==", undefined]);
  equal([rich['re named "\\ é'], rich.maybeInt32, rich.maybeString], [4, 0, undefined]);
  equal([rich.strings, rich.byString, rich.stringValue], [[], {}, ""]);
});

await test("a query has lists, nested fields, maps and times", async () => {
  const { items } = await client.search({
    parent: "shelves/a b%2Fc",
    filter: { owner: "ä&=+", without: { flags: { 1: true } }, mask: "a,bC" },
    labels: { "x.y": "1", "[": "" },
    shades: ["SHADE_LIGHT", 2],
    since: new Date(1500),
    cursor: "AP8=",
    ratio: 0.5,
    big: 9007199254740993n,
    pageToken: null,
  });
  equal(items.length, 0);
  equal(await client.searchByFilterOwner({ filter: { owner: "o/p", mask: "a" } }), []);
});

await test("what a path would take for several names goes by another one", async () => {
  const { fetch, requests } = fakeFetch(() => new Response("{}"));
  const local = new OdditiesClient({ fetch });
  // Of an object literal TypeScript knows `valueOf`, too.
  const inherited = { toString: "t", constructor: { mask: "m" }, valueOf: null };
  const request = { "a.b": { owner: "o" }, "c[d]": "x", "e.f": { k: "v" } };
  await local.dot(request);
  await local.dotByCD(request);
  await local.inherit(inherited);
  await local.inherit();
  equal(requests.map(({ url }) => decodeURIComponent(url)), [
    "/v1/dotted?dotted.owner=o&bracketed=x&mapped[k]=v",
    "/v1/dotted/x/o?mapped[k]=v",
    "/v1/inherited?toString=t&constructor.mask=m",
    "/v1/inherited",
  ]);
  equal((await client.dot(request)).items, []);
  equal((await client.dotByCD(request)).items, []);
  equal((await client.inherit(inherited)).items, []);
});

await test("a date that is none is not sent", async () => {
  const { fetch, requests } = fakeFetch(() => new Response("{}"));
  const local = new OdditiesClient({ fetch });
  const none = new Date(Number.NaN);
  await failure(local.echo({ timestamp: none }), TypeError);
  await failure(local.echo({ timesByName: { now: new Date(0), then: none } }), TypeError);
  await failure(local.search2({ since: none }), TypeError);
  equal(requests, []);
});

await test("slashes of a path stay where the path has several segments", async () => {
  const item = await client.getItem({ name: "shelves/1/items/a b:c" });
  equal(item.name, "echo");
  await client.getItem2({ name: "a/b%2Fc/d" });
  await client.getItem3({ name: "a/b/c" });
  for (const name of ["shelves/1", "shelves//items/2", "other/1/items/2", "shelves/1/items/2/3", "shelves/../items/2"]) {
    await failure(client.getItem({ name }), TypeError);
  }
  await failure(client.getItem3({ name: "b/c" }), TypeError);
});

await test("a field is the body, and others are in path and query", async () => {
  const answer = await client.updateItem({
    item: { name: "shelves/1/items/2", text: "t", child: null },
    updateMask: "text",
    other: {},
  });
  equal(answer.name, "");
  await failure(client.updateItem({ item: {} }), TypeError);
});

await test("names that mean something elsewhere do no harm", async () => {
  isTrue((await client) === client, "the client is no promise");
  const error = await client.constructor_({ class: { constructor: 1, ["__proto__"]: 2, '"quoted"\n': 3, "9": 4 } });
  equal(error["9"], 0);
  equal(await client.delete(), {});
  equal(await client.setValue([null, { a: 1 }]), [null, { a: 1 }]);
  equal(await client.getItem7({ name: "x" }), null);
  equal(await client.getItem4({ name: "x" }), undefined as void);
  const missing = await failure(client.then_({ response: { duration: "nonsense" } }), ApiError);
  equal(missing.fieldViolations.length, 1);
});
