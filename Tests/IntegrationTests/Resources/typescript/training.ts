// The training API from end to end: the gateway, and the local training service behind it.

import { all, baseUrl, end, equal, eventually, failure, fakeFetch, isTrue, test } from "./harness.js";
import { ApiError, MLTrainingServiceClient, NetworkError, notModified } from "./mltraining.js";
import type { SubmitTrainingJobRequestInput, TrainingStatus } from "./mltraining.js";

const client = new MLTrainingServiceClient({ baseUrl: `${baseUrl}/` });
const organizationId = `0c7c3a0e-5a5a-4bd5-9d6f-${Date.now().toString(16).padStart(12, "0")}`;

function jobRequest(modelName: string): SubmitTrainingJobRequestInput {
  return {
    organizationId,
    datasetId: "65f0c0ffee65f0c0ffee65f0",
    modelName,
    modelType: "MODEL_TYPE_SINGLE_LABEL_CLASSIFICATION",
    modelFramework: "MODEL_FRAMEWORK_TFLITE",
    tags: ["cat", "dog"],
  };
}

async function hasStatus(id: string, status: TrainingStatus): Promise<void> {
  await eventually(`job ${id} is ${status}`, async () => (await client.getTrainingJob({ id })).status === status);
}

let id = "";

await test("submitting answers 201 with the place of the job", async () => {
  const answer = await client.submitTrainingJob(jobRequest("first")).answer;
  id = answer.data.id;
  equal(answer.status, 201);
  equal(answer.location, `/v1/jobs/${id}`);
  isTrue(answer.requestId !== undefined && answer.requestId.length > 0, "there is an id of the request");
});

await test("a job has all of its fields", async () => {
  const job = await client.getTrainingJob({ id });
  equal(job.id, id);
  equal(job.tags, ["cat", "dog"]);
  equal(job.modelType, "MODEL_TYPE_SINGLE_LABEL_CLASSIFICATION");
  equal(job.arguments, {});
  equal(job.isCustomJob, false);
  isTrue(job.createdOn !== undefined && !Number.isNaN(new Date(job.createdOn).getTime()), "it was made some time");
  equal(job.errorStatus, undefined);
});

await test("jobs are listed by organization, of one status or all", async () => {
  await hasStatus(id, "TRAINING_STATUS_COMPLETED");
  const { jobs } = await client.listTrainingJobs({ organizationId, status: "TRAINING_STATUS_COMPLETED" });
  equal(jobs.map((job) => job.id), [id]);
  equal((await client.listTrainingJobsByOrganizationId({ organizationId, status: 4 })).jobs, []);
});

await test("a read that would answer the same again says so", async () => {
  const { etag } = await client.getTrainingJob({ id }).answer;
  isTrue(etag !== undefined, "there is an ETag");
  const answer = await client.getTrainingJob({ id }, { ifNoneMatch: etag }).answer;
  equal(answer.status, 304);
  isTrue(answer.data === notModified, "the data is notModified");
  const other = await client.getTrainingJob({ id }, { ifNoneMatch: '"another"' });
  isTrue(other !== notModified && other.id === id, "another tag gets the job");
});

await test("a log is read page by page, and entry by entry", async () => {
  const pages = await all(client.getTrainingJobLogsPages({ id }));
  equal(pages.map((page) => page.logs.length), [100, 22]);
  equal(pages.map((page) => page.nextPageToken !== ""), [true, false]);
  const entries = await all(client.getTrainingJobLogsEntries({ id }));
  equal(entries, pages.flatMap((page) => page.logs));
  equal(entries[0]?.level, "INFO");
  equal(entries[121]?.message, "training of first ended");
  const rest = await all(client.getTrainingJobLogsEntries({ id, pageToken: pages[0]?.nextPageToken ?? "" }));
  equal(rest.length, 22);
});

