// What the scripts of this folder have in common: they run under Node, say what has passed, and fail with what has not.

declare const process: { readonly argv: readonly string[]; exit(code: number): never };

/** Where the gateway is. */
export const baseUrl = `http://${process.argv[2] ?? ""}`;

/** Runs one test; the first that fails ends the script. */
export async function test(name: string, body: () => Promise<void>): Promise<void> {
  try {
    await body();
    console.log(`passed: ${name}`);
  } catch (error) {
    console.error(`failed: ${name}:`, error);
    process.exit(1);
  }
}

/** Ends the script: Node would wait for connections on which a 304 has come, until the gateway closes them. */
export function end(): never {
  process.exit(0);
}

export function equal<T>(actual: T, expected: T, what = "value"): void {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what} is ${left} instead of ${right}`);
}

export function isTrue(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** The error of this class that the call must fail with. */
export async function failure<E>(call: PromiseLike<unknown>, type: abstract new (...parts: never[]) => E): Promise<E> {
  let value: unknown;
  try {
    value = await call;
  } catch (error) {
    if (error instanceof type) return error;
    throw error;
  }
  throw new Error(`nothing failed: ${JSON.stringify(value)}`);
}

/** Waits until a condition holds, for half a minute at most. */
export async function eventually(what: string, condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** All that there is. */
export async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

/** A `fetch` that keeps the requests and answers them all the same way. */
export function fakeFetch(answer: () => Response): {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  requests: { url: string; method: string | undefined; headers: Headers; body: unknown }[];
} {
  const requests: { url: string; method: string | undefined; headers: Headers; body: unknown }[] = [];
  return {
    requests,
    fetch: async (url, init) => {
      requests.push({ url, method: init.method, headers: new Headers(init.headers), body: init.body });
      return answer();
    },
  };
}
