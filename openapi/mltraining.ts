// Made by `mltraining-gateway typescript`. Do not edit it, make it anew.
/* eslint-disable */

/**
 * Trains machine learning models from an organization's datasets.
 *
 * A job is submitted, waits (`PENDING`), runs (`IN_PROGRESS`) and ends as `COMPLETED`, `FAILED` or
 * `CANCELED`. It is never updated by a client: it can be cancelled while it has not ended, and
 * deleted once it has.
 */
export class MLTrainingServiceClient {
  readonly #transport: Transport;

  constructor(options: ClientOptions = {}) {
    this.#transport = new Transport(options);
  }

  /**
   * Starts a training job that Viam manages, and answers its id.
   *
   * The service builds the model itself: the type of the model and its framework are chosen here.
   * Every call creates a job, so a call whose outcome is unknown must not be repeated blindly.
   *
   * `POST /v1/jobs` of `viam.app.mltraining.v1.MLTrainingService.SubmitTrainingJob`.
   */
  submitTrainingJob(request: SubmitTrainingJobRequestInput, options?: CallOptions): Call<SubmitTrainingJobResponse> {
    return this.#transport.json<SubmitTrainingJobResponse>(
      { method: "POST", path: ["/v1/jobs"], body: "*" },
      request,
      options,
    );
  }

  /**
   * Starts a job that runs a training script from the registry, and answers its id.
   *
   * Every call creates a job, so a call whose outcome is unknown must not be repeated blindly.
   *
   * `POST /v1/jobs:submitCustom` of `viam.app.mltraining.v1.MLTrainingService.SubmitCustomTrainingJob`.
   */
  submitCustomTrainingJob(
    request: SubmitCustomTrainingJobRequest,
    options?: CallOptions,
  ): Call<SubmitCustomTrainingJobResponse> {
    return this.#transport.json<SubmitCustomTrainingJobResponse>(
      { method: "POST", path: ["/v1/jobs:submitCustom"], body: "*" },
      request,
      options,
    );
  }

  /**
   * Answers one training job.
   *
   * `NOT_FOUND` if there is no job with this id.
   *
   * `GET /v1/jobs/{id}` of `viam.app.mltraining.v1.MLTrainingService.GetTrainingJob`.
   */
  getTrainingJob(request: GetTrainingJobRequest, options?: UnconditionalOptions): Call<TrainingJobMetadata>;
  getTrainingJob(request: GetTrainingJobRequest, options?: ReadOptions): Call<TrainingJobMetadata | NotModified>;
  getTrainingJob(request: GetTrainingJobRequest, options?: ReadOptions): Call<TrainingJobMetadata | NotModified> {
    return this.#transport.readJson<TrainingJobMetadata>(
      { method: "GET", path: ["/v1/jobs/", { field: "id" }] },
      request,
      options,
    );
  }

  /**
   * Answers the training jobs of an organization, all of them or those of one status.
   *
   * There is no pagination: an organization with many jobs gets a large answer.
   *
   * `GET /v1/jobs` of `viam.app.mltraining.v1.MLTrainingService.ListTrainingJobs`.
   */
  listTrainingJobs(request: ListTrainingJobsRequest, options?: UnconditionalOptions): Call<ListTrainingJobsResponse>;
  listTrainingJobs(
    request: ListTrainingJobsRequest,
    options?: ReadOptions,
  ): Call<ListTrainingJobsResponse | NotModified>;
  listTrainingJobs(
    request: ListTrainingJobsRequest,
    options?: ReadOptions,
  ): Call<ListTrainingJobsResponse | NotModified> {
    return this.#transport.readJson<ListTrainingJobsResponse>({ method: "GET", path: ["/v1/jobs"] }, request, options);
  }

  /**
   * Answers the training jobs of an organization, all of them or those of one status.
   *
   * There is no pagination: an organization with many jobs gets a large answer.
   *
   * `GET /v1/organizations/{organization_id}/jobs` of `viam.app.mltraining.v1.MLTrainingService.ListTrainingJobs`.
   */
  listTrainingJobsByOrganizationId(
    request: ListTrainingJobsRequest,
    options?: UnconditionalOptions,
  ): Call<ListTrainingJobsResponse>;
  listTrainingJobsByOrganizationId(
    request: ListTrainingJobsRequest,
    options?: ReadOptions,
  ): Call<ListTrainingJobsResponse | NotModified>;
  listTrainingJobsByOrganizationId(
    request: ListTrainingJobsRequest,
    options?: ReadOptions,
  ): Call<ListTrainingJobsResponse | NotModified> {
    return this.#transport.readJson<ListTrainingJobsResponse>(
      { method: "GET", path: ["/v1/organizations/", { field: "organizationId" }, "/jobs"] },
      request,
      options,
    );
  }

  /**
   * Cancels a training job that has not ended yet.
   *
   * The job goes to `CANCELING` at once and to `CANCELED` some time after the answer. `NOT_FOUND` if
   * there is no job with this id, `FAILED_PRECONDITION` if it has already ended.
   *
   * `POST /v1/jobs/{id}:cancel` of `viam.app.mltraining.v1.MLTrainingService.CancelTrainingJob`.
   */
  cancelTrainingJob(request: CancelTrainingJobRequest, options?: CallOptions): Call<CancelTrainingJobResponse> {
    return this.#transport.json<CancelTrainingJobResponse>(
      { method: "POST", path: ["/v1/jobs/", { field: "id" }, ":cancel"], body: "*" },
      request,
      options,
    );
  }

  /**
   * Deletes a training job that has ended, whatever its outcome, together with its logs.
   *
   * A model that the job made is not deleted. `NOT_FOUND` if there is no job with this id,
   * `FAILED_PRECONDITION` while the job has not ended.
   *
   * `DELETE /v1/jobs/{id}` of `viam.app.mltraining.v1.MLTrainingService.DeleteCompletedTrainingJob`.
   */
  deleteCompletedTrainingJob(
    request: DeleteCompletedTrainingJobRequest,
    options?: CallOptions,
  ): Call<DeleteCompletedTrainingJobResponse> {
    return this.#transport.json<DeleteCompletedTrainingJobResponse>(
      { method: "DELETE", path: ["/v1/jobs/", { field: "id" }] },
      request,
      options,
    );
  }

  /**
   * Answers one page of a training job's log, oldest entry first.
   *
   * Read on with `page_token` until `next_page_token` is empty. A job that is still running may write
   * more entries afterwards. `NOT_FOUND` if there is no job with this id.
   *
   * `GET /v1/jobs/{id}/logs` of `viam.app.mltraining.v1.MLTrainingService.GetTrainingJobLogs`.
   */
  getTrainingJobLogs(
    request: GetTrainingJobLogsRequest,
    options?: UnconditionalOptions,
  ): Call<GetTrainingJobLogsResponse>;
  getTrainingJobLogs(
    request: GetTrainingJobLogsRequest,
    options?: ReadOptions,
  ): Call<GetTrainingJobLogsResponse | NotModified>;
  getTrainingJobLogs(
    request: GetTrainingJobLogsRequest,
    options?: ReadOptions,
  ): Call<GetTrainingJobLogsResponse | NotModified> {
    return this.#transport.readJson<GetTrainingJobLogsResponse>(
      { method: "GET", path: ["/v1/jobs/", { field: "id" }, "/logs"] },
      request,
      options,
    );
  }

  /** The pages of `getTrainingJobLogs`, one after the other; begins when it is iterated. */
  getTrainingJobLogsPages(
    request: GetTrainingJobLogsRequest,
    options?: CallOptions,
  ): AsyncGenerator<GetTrainingJobLogsResponse, void, undefined> {
    return this.#transport.pages(
      (token) => this.getTrainingJobLogs(token ? { ...request, pageToken: token } : request, options),
      (page) => page.nextPageToken,
    );
  }

  /** What is on the pages of `getTrainingJobLogs`, one by one; begins when it is iterated. */
  getTrainingJobLogsEntries(
    request: GetTrainingJobLogsRequest,
    options?: CallOptions,
  ): AsyncGenerator<TrainingJobLogEntry, void, undefined> {
    return this.#transport.entries(this.getTrainingJobLogsPages(request, options), (page) => page.logs);
  }

  /**
   * Answers the containers that every organization can run its training scripts in.
   *
   * `GET /v1/containers` of `viam.app.mltraining.v1.MLTrainingService.ListSupportedContainers`.
   */
  listSupportedContainers(
    request?: ListSupportedContainersRequest,
    options?: UnconditionalOptions,
  ): Call<ListSupportedContainersResponse>;
  listSupportedContainers(
    request?: ListSupportedContainersRequest,
    options?: ReadOptions,
  ): Call<ListSupportedContainersResponse | NotModified>;
  listSupportedContainers(
    request: ListSupportedContainersRequest = {},
    options?: ReadOptions,
  ): Call<ListSupportedContainersResponse | NotModified> {
    return this.#transport.readJson<ListSupportedContainersResponse>(
      { method: "GET", path: ["/v1/containers"] },
      request,
      options,
    );
  }

  /**
   * Answers the containers that one organization can use: its own and the public ones.
   *
   * Older deployments answer `UNIMPLEMENTED`.
   *
   * `GET /v1/organizations/{organization_id}/containers` of `viam.app.mltraining.v1.MLTrainingService.ListContainers`.
   */
  listContainers(request: ListContainersRequest, options?: UnconditionalOptions): Call<ListContainersResponse>;
  listContainers(request: ListContainersRequest, options?: ReadOptions): Call<ListContainersResponse | NotModified>;
  listContainers(request: ListContainersRequest, options?: ReadOptions): Call<ListContainersResponse | NotModified> {
    return this.#transport.readJson<ListContainersResponse>(
      { method: "GET", path: ["/v1/organizations/", { field: "organizationId" }, "/containers"] },
      request,
      options,
    );
  }

  /**
   * Answers one container.
   *
   * `NOT_FOUND` if there is no container with this id. Older deployments answer `UNIMPLEMENTED`.
   *
   * `GET /v1/containers/{id}` of `viam.app.mltraining.v1.MLTrainingService.GetContainer`.
   */
  getContainer(request: GetContainerRequest, options?: UnconditionalOptions): Call<Container>;
  getContainer(request: GetContainerRequest, options?: ReadOptions): Call<Container | NotModified>;
  getContainer(request: GetContainerRequest, options?: ReadOptions): Call<Container | NotModified> {
    return this.#transport.readJson<Container>(
      { method: "GET", path: ["/v1/containers/", { field: "id" }] },
      request,
      options,
    );
  }

  /**
   * Registers a container image of an organization, so that its jobs can run in it, and answers the
   * container's id.
   *
   * Every call creates a container, so a call whose outcome is unknown must not be repeated blindly.
   * Older deployments answer `UNIMPLEMENTED`.
   *
   * `POST /v1/containers` of `viam.app.mltraining.v1.MLTrainingService.RegisterCustomTrainingContainer`.
   */
  registerCustomTrainingContainer(
    request: RegisterCustomTrainingContainerRequest,
    options?: CallOptions,
  ): Call<RegisterCustomTrainingContainerResponse> {
    return this.#transport.json<RegisterCustomTrainingContainerResponse>(
      { method: "POST", path: ["/v1/containers"], body: "*" },
      request,
      options,
    );
  }

  /**
   * Removes a container that an organization has registered.
   *
   * The image itself is left where it is. `NOT_FOUND` if there is no container with this id. Older
   * deployments answer `UNIMPLEMENTED`.
   *
   * `DELETE /v1/containers/{id}` of `viam.app.mltraining.v1.MLTrainingService.DeleteCustomTrainingContainer`.
   */
  deleteCustomTrainingContainer(
    request: DeleteCustomTrainingContainerRequest,
    options?: CallOptions,
  ): Call<DeleteCustomTrainingContainerResponse> {
    return this.#transport.json<DeleteCustomTrainingContainerResponse>(
      { method: "DELETE", path: ["/v1/containers/", { field: "id" }] },
      request,
      options,
    );
  }
}

