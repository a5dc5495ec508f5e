// What the types say. Nothing here runs: the lines below `@ts-expect-error` must not compile, all others must.

import { MLTrainingServiceClient, notModified } from "./mltraining.js";
import type {
  Answer,
  Call,
  NotModified,
  SubmitTrainingJobRequest,
  TrainingJobLogEntry,
  TrainingJobMetadata,
  TrainingStatus,
} from "./mltraining.js";
import { OdditiesClient } from "./odd_client.js";
import type { Legacy, Leaf, Rich, RichInput } from "./odd_client.js";
import { FeedClient } from "./feed_client.js";

/** Compiles only where both types are the same. */
type Same<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false;
function is<Claim extends true>(claim?: Claim): void {
  void claim;
}

export async function training(client: MLTrainingServiceClient): Promise<void> {
  const job = await client.getTrainingJob({ id: "x" });
  is<Same<typeof job, TrainingJobMetadata>>();
  is<Same<TrainingJobMetadata["status"], TrainingStatus | number>>();
  is<Same<TrainingJobMetadata["createdOn"], string | undefined>>();
  is<Same<TrainingJobMetadata["tags"], string[]>>();
  is<Same<TrainingJobMetadata["arguments"], Record<string, string>>>();
  is<Same<TrainingJobMetadata["request"], SubmitTrainingJobRequest | undefined>>();
  is<Same<TrainingJobMetadata["isCustomJob"], boolean>>();
  // @ts-expect-error: it may be absent
  new Date(job.trainingStarted);
  // @ts-expect-error: no such status
  if (job.status === "TRAINING_STATUS_DONE") return;
  // @ts-expect-error: no such field
  job.modelNam;

  // @ts-expect-error: the path needs an id
  client.getTrainingJob({});
  // @ts-expect-error: and a request at all
  client.getTrainingJob();
  // @ts-expect-error: null is no id
  client.getTrainingJob({ id: null });
  // @ts-expect-error: unknown field
  client.listTrainingJobs({ organisationId: "x" });
  // @ts-expect-error: no such value
  client.listTrainingJobs({ organizationId: "x", status: "PENDING" });
  client.listTrainingJobs({ organizationId: "x", status: "TRAINING_STATUS_PENDING" });
  client.listSupportedContainers();

  const tag: string | undefined = undefined;
  is<Same<Awaited<ReturnType<typeof conditional>>, TrainingJobMetadata | NotModified>>();
  async function conditional() {
    return client.getTrainingJob({ id: "x" }, { ifNoneMatch: tag });
  }
  const read = await conditional();
  // @ts-expect-error: it may not have been sent
  read.id;
  if (read !== notModified) is<Same<typeof read, TrainingJobMetadata>>();
  // @ts-expect-error: a change is not conditional
  client.cancelTrainingJob({ id: "x" }, { ifNoneMatch: "y" });

  is<Same<Call<{ id: string }>["answer"], Promise<Answer<{ id: string }>>>>();
  for await (const entry of client.getTrainingJobLogsEntries({ id: "x" })) is<Same<typeof entry, TrainingJobLogEntry>>();
  // @ts-expect-error: a generator is no array
  client.getTrainingJobLogsEntries({ id: "x" }).length;
}

export function rich(rich: Rich): void {
  is<Same<Rich["int64Value"], string>>();
  is<Same<Rich["doubleValue"], number | "NaN" | "Infinity" | "-Infinity">>();
  is<Same<Rich["boxedInt64"], string | undefined>>();
  is<Same<Rich["byBool"], Record<string, Leaf>>>();
  is<Same<Rich["nullChoice"], null | undefined>>();
  // A closed enum has no other values.
  is<Same<Legacy["color"], "RED" | "GREEN" | "FAINT" | undefined>>();
  is<Same<Legacy["id"], number>>();
  if (rich.leafChoice !== undefined) {
    is<Same<typeof rich.leafChoice, Leaf>>();
    is<Same<typeof rich.stringChoice, undefined>>();
  }
  // @ts-expect-error: digits are no number
  rich.int64Value + 1 > 2 ** 53 || rich.int64Value * 2;
}

export const requests: RichInput[] = [
  {},
  { int64Value: 1n, uint64Value: 2, fixed64Value: "3" },
  { stringChoice: "x", leafChoice: null },
  { legacy: { id: 1 } },
  // @ts-expect-error: one of them
  { stringChoice: "x", int64Choice: 1 },
  // @ts-expect-error: a required field
  { legacy: {} },
  // @ts-expect-error: one value for a list
  { strings: "x" },
  // @ts-expect-error: bytes are base64 here
  { bytesValue: new Uint8Array(1) },
  // @ts-expect-error: no such value
  { kind: "SMALL" },
];

export async function odd(client: OdditiesClient): Promise<void> {
  // @ts-expect-error: a query has no lists of messages
  client.search({ parent: "shelves/1", items: [] });
  client.search3({ items: [{ text: "t" }] });
  // @ts-expect-error: required by google.api.field_behavior
  client.updateItem({ updateMask: "x" });
  const at = await client.getItem7({ name: "x" });
  is<Same<typeof at, string | null>>();
  const nothing = await client.getItem4({ name: "x" });
  is<Same<typeof nothing, void>>();
}

export async function feed(client: FeedClient): Promise<void> {
  const file = await client.getFile({ name: "x" });
  is<Same<typeof file, Blob>>();
  for await (const piece of client.download({ name: "x" })) is<Same<typeof piece, Uint8Array>>();
  // @ts-expect-error: the content is bytes, not a message
  client.putFile({ name: "x", content: { data: "" } });
}