await test("who stops reading a log early asks for no other page", async () => {
  for await (const entry of client.getTrainingJobLogsEntries({ id })) {
    equal(entry.level, "INFO");
    break;
  }
});

await test("a job is cancelled, and deleted once it has ended", async () => {
  const { id } = await client.submitTrainingJob(jobRequest("second"));
  equal(await client.cancelTrainingJob({ id }), {});
  await hasStatus(id, "TRAINING_STATUS_CANCELED");
  equal(await client.deleteCompletedTrainingJob({ id }), {});
  const error = await failure(client.getTrainingJob({ id }), ApiError);
  equal([error.code, error.status], [404, "NOT_FOUND"]);
});

await test("a custom job that fails says why", async () => {
  const { id } = await client.submitCustomTrainingJob({
    organizationId,
    datasetId: "65f0c0ffee65f0c0ffee65f0",
    registryItemId: "acme:trainer",
    modelName: "third",
    containerVersion: "tf:2.16",
    arguments: { epochs: "40", simulate_failure: "no such file" },
  });
  await hasStatus(id, "TRAINING_STATUS_FAILED");
  const job = await client.getTrainingJob({ id });
  equal(job.arguments["epochs"], "40");
  equal(job.errorStatus?.code, 9);
  equal(job.errorStatus?.details[0]?.["reason"], "SIMULATED_FAILURE");
});

await test("containers are registered, listed, read and removed", async () => {
  const { containerMap } = await client.listSupportedContainers();
  equal(containerMap["tf:2.16"]?.framework, "tensorflow");
  const imageUri = "ghcr.io/acme/trainer:1";
  const { data, status, location } = await client.registerCustomTrainingContainer({ organizationId, imageUri }).answer;
  equal([status, location], [201, `/v1/containers/${data.id}`]);
  const container = await client.getContainer({ id: data.id });
  equal([container.uri, container.visibility], [imageUri, "VISIBILITY_PRIVATE"]);
  const { containers } = await client.listContainers({ organizationId });
  isTrue(containers.some((listed) => listed.id === data.id), "it is listed");
  await client.deleteCustomTrainingContainer({ id: data.id });
  equal((await failure(client.getContainer({ id: data.id }), ApiError)).status, "NOT_FOUND");
});

await test("errors have what the gateway says of them", async () => {
  const error = await failure(client.getTrainingJob({ id: "0123456789abcdef01234567" }), ApiError);
  equal([error.name, error.code, error.status], ["ApiError", 404, "NOT_FOUND"]);
  isTrue(error.message.includes("0123456789abcdef01234567"), error.message);
  isTrue(error.requestId !== undefined, "there is an id of the request");
  isTrue(error.stack !== undefined && error instanceof Error, "it is an error like others");
});

await test("each wrong field is named", async () => {
  const request = { ...jobRequest("x"), modelNam: "x", tags: [1] } as unknown as SubmitTrainingJobRequestInput;
  const error = await failure(client.submitTrainingJob(request), ApiError);
  equal([error.code, error.status], [400, "INVALID_ARGUMENT"]);
  equal(error.fieldViolations.map((violation) => violation.field), ["tags[0]", "modelNam"]);
  isTrue(error.fieldViolations[1]?.description.includes("modelName") === true, "the right name is told");
  const refused = await failure(client.listTrainingJobs({ organizationId: "" }), ApiError);
  equal(refused.fieldViolations.map((violation) => violation.field), ["organization_id"]);
});

await test("problem documents are understood as well", async () => {
  const headers = { Accept: "application/problem+json" };
  const error = await failure(client.listTrainingJobs({ organizationId: "" }, { headers }), ApiError);
  isTrue(error.headers.get("Content-Type")?.startsWith("application/problem+json") === true, "it is one");
  equal([error.code, error.status], [400, "INVALID_ARGUMENT"]);
  isTrue(error.fieldViolations.length === 1, "it has the details");
});