/** How a call or a task ended. */
export interface Status {
  /** Number of the gRPC status code. */
  code: number;
  /** What went wrong, for developers. */
  message: string;
  /** What else is known. */
  details: Any[];
}

/** What a managed training job should train. */
export interface SubmitTrainingJobRequest {
  /** Id of the dataset to train on. Required. */
  datasetId: string;
  /** Id of the organization that owns the job and its model, a UUID. Required. */
  organizationId: string;
  /** Name that the trained model gets in the organization's registry. Required. */
  modelName: string;
  /**
   * Version that the trained model gets. Left empty, the service names the version after the time of
   * submission.
   */
  modelVersion: string;
  /** What the model is to tell about an image. Required. */
  modelType: ModelType | NewerValue;
  /** Framework that the model is built with. */
  modelFramework: ModelFramework | NewerValue;
  /** Labels of the dataset that the model learns; data with other labels only is left out. */
  tags: string[];
}

/** What a managed training job should train. */
export interface SubmitTrainingJobRequestInput {
  /** Id of the dataset to train on. Required. */
  datasetId: string;
  /** Id of the organization that owns the job and its model, a UUID. Required. */
  organizationId: string;
  /** Name that the trained model gets in the organization's registry. Required. */
  modelName: string;
  /**
   * Version that the trained model gets. Left empty, the service names the version after the time of
   * submission.
   */
  modelVersion?: string | null;
  /** What the model is to tell about an image. Required. */
  modelType: ModelType | number;
  /** Framework that the model is built with. */
  modelFramework?: ModelFramework | number | null;
  /** Labels of the dataset that the model learns; data with other labels only is left out. */
  tags?: readonly string[] | null;
}

