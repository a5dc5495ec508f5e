// Streams and raw bytes. The upstream does what the topic, or the name of the file, asks for.

import { ApiError, FeedClient, NetworkError } from "./feed_client.js";
import { all, baseUrl, equal, failure, fakeFetch, isTrue, test } from "./harness.js";

const client = new FeedClient({ baseUrl });

await test("a stream is iterated", async () => {
  equal(await all(client.watch({ topic: "two" })), [{ id: "1" }, { id: "2", note: { text: "a\nb" } }]);
  equal(await all(client.watch({ topic: "none" })), []);
  equal(await all(client.watch2({ topic: "two" })), [{ text: "" }, { text: "a\nb" }]);
});

await test("a stream that is refused fails before its first message", async () => {
  const error = await failure(all(client.watch({ topic: "refused" })), ApiError);
  equal([error.code, error.status, error.message], [403, "PERMISSION_DENIED", "not you"]);
});

await test("a stream that fails later gives what came before", async () => {
  const ids: string[] = [];
  const reading = (async () => {
    for await (const event of client.watch({ topic: "fail" })) ids.push(event.id);
  })();
  const error = await failure(reading, ApiError);
  equal([error.code, error.status, error.message], [429, "RESOURCE_EXHAUSTED", "enough"]);
  equal(ids, ["1"]);
});

await test("who stops early gives the call up", async () => {
  for await (const event of client.watch({ topic: "endless" })) {
    equal(event.id, "1");
    break;
  }
});

await test("a stream is given up from outside", async () => {
  const controller = new AbortController();
  const reading = (async () => {
    for await (const _ of client.watch({ topic: "endless" }, { signal: controller.signal })) controller.abort();
  })();
  equal((await failure(reading, Error)).name, "AbortError");
});

await test("a stream that is cut off is no stream that ended", async () => {
  const { fetch } = fakeFetch(() => new Response('{"id":"1"}\n{"id":'));
  const seen: string[] = [];
  const reading = (async () => {
    for await (const event of new FeedClient({ fetch }).watch()) seen.push(event.id);
  })();
  await failure(reading, NetworkError);
  equal(seen, ["1"]);
});

await test("records come whole whatever the pieces", async () => {
  const bytes = new TextEncoder().encode('{"id":"ä€"}\n\n{"id":"2"}\n{"error":{"code":1}}\n{"id":"3"}\n');
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const { fetch, requests } = fakeFetch(() => new Response(body));
  const events = await all(new FeedClient({ fetch }).watch({ topic: "a b&c" }));
  equal(events.map((event) => event.id), ["ä€", "2", undefined as unknown as string, "3"]);
  equal(requests[0]?.url, "/v1/events?topic=a+b%26c");
  equal(requests[0]?.headers.get("Accept"), "application/x-ndjson");
});

await test("an error in the middle is a message, one at the end is the error", async () => {
  const error = '{"error":{"code":500,"status":"INTERNAL","message":"m","details":[]}}\n';
  const { fetch } = fakeFetch(() => new Response(`${error}{"id":"1"}\n${error}`));
  const seen: (string | undefined)[] = [];
  const reading = (async () => {
    for await (const event of new FeedClient({ fetch }).watch()) seen.push(event.id);
  })();
  equal((await failure(reading, ApiError)).status, "INTERNAL");
  equal(seen, [undefined, "1"]);
});

await test("bytes come as a Blob with their type", async () => {
  const file = await client.getFile({ name: "logo/ä.png" });
  equal(file.type, "image/png");
  equal([...new Uint8Array(await file.arrayBuffer())], [0x89, 0x50, 0, 255, 10]);
  equal((await client.getAttachment2({ name: "x" })).content?.data, "iVAA/wo=");
});

await test("bytes come in pieces", async () => {
  const pieces = await all(client.download({ name: "big" }));
  equal(pieces.flatMap((piece) => [...piece]), [1, 2, 3, 4]);
});

await test("bytes are sent as they are", async () => {
  const blob = new Blob([Uint8Array.of(1, 2, 255)], { type: "image/png" });
  equal(await client.putFile({ name: "a/b", content: blob, overwrite: true }), { size: "9007199254740993" });
  await client.putFile({ name: "plain", content: Uint8Array.of(3) });
  const echo = await client.render(blob);
  equal([echo.type, [...new Uint8Array(await echo.arrayBuffer())]], ["image/png", [1, 2, 255]] as [string, number[]]);
});

await test("a call has the time that it is given", async () => {
  const error = await failure(client.getFile({ name: "silent" }, { timeout: 50 }), ApiError);
  equal([error.code, error.status], [504, "DEADLINE_EXCEEDED"]);
  isTrue(error.reason !== undefined, "the gateway says which time was up");
});