await test("ids keep what would mean something in a path", async () => {
  for (const odd of ["a/b", "a:cancel", "%2F", "a?b#c", "ä €"]) {
    const error = await failure(client.cancelTrainingJob({ id: odd }), ApiError);
    isTrue(error.message.includes(odd), `${odd}: ${error.message}`);
  }
  for (const none of ["", ".", ".."]) await failure(client.getTrainingJob({ id: none }), TypeError);
});

await test("a call is given up", async () => {
  const early = new AbortController();
  early.abort();
  equal((await failure(client.getTrainingJob({ id }, { signal: early.signal }), Error)).name, "AbortError");
  const late = new AbortController();
  const call = client.getTrainingJob({ id }, { signal: late.signal });
  late.abort();
  const error = await failure(call, Error);
  equal([error.name, error instanceof NetworkError], ["AbortError", false]);
});

await test("a gateway that is not there is told from one that refuses", async () => {
  const nobody = new MLTrainingServiceClient({ baseUrl: "http://127.0.0.1:1" });
  const error = await failure(nobody.getTrainingJob({ id }), NetworkError);
  isTrue((error as { cause?: unknown }).cause instanceof Error, "it has a cause");
  for (const answer of ["<html>", "{"]) {
    const { fetch } = fakeFetch(() => new Response(answer));
    await failure(new MLTrainingServiceClient({ fetch }).getTrainingJob({ id }), NetworkError);
  }
});

await test("an error of somebody else is an error too", async () => {
  const { fetch } = fakeFetch(() => new Response("<html>", { status: 502, headers: { "Retry-After": "7" } }));
  const error = await failure(new MLTrainingServiceClient({ fetch }).getTrainingJob({ id }), ApiError);
  equal([error.code, error.status, error.retryAfter], [502, "UNAVAILABLE", 7]);
  equal(error.details, []);
});

await test("credentials, headers and timeouts are sent", async () => {
  const { fetch, requests } = fakeFetch(() => new Response("{}", { headers: { "Content-Type": "application/json" } }));
  const one = new MLTrainingServiceClient({ fetch, token: async () => "t0k3n", headers: { "X-One": "1", "X-Two": "1" } });
  await one.getTrainingJob({ id: "a b" }, { timeout: 1500.5, headers: { "X-Two": "2" } });
  const two = new MLTrainingServiceClient({ fetch, apiKey: { id: "key-id", key: "key" }, headers: () => ({ "X-One": "1" }) });
  await two.submitTrainingJob(jobRequest("x"), { timeout: 1e9 });
  const [first, second] = requests;
  equal(first?.url, "/v1/jobs/a%20b");
  const names = ["Authorization", "X-One", "X-Two", "Grpc-Timeout", "Accept", "Content-Type"];
  equal(
    names.map((name) => first?.headers.get(name)),
    ["Bearer t0k3n", "1", "2", "1501m", "application/json", null],
  );
  const others = ["X-Viam-Api-Key-Id", "X-Viam-Api-Key", "X-One", "Grpc-Timeout", "Content-Type"];
  equal(
    others.map((name) => second?.headers.get(name)),
    ["key-id", "key", "1", "1000000S", "application/json"],
  );
  await failure(one.getTrainingJob({ id }, { timeout: 0 }), RangeError);
});

await test("a call is a promise", async () => {
  const [job, list] = await Promise.all([client.getTrainingJob({ id }), client.listTrainingJobs({ organizationId })]);
  isTrue(list.jobs.some((listed) => listed.id === job.id), "both have come");
  let ended = 0;
  const none = await client
    .getTrainingJob({ id: "nope" })
    .catch((error: unknown) => (error instanceof ApiError ? error.status : "?"))
    .finally(() => (ended += 1));
  equal(none, "NOT_FOUND");
  equal((await client.getTrainingJob({ id }).finally(() => (ended += 1))).id, id);
  equal(ended, 2);
});

end();