/** The job that was created by `SubmitTrainingJob`. */
export interface SubmitTrainingJobResponse {
  /** Id of the new job: 24 hexadecimal digits or a UUID. */
  id: string;
}

/** What a custom training job should run. */
export interface SubmitCustomTrainingJobRequest {
  /** Id of the dataset that the script trains on. Required. */
  datasetId: string;
  /** Training script in the registry, as `namespace:name`. Required. */
  registryItemId: string;
  /** Version of the training script. Left empty, the latest version is run. */
  registryItemVersion?: string | null;
  /** Id of the organization that owns the job and its model, a UUID. Required. */
  organizationId: string;
  /** Name that the trained model gets in the organization's registry. Required. */
  modelName: string;
  /**
   * Version that the trained model gets. Left empty, the service names the version after the time of
   * submission.
   */
  modelVersion?: string | null;
  /** Command line arguments of the script: `{"num_epochs": "10"}` is passed as `--num_epochs 10`. */
  arguments?: Record<string, string> | null;
  /** Key of the supported container to run in, such as `tf:2.16`; see `ListSupportedContainers`. */
  containerVersion?: string | null;
  /**
   * Id of the container to run in, for a container that an organization has registered. Newer than
   * `container_version`, which it replaces.
   */
  containerId?: string | null;
}

/** The job that was created by `SubmitCustomTrainingJob`. */
export interface SubmitCustomTrainingJobResponse {
  /** Id of the new job: 24 hexadecimal digits or a UUID. */
  id: string;
}

/** Which job to answer. */
export interface GetTrainingJobRequest {
  /** Id of the job: 24 hexadecimal digits or a UUID. Required. */
  id: string;
}

/** Which jobs to answer. */
export interface ListTrainingJobsRequest {
  /** Id of the organization whose jobs are wanted, a UUID. Required. */
  organizationId: string;
  /** Status that the jobs must have; unspecified answers the jobs of every status. */
  status?: TrainingStatus | number | null;
}

/** Jobs of one organization. */
export interface ListTrainingJobsResponse {
  /** The jobs; empty where none matches. */
  jobs: TrainingJobMetadata[];
}

/** One training job: what was asked for, how far it is, and what came of it. */
export interface TrainingJobMetadata {
  /** Id of the job: 24 hexadecimal digits or a UUID. */
  id: string;
  /**
   * The request as it was submitted. Only older servers send it; its values are now fields of the job.
   *
   * @deprecated
   */
  request?: SubmitTrainingJobRequest;
  /** Id of the dataset that the job trains on. */
  datasetId: string;
  /** Id of the organization that owns the job, a UUID. */
  organizationId: string;
  /** Name of the model in the organization's registry. */
  modelName: string;
  /** Version of the model. */
  modelVersion: string;
  /** What the model tells about an image; unspecified for custom jobs. */
  modelType: ModelType | NewerValue;
  /** Framework that the model is built with; unspecified where a custom job does not say. */
  modelFramework: ModelFramework | NewerValue;
  /** Whether the job runs a training script from the registry (`SubmitCustomTrainingJob`). */
  isCustomJob: boolean;
  /** Training script of a custom job, as `namespace:name`; empty for managed jobs. */
  registryItemId: string;
  /** Version of the training script of a custom job; empty for managed jobs. */
  registryItemVersion: string;
  /** How far the job is. */
  status: TrainingStatus | NewerValue;
  /** Why the job failed. Present only where the status is `FAILED`. */
  errorStatus?: Status;
  /** When the job was submitted. */
  createdOn?: Timestamp;
  /** When the job last changed, its status included. */
  lastModified?: Timestamp;
  /** When training began. Absent for a job that has not begun. */
  trainingStarted?: Timestamp;
  /** When training ended, whatever its outcome. Absent for a job that never began or has not ended. */
  trainingEnded?: Timestamp;
  /** Id of the model in the registry. Empty until the job is `COMPLETED`. */
  syncedModelId: string;
  /** Labels of the dataset that the model learns. */
  tags: string[];
  /** Command line arguments of a custom job's training script. */
  arguments: Record<string, string>;
  /** Key of the supported container that a custom job runs in, such as `tf:2.16`. */
  containerVersion: string;
  /** Id of the container that a custom job runs in. */
  containerId: string;
  /** Modular resources that the trained model is deployed with. */
  deploymentModularResources: string[];
}

/** Which job to cancel. */
export interface CancelTrainingJobRequest {
  /** Id of the job: 24 hexadecimal digits or a UUID. Required. */
  id: string;
}

/** Says that the cancellation was accepted; the job's status tells when it is done. */
export type CancelTrainingJobResponse = Record<string, never>;

/** Which job to delete. */
export interface DeleteCompletedTrainingJobRequest {
  /** Id of the job: 24 hexadecimal digits or a UUID. Required. */
  id: string;
}

/** Says that the job and its logs are deleted. */
export type DeleteCompletedTrainingJobResponse = Record<string, never>;

/** Which page of which job's log to answer. */
export interface GetTrainingJobLogsRequest {
  /** Id of the job: 24 hexadecimal digits or a UUID. Required. */
  id: string;
  /** `next_page_token` of the page before. Absent or empty for the first page. */
  pageToken?: string | null;
}

/** One page of a job's log. */
export interface GetTrainingJobLogsResponse {
  /** The entries, oldest first. */
  logs: TrainingJobLogEntry[];
  /** Token of the page that follows. Empty on the last page. */
  nextPageToken: string;
}

/** One line of a job's log. */
export interface TrainingJobLogEntry {
  /** Severity, such as `INFO`, `WARN` or `ERROR`. */
  level: string;
  /** When the line was written. */
  time?: Timestamp;
  /** The text of the line. */
  message: string;
}

/** Asks for the containers that every organization can use. */
export type ListSupportedContainersRequest = Record<string, never>;

/** The containers that every organization can use. */
export interface ListSupportedContainersResponse {
  /** The containers by their key, such as `tf:2.15`. */
  containerMap: Record<string, Container>;
}

/** A container image that training scripts run in. */
export interface Container {
  /** Short name with a version, such as `tf:2.15`: the value of a job's `container_version`. */
  key: string;
  /** Where the image is, such as `us-docker.pkg.dev/vertex-ai/training/tf-gpu.2-15.py310:latest`. */
  uri: string;
  /** Machine learning framework that the image holds, such as `tensorflow`. */
  framework: string;
  /** Text for people, such as `Tensorflow 2.15`. */
  description: string;
  /** When support for the container ends. Absent where no end is set. */
  eol?: Timestamp;
  /** Id of the organization that registered the container, a UUID. Empty for Viam's own. */
  organizationId: string;
  /** When the container was registered. Older servers leave it out. */
  createdOn?: Timestamp;
  /** Id of the container: the value of a job's `container_id`. Older servers leave it empty. */
  id: string;
  /** Who can use the container. */
  visibility: Visibility | NewerValue;
}

/** Whose containers to answer. */
export interface ListContainersRequest {
  /** Id of the organization, a UUID. Required. */
  organizationId: string;
}

/** The containers that one organization can use. */
export interface ListContainersResponse {
  /** The organization's own containers and the public ones. */
  containers: Container[];
}

/** Which container to answer. */
export interface GetContainerRequest {
  /** Id of the container. Required. */
  id: string;
}

/** Which image to register. */
export interface RegisterCustomTrainingContainerRequest {
  /** Id of the organization that the container belongs to, a UUID. Required. */
  organizationId: string;
  /** Where the image is: a reference that the training service can pull. Required. */
  imageUri: string;
  /** Text for people that says what the image holds. */
  description?: string | null;
}

/** The container that was registered. */
export interface RegisterCustomTrainingContainerResponse {
  /** Id of the new container. */
  id: string;
}

/** Which container to remove. */
export interface DeleteCustomTrainingContainerRequest {
  /** Id of the container. Required. */
  id: string;
}

/** Says that the container is removed. */
export type DeleteCustomTrainingContainerResponse = Record<string, never>;

/** What a model tells about an image. */
export type ModelType =
  /** Not said. */
  | "MODEL_TYPE_UNSPECIFIED"
  /** Exactly one label an image. */
  | "MODEL_TYPE_SINGLE_LABEL_CLASSIFICATION"
  /** Any number of labels an image. */
  | "MODEL_TYPE_MULTI_LABEL_CLASSIFICATION"
  /** Labelled boxes around the objects in an image. */
  | "MODEL_TYPE_OBJECT_DETECTION";

/** What a model is built with. */
export type ModelFramework =
  /** Not said. */
  | "MODEL_FRAMEWORK_UNSPECIFIED"
  /** TensorFlow Lite. */
  | "MODEL_FRAMEWORK_TFLITE"
  /** TensorFlow. */
  | "MODEL_FRAMEWORK_TENSORFLOW"
  /** PyTorch. */
  | "MODEL_FRAMEWORK_PYTORCH"
  /** The Open Neural Network Exchange format. */
  | "MODEL_FRAMEWORK_ONNX"
  /** Whatever the training script of the registry uses. */
  | "MODEL_FRAMEWORK_REGISTRY";

/** How far a training job is. */
export type TrainingStatus =
  /** Not said; in a filter, every status. */
  | "TRAINING_STATUS_UNSPECIFIED"
  /** Submitted, and waiting to begin. */
  | "TRAINING_STATUS_PENDING"
  /** Training. */
  | "TRAINING_STATUS_IN_PROGRESS"
  /** Ended, with a model. */
  | "TRAINING_STATUS_COMPLETED"
  /** Ended without a model; `error_status` says why. */
  | "TRAINING_STATUS_FAILED"
  /** Ended because it was cancelled. */
  | "TRAINING_STATUS_CANCELED"
  /** Cancelled, and not stopped yet. */
  | "TRAINING_STATUS_CANCELING";

/** Who can use a container. */
export type Visibility =
  /** Not said. */
  | "VISIBILITY_UNSPECIFIED"
  /** Only the organization that registered it. */
  | "VISIBILITY_PRIVATE"
  /** Every organization. */
  | "VISIBILITY_PUBLIC";

// ---------------------------------------------------------------------------------------------------------------------
// What JSON has for protobuf's types
// ---------------------------------------------------------------------------------------------------------------------

/** A 64-bit integer in decimal digits; `BigInt(text)` computes with it. */
export type Int64 = string;
/** A 64-bit integer: digits, or a number that is exact. */
export type Int64Input = string | number | bigint;
/** A 32-bit integer, also in decimal digits. */
export type Int32Input = number | string;
/** A floating-point number; `Number(value)` makes one of each form. */
export type Double = number | "NaN" | "Infinity" | "-Infinity";
/** A floating-point number, also in decimal digits. */
export type DoubleInput = number | string;
/** Bytes in base64. */
export type Bytes = string;
/** A point in time such as `2026-01-31T23:59:59.5Z` (RFC 3339); `new Date(text)` reads it. */
export type Timestamp = string;
/** A point in time; of a `Date` its milliseconds. */
export type TimestampInput = string | Date;
/** A span of time in seconds, such as `1.5s`. */
export type Duration = string;
/** Paths of fields in lowerCamelCase, joined by commas. */
export type FieldMask = string;
/** The number of an enum's value that is newer than this file. */
export type NewerValue = number;
/** Whatever JSON can express: a number is finite, for what is not goes out as text such as `NaN`. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
/** Any JSON object. */
export interface JsonObject {
  [key: string]: JsonValue;
}
/**
 * A message of a type that it names itself: the message's fields, or its JSON form as `value`.
 *
 * A type that the gateway does not know has its bytes as `value`, in base64.
 */
export interface Any {
  "@type"?: string;
  [field: string]: JsonValue | undefined;
}
/** The content of a request as it is; a `Blob` also says its media type. */
export type RawBody = Blob | BufferSource | string;

/** At most one of the fields of `T`, the others being `Absent`. */
export type AtMostOne<T, Absent = undefined> =
  | { [Name in keyof T]: Pick<T, Name> & { [Other in Exclude<keyof T, Name>]?: Absent } }[keyof T]
  | { [Name in keyof T]?: Absent };
/** `T`, in which these fields must be given. */
export type Needs<T, Name extends keyof T> = T & { [Given in Name]-?: NonNullable<T[Given]> };

// ---------------------------------------------------------------------------------------------------------------------
// Calls
// ---------------------------------------------------------------------------------------------------------------------

/** How to reach the gateway. */
export interface ClientOptions {
  /** Where the gateway is, such as `https://example.com/training`; without it, the origin of the page. */
  baseUrl?: string | undefined;
  /** Sent as `Authorization: Bearer`: a token, or what gives one for each call. */
  token?: string | (() => string | Promise<string>) | undefined;
  /** An API key of Viam, for a gateway that signs in with its clients' keys. */
  apiKey?: { id: string; key: string } | undefined;
  /** Further headers, or what gives them for each call. */
  headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>) | undefined;
  /** Whether a browser sends along what it keeps for the gateway. */
  credentials?: RequestCredentials | undefined;
  /** Takes the place of the global `fetch`. */
  fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
}

/** What one call may ask for. */
export interface CallOptions {
  /** Gives the call up. It then fails with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Milliseconds that the call may take (`Grpc-Timeout`); without it, what the gateway allows. */
  timeout?: number | undefined;
  /** Further headers, which win over those of the client. */
  headers?: HeadersInit | undefined;
}

/** What a read may ask for. */
export interface ReadOptions extends CallOptions {
  /** `etag` of an earlier answer: while that is what would be answered again, the result is `notModified`. */
  ifNoneMatch?: string | undefined;
}

/** `ReadOptions` that always give a value. */
export interface UnconditionalOptions extends CallOptions {
  ifNoneMatch?: undefined;
}

/** Says that what was read is still what it was. */
export const notModified: unique symbol = Symbol("not modified");
export type NotModified = typeof notModified;

/** A value with what HTTP says of it. */
export interface Answer<T> {
  readonly data: T;
  readonly status: number;
  readonly headers: Headers;
  /** Path of what the call has made (201). */
  readonly location: string | undefined;
  /** Goes into `ifNoneMatch` of a later read. */
  readonly etag: string | undefined;
  /** Under which the gateway has logged the request. */
  readonly requestId: string | undefined;
}

/** A call that is under way: `await call` gives its value, `await call.answer` also what HTTP says of it. */
export class Call<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = "Call";
  readonly answer: Promise<Answer<T>>;

  constructor(answer: Promise<Answer<T>>) {
    this.answer = answer;
  }

  then<Value = T, Other = never>(
    onValue?: ((value: T) => Value | PromiseLike<Value>) | null,
    onError?: ((error: unknown) => Other | PromiseLike<Other>) | null,
  ): Promise<Value | Other> {
    return this.answer.then((answer) => answer.data).then(onValue, onError);
  }

  catch<Other = never>(onError?: ((error: unknown) => Other | PromiseLike<Other>) | null): Promise<T | Other> {
    return this.then(null, onError);
  }

  finally(onEnd?: (() => void) | null): Promise<T> {
    return this.answer.then((answer) => answer.data).finally(onEnd);
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------------------

/** The name of a gRPC status code. */
export type StatusName =
  | "CANCELLED"
  | "UNKNOWN"
  | "INVALID_ARGUMENT"
  | "DEADLINE_EXCEEDED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "ABORTED"
  | "OUT_OF_RANGE"
  | "UNIMPLEMENTED"
  | "INTERNAL"
  | "UNAVAILABLE"
  | "DATA_LOSS"
  | "UNAUTHENTICATED";

/** What is wrong with one field of a request. */
export interface FieldViolation {
  /** Its path in the request, such as `tags[0]`. */
  field: string;
  description: string;
}

/** What the gateway, or the service behind it, answered instead of a value. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The HTTP status; of a stream that failed later than its header, what it would have been. */
  readonly code: number;
  readonly status: StatusName;
  readonly details: readonly Any[];
  readonly headers: Headers;
  /** Under which the gateway has logged the request. */
  readonly requestId: string | undefined;
  /** Seconds after which the call may be tried again, where the answer says so. */
  readonly retryAfter: number | undefined;

  constructor(error: { code: number; status: StatusName; message: string; details: readonly Any[] }, headers: Headers) {
    super(error.message);
    this.code = error.code;
    this.status = error.status;
    this.details = error.details;
    this.headers = headers;
    this.requestId = headers.get("X-Request-Id") ?? undefined;
    this.retryAfter = retryDelay(error.details, headers);
  }

  /** The first detail that is a `google.rpc` message of this name, such as `ErrorInfo`. */
  detail(name: string): Any | undefined {
    return this.details.find((detail) => detail["@type"] === `type.googleapis.com/google.rpc.${name}`);
  }

  /** The fields of the request that were refused. */
  get fieldViolations(): FieldViolation[] {
    const violations: unknown = this.detail("BadRequest")?.["fieldViolations"];
    return (Array.isArray(violations) ? (violations as unknown[]) : []).filter(isRecord).map((violation) => ({
      field: String(violation["field"] ?? ""),
      description: String(violation["description"] ?? ""),
    }));
  }

  /** What exactly went wrong, for programs: the `reason` of a `google.rpc.ErrorInfo`. */
  get reason(): string | undefined {
    const reason = this.detail("ErrorInfo")?.["reason"];
    return typeof reason === "string" ? reason : undefined;
  }
}

/**
 * There is no answer: the gateway could not be reached, the connection broke, or what came is none of its answers.
 *
 * Whether the call has been carried out is unknown. `cause` has what was found.
 */
export class NetworkError extends Error {
  override readonly name = "NetworkError";

  constructor(message: string, cause?: unknown) {
    super(message);
    Object.defineProperty(this, "cause", { value: cause, configurable: true, writable: true });
  }
}

/** The error that a failed answer tells of, in either of the gateway's shapes or one of somebody before it. */
async function errorOf(response: Response, signal: AbortSignal | undefined): Promise<Error> {
  const text = await received(response.text(), signal);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const known = isRecord(body) ? errorIn(body["error"]) ?? problemIn(body) : undefined;
  const unknown = {
    code: response.status,
    status: statusOf(response.status),
    message: `HTTP ${response.status} ${response.statusText}`.trim(),
    details: [],
  };
  return new ApiError(known ?? unknown, response.headers);
}

/** `{"code", "status", "message", "details"}`, which stands under `error` (AIP-193). */
function errorIn(value: unknown): ConstructorParameters<typeof ApiError>[0] | undefined {
  if (!isRecord(value)) return undefined;
  const { code, status, message, details } = value;
  if (typeof code !== "number" || typeof status !== "string" || typeof message !== "string") return undefined;
  return { code, status: status as StatusName, message, details: detailsIn(details) };
}

/** The same as a problem document (RFC 9457). */
function problemIn(value: Record<string, unknown>): ConstructorParameters<typeof ApiError>[0] | undefined {
  const { status, grpcStatus, detail, title, details } = value;
  if (typeof status !== "number") return undefined;
  return {
    code: status,
    status: typeof grpcStatus === "string" ? (grpcStatus as StatusName) : statusOf(status),
    message: String(detail ?? title ?? `HTTP ${status}`),
    details: detailsIn(details),
  };
}

function detailsIn(value: unknown): Any[] {
  return Array.isArray(value) ? value.filter((detail): detail is Any => isRecord(detail)) : [];
}

/** What gRPC makes of an HTTP status that comes without one of its own. */
function statusOf(code: number): StatusName {
  switch (code) {
    case 400:
    case 431:
      return "INTERNAL";
    case 401:
      return "UNAUTHENTICATED";
    case 403:
      return "PERMISSION_DENIED";
    case 404:
      return "UNIMPLEMENTED";
    case 429:
    case 502:
    case 503:
    case 504:
      return "UNAVAILABLE";
    default:
      return "UNKNOWN";
  }
}

/** Seconds, from `Retry-After` in either of its forms, or from a `RetryInfo` of an error inside a stream. */
function retryDelay(details: readonly Any[], headers: Headers): number | undefined {
  const header = headers.get("Retry-After");
  if (header !== null) {
    const seconds = /^[0-9]+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
    if (!Number.isNaN(seconds)) return Math.max(0, seconds);
  }
  const info = details.find((detail) => detail["@type"] === "type.googleapis.com/google.rpc.RetryInfo");
  const seconds = Number.parseFloat(String(info?.["retryDelay"]));
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

/** What `arrival` gives; a failure of the connection as `NetworkError`, one that `signal` asked for as it is. */
async function received<T>(arrival: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await arrival;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new NetworkError(`the gateway did not answer: ${error instanceof Error ? error.message : error}`, error);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// ---------------------------------------------------------------------------------------------------------------------
// Requests
// ---------------------------------------------------------------------------------------------------------------------

/** How HTTP reaches a method. */
interface Operation {
  readonly method: string;
  /** Text, percent-encoded, and fields of the request. */
  readonly path: readonly (string | PathField)[];
  /** The field that is the body, `*` for all that is not in the path; of the fields beside it the query is made. */
  readonly body?: string;
  /** Whether the body goes out as it is, and not as JSON. */
  readonly isRaw?: true;
  readonly query?: QueryShape;
}

/** A field in the path, by its dotted name. */
interface PathField {
  readonly field: string;
  /** The members that lead to it, where these are not the parts of its name. */
  readonly members?: readonly string[];
  /** The segments that it must have, where that is not just one: each `*` is one, `**` any number of them. */
  readonly pattern?: string;
}

/** The fields that the query has in another way than as a value by the member's name. */
type QueryShape = ReadonlyMap<string, QueryField>;

interface QueryField {
  /** What the query calls it, where the member's name has dots or brackets, which mean something there. */
  readonly name?: string;
  /** Whether each of its keys stands in brackets. */
  readonly isMap?: true;
  /** Of the message that it is, each field of which stands after a dot. */
  readonly shape?: () => QueryShape;
}

/** Calls a gateway; shared by the methods of a client. */
class Transport {
  readonly #options: ClientOptions;
  readonly #baseUrl: string;
  readonly #fetch: (url: string, init: RequestInit) => Promise<Response>;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#baseUrl = (options.baseUrl ?? "").replace(/\/+$/, "");
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init));
  }

  /** Calls a method that answers JSON. */
  json<T>(operation: Operation, request: unknown, options: CallOptions = {}): Call<T> {
    return new Call(
      this.#answer(operation, request, options, "application/json", async (response) => {
        const text = await received(response.text(), options.signal);
        try {
          return JSON.parse(text) as T;
        } catch (error) {
          throw new NetworkError("the answer is not JSON", error);
        }
      }),
    );
  }

  /** Calls a method that answers bytes. */
  blob(operation: Operation, request: unknown, options: CallOptions = {}): Call<Blob> {
    return new Call(
      this.#answer(operation, request, options, "*/*", (response) => received(response.blob(), options.signal)),
    );
  }

  /** Calls a method whose answer has no content. */
  head(operation: Operation, request: unknown, options: CallOptions = {}): Call<void> {
    return new Call(this.#answer(operation, request, options, "*/*", async () => undefined));
  }

  /** As `json`, for a read, which may be conditional. */
  readJson<T>(operation: Operation, request: unknown, options: ReadOptions = {}): Call<T | NotModified> {
    return this.json<T | NotModified>(operation, request, conditional(options));
  }

  /** As `blob`, for a read, which may be conditional. */
  readBlob(operation: Operation, request: unknown, options: ReadOptions = {}): Call<Blob | NotModified> {
    return this.blob(operation, request, conditional(options)) as Call<Blob | NotModified>;
  }

  /** Calls a method that answers one JSON value after the other; begins when it is iterated. */
  async *stream<T>(operation: Operation, request: unknown, options: CallOptions = {}): AsyncGenerator<T, void, undefined> {
    const response = await this.#send(operation, request, options, "application/x-ndjson");
    // The last record may be the error that ended the stream. Before the end it is a message like any other.
    let last: { record: T; error: ConstructorParameters<typeof ApiError>[0] } | undefined;
    for await (const line of lines(response, options.signal)) {
      if (last) yield last.record;
      last = undefined;
      let record: unknown;
      try {
        record = JSON.parse(line);
      } catch (error) {
        throw new NetworkError("the answer has a line that is not JSON", error);
      }
      const error = isRecord(record) && Object.keys(record).length === 1 ? errorIn(record["error"]) : undefined;
      if (error) {
        last = { record: record as T, error };
      } else {
        yield record as T;
      }
    }
    if (last) throw new ApiError(last.error, response.headers);
  }

  /** Calls a method that answers bytes in pieces; begins when it is iterated. */
  async *chunks(
    operation: Operation,
    request: unknown,
    options: CallOptions = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    yield* pieces(await this.#send(operation, request, options, "*/*"), options.signal);
  }

  /** Reads page by page until one names no other. */
  async *pages<Page>(
    read: (token: string | undefined) => Promise<Page>,
    next: (page: Page) => string | undefined,
  ): AsyncGenerator<Page, void, undefined> {
    let token: string | undefined;
    do {
      const page = await read(token);
      yield page;
      token = next(page);
    } while (token);
  }

  /** What is on the pages. */
  async *entries<Page, Entry>(
    pages: AsyncIterable<Page>,
    list: (page: Page) => readonly Entry[] | undefined,
  ): AsyncGenerator<Entry, void, undefined> {
    for await (const page of pages) yield* list(page) ?? [];
  }

  async #answer<T>(
    operation: Operation,
    request: unknown,
    options: CallOptions,
    accept: string,
    read: (response: Response) => Promise<T>,
  ): Promise<Answer<T>> {
    const response = await this.#send(operation, request, options, accept);
    // Sent only to those who made their read conditional, and whose type has it.
    const data = response.status === 304 ? (notModified as unknown as T) : await read(response);
    return {
      data,
      status: response.status,
      headers: response.headers,
      location: response.headers.get("Location") ?? undefined,
      etag: response.headers.get("ETag") ?? undefined,
      requestId: response.headers.get("X-Request-Id") ?? undefined,
    };
  }

  /** Sends a request and returns an answer that is no error. */
  async #send(operation: Operation, request: unknown, options: CallOptions, accept: string): Promise<Response> {
    const fields = isRecord(request) ? request : {};
    const url = this.#baseUrl + pathOf(operation, fields) + queryOf(operation, fields);
    const body = operation.isRaw ? rawBodyOf(operation, request) : bodyOf(operation, request);
    const headers = await this.#headers(options, accept);
    if (body !== undefined && !operation.isRaw) headers.set("Content-Type", "application/json");
    // Of a Blob the browser knows the type.
    if (operation.isRaw && body !== undefined && !(body instanceof Blob && body.type)) {
      if (!headers.has("Content-Type")) headers.set("Content-Type", "application/octet-stream");
    }
    const init: RequestInit = { method: operation.method, headers };
    if (body !== undefined) init.body = body;
    if (options.signal) init.signal = options.signal;
    if (this.#options.credentials) init.credentials = this.#options.credentials;
    const response = await received(this.#fetch(url, init), options.signal);
    if (response.ok || (response.status === 304 && headers.has("If-None-Match"))) return response;
    throw await errorOf(response, options.signal);
  }

  async #headers(options: CallOptions, accept: string): Promise<Headers> {
    const { headers: common, token, apiKey } = this.#options;
    const headers = new Headers(typeof common === "function" ? await common() : common);
    headers.set("Accept", accept);
    if (token !== undefined) {
      headers.set("Authorization", `Bearer ${typeof token === "function" ? await token() : token}`);
    }
    if (apiKey) {
      headers.set("X-Viam-Api-Key-Id", apiKey.id);
      headers.set("X-Viam-Api-Key", apiKey.key);
    }
    if (options.timeout !== undefined) headers.set("Grpc-Timeout", grpcTimeout(options.timeout));
    new Headers(options.headers).forEach((value, name) => headers.set(name, value));
    return headers;
  }
}

function conditional(options: ReadOptions): CallOptions {
  if (options.ifNoneMatch === undefined) return options;
  const headers = new Headers(options.headers);
  headers.set("If-None-Match", options.ifNoneMatch);
  return { ...options, headers };
}

/** Milliseconds in gRPC's syntax: at most eight digits and a unit. */
function grpcTimeout(milliseconds: number): string {
  if (!(milliseconds > 0)) throw new RangeError("a timeout is more than 0 milliseconds");
  const whole = Math.ceil(milliseconds);
  return whole < 1e8 ? `${whole}m` : `${Math.min(Math.ceil(whole / 1000), 99_999_999)}S`;
}

function pathOf(operation: Operation, request: Record<string, unknown>): string {
  return operation.path.map((part) => (typeof part === "string" ? part : encoded(part, request))).join("");
}

function membersOf({ field, members }: PathField): readonly string[] {
  return members ?? field.split(".");
}

/** A field's value as a part of the path, its slashes kept where it may have some. */
function encoded(part: PathField, request: Record<string, unknown>): string {
  const { field, pattern } = part;
  const members = membersOf(part);
  const value = members.reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), request);
  const text = value === undefined || value === null ? "" : textOf(value, field);
  const parts = pattern === undefined ? [text] : text.split("/");
  if (parts.includes("") || !fits(parts, pattern ?? "*")) {
    throw new TypeError(`${field} must be like ${pattern ?? "*"} to stand in a path, and is "${text}"`);
  }
  // Clients take these out of a URL, even percent-encoded.
  if (parts.some((part) => part === "." || part === "..")) throw new TypeError(`${field} cannot be "${text}" in a path`);
  return parts.map(encodeURIComponent).join("/");
}

function fits(parts: readonly string[], pattern: string): boolean {
  const wanted = pattern.split("/");
  const rest = wanted.indexOf("**");
  if (rest >= 0) {
    const extra = parts.length - wanted.length + 1;
    wanted.splice(rest, 1, ...Array.from({ length: Math.max(0, extra) }, () => "*"));
  }
  return parts.length === wanted.length && wanted.every((part, index) => part === "*" || part === parts[index]);
}

/** What of the request is neither in the path nor in the body. */
function queryOf(operation: Operation, request: Record<string, unknown>): string {
  if (operation.body === "*") return "";
  const query = new URLSearchParams();
  const elsewhere = new Set(operation.path.map((part) => (typeof part === "string" ? "" : part.field)));
  // The body is a member, which may be called as the path of another field is.
  const fields = Object.fromEntries(Object.entries(request).filter(([name]) => name !== operation.body));
  addFields(query, fields, operation.query ?? new Map(), "", elsewhere);
  const text = query.toString();
  return text && `?${text}`;
}

function addFields(
  query: URLSearchParams,
  fields: Record<string, unknown>,
  shape: QueryShape,
  prefix: string,
  elsewhere: ReadonlySet<string>,
): void {
  for (const [key, value] of Object.entries(fields)) {
    const { name: ownName = key, isMap, shape: inner } = shape.get(key) ?? {};
    const name = prefix + ownName;
    if (value === undefined || value === null || elsewhere.has(name)) continue;
    if (!isMap && !inner) {
      for (const element of Array.isArray(value) ? value : [value]) query.append(name, textOf(element, name));
    } else if (!isRecord(value)) {
      throw new TypeError(`${name} must be an object`);
    } else if (inner) {
      addFields(query, value, inner(), `${name}.`, elsewhere);
    } else {
      for (const [entry, element] of Object.entries(value)) query.append(`${name}[${entry}]`, textOf(element, name));
    }
  }
}

function textOf(value: unknown, name: string): string {
  if (value instanceof Date) return timeOf(value, name);
  if (typeof value === "object") throw new TypeError(`${name} cannot be sent in a path or query`);
  return String(value);
}

/** A point in time as text. JSON would have null for one that is none, and the gateway take it for absent. */
function timeOf(date: Date, name: string): string {
  if (Number.isNaN(date.getTime())) throw new TypeError(`${name || "the body"} is an invalid Date`);
  return date.toISOString();
}

function rawBodyOf({ body }: Operation, request: unknown): RawBody | undefined {
  const value = body === undefined || body === "*" || !isRecord(request) ? request : request[body];
  return value as RawBody | undefined;
}

function bodyOf({ body, path }: Operation, request: unknown): string | undefined {
  if (body === undefined) return undefined;
  if (!isRecord(request)) return JSON.stringify(request, jsonForm);
  if (body !== "*") return request[body] === undefined ? undefined : JSON.stringify(request[body], jsonForm);
  const places = path.map((part) => (typeof part === "string" ? [] : membersOf(part)));
  const inPath = places.filter((members) => members.length === 1).flat();
  const others = Object.entries(request).filter(([name]) => !inPath.includes(name));
  return JSON.stringify(Object.fromEntries(others), jsonForm);
}

/** What JSON has no number for, as the text that ProtoJSON has for it. */
function jsonForm(this: unknown, key: string, value: unknown): unknown {
  // A Date is given as what its `toJSON` has made of it.
  const given = (this as Record<string, unknown>)[key];
  if (given instanceof Date) return timeOf(given, key);
  if (typeof value === "bigint") return value.toString();
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

// ---------------------------------------------------------------------------------------------------------------------
// Streams
// ---------------------------------------------------------------------------------------------------------------------

/** The content of an answer as it comes; who stops early gives the call up. */
async function* pieces(
  response: Response,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await received(reader.read(), signal);
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** The lines of an answer, the last of which must have ended, too. */
async function* lines(response: Response, signal: AbortSignal | undefined): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of pieces(response, signal)) {
    const [first = "", ...others] = decoder.decode(piece, { stream: true }).split("\n");
    rest += first;
    for (const other of others) {
      if (rest) yield rest;
      rest = other;
    }
  }
  if (rest) throw new NetworkError("the answer was cut off");
}
