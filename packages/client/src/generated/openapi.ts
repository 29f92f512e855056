// Made by generate.mjs from the service's OpenAPI document.
// biome-ignore-all format: generated
// biome-ignore-all lint: generated
// biome-ignore-all assist: generated
export interface paths {
    "/classify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Label a picture, as the original did
         * @description With `save_labels=T` the three best labels as JSON, otherwise the annotated pictures as a stream of JPEG frames. A folder answers for each of its pictures.
         */
        get: operations["originalClassify"];
        put?: never;
        /**
         * Label a picture, as the original did
         * @description With `save_labels=T` the three best labels as JSON, otherwise the annotated pictures as a stream of JPEG frames. A folder answers for each of its pictures.
         */
        post: operations["originalClassifyUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process answers */
        get: operations["isLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the model is warm */
        get: operations["isReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Figures for Prometheus */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/classify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Label pictures, answered at once
         * @description Pictures as they are (`image/*`), as a form (any number of files; the fields `model`, `top` and `explain` stand before them), or named
         *     in JSON. Answers in the order of the request. A picture that cannot be had or labelled (an address that does not answer, a text that is not base64, a damaged file) has
         *     `error` in its place and leaves its neighbours alone.
         *
         *     `Request-Timeout` (seconds): after it the work is given up, TIMED_OUT; where it could not be kept the request is turned away at once,
         *     OVERLOADED.
         *
         *     `explain`: each picture also has `explanation`, a small map for each of its first labels. Exact and nearly free by Grad-CAM for models with
         *     global pooling and a linear head; else by RISE, which takes hundreds of times as long as labelling.
         */
        post: operations["classify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/feedback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tell what pictures really show
         * @description True labels of pictures that were labelled: of a job, or of a bucket whose events are. They are kept beside the results, never
         *     rewritten; the same batch again is the same batch (200). Of two labels for one picture the later batch counts. `rookery monitor report`
         *     compares them with what was answered.
         */
        post: operations["giveFeedback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/fleet": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the fleet is doing
         * @description Queues, workers, and the last ten minutes a point every five seconds.
         */
        get: operations["getFleet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/fleet/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow the fleet: server-sent events
         * @description `figures` every five seconds: `FleetFigures` whose series has what is new since the event before, the first one what is new
         *     since `Last-Event-ID`, or everything.
         */
        get: operations["watchFleet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Jobs, newest first */
        get: operations["listJobs"];
        put?: never;
        /**
         * Make a job
         * @description Answered as soon as the job is durable; its pictures are listed afterwards. With an `Idempotency-Key` a repeat
         *     gives the job that was made (200); the same key with another request is refused (422).
         */
        post: operations["createJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A job, and how far it is */
        get: operations["getJob"];
        put?: never;
        post?: never;
        /**
         * Delete a job with all its results
         * @description The pictures stay where they are.
         */
        delete: operations["deleteJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a job
         * @description Workers drop its tasks within seconds; results that are there stay. A job that is complete cannot be cancelled.
         */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a job: server-sent events
         * @description `progress` each time it has come further, or workers say otherwise whether they can do it, `end` when it is complete or cancelled; the data of each is the whole
         *     `JobView`, so that nothing is lost by missing one. After `end` the stream ends. With the `Last-Event-ID` of a job that has ended the answer is
         *     204: an `EventSource` stops there.
         */
        get: operations["watchJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/lines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A page of a job's results
         * @description Lines that a filter lets through, in the order of the pictures; also of a job that still runs.
         */
        get: operations["listLines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/picture": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A picture of a job, scaled down
         * @description WebP, upright, without metadata. Only of pictures that the job names, in the state that was labelled.
         */
        get: operations["getPicture"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/reconcile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Enqueue again what has no result
         * @description After a queue was lost. Harmless at any time: workers look for a result before they work.
         */
        post: operations["reconcileJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/results": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All results of a job as a file
         * @description JSON lines, CSV or Parquet, by `format` or `Accept`, in the order of the job's pictures. Of a job that is not complete only
         *     with `partial=true`. JSON lines without a filter have an `ETag` and take a `Range`, so that a download that broke goes on.
         */
        get: operations["getResults"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a job of what failed in another
         * @description A new job over the same pictures: good lines are taken over, the rest is done again. A repeat that names the same `id` gives the job that was made (200).
         */
        post: operations["retryJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every model, its versions and aliases */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One model */
        get: operations["getModel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{name}/alias": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let an alias name a version
         * @description Where requests are answered under this alias, the version warms up beside the one before, takes over, and the one before
         *     finishes what it has: no request fails. A version that cannot be loaded moves nothing. The bare name means `production` where there is one.
         */
        post: operations["aliasModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{name}/load": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Load a version and keep it warm; answers when it is
         * @description Also looks up at once what names and aliases mean now: a version that was added or an alias that was moved elsewhere takes over without a restart.
         */
        post: operations["loadModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is asking, and what they may do */
        get: operations["getSession"];
        put?: never;
        /**
         * Exchange a key for a session
         * @description Sets a cookie (HttpOnly, SameSite=Strict) that stands for the key for twelve hours, event streams included. Send `csrfToken` as `X-CSRF-Token` with everything but GET.
         */
        post: operations["beginSession"];
        /** Log out */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for addresses to put pictures to
         * @description Straight into the bucket, on the store's own presigned addresses; where the store is a folder, on addresses of this service.
         *     Each is good for one picture of the announced size and type. A job with `{"source": {"kind": "upload", "upload": ...}}` labels what has arrived.
         */
        post: operations["createUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads/{upload}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What of an upload has arrived */
        get: operations["getUpload"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        OriginalAnswer: {
            results: {
                /** @description two decimals */
                conf: number;
                class: string;
                /** @description where a folder was asked for: the name of the picture */
                source?: string;
            }[];
            /** @description pictures of a folder that could not be labelled */
            failed?: {
                source: string;
                code: string;
                message: string;
            }[];
        };
        Health: {
            /** @constant */
            status: "ok";
        };
        ClassifyRequest: {
            sources: components["schemas"]["ClassifySource"][];
            /** @description labels a picture */
            top?: number;
            /** @description name, name:alias or name@version */
            model?: string;
            /** @description also where the model looked for the first labels */
            explain?: boolean;
        };
        ClassifySource: {
            /** @description http(s) address of a picture */
            url: string;
        } | {
            /** @description s3://bucket/key of a bucket that the service may read */
            s3: string;
        } | {
            /** @description the encoded picture */
            base64: string;
            name?: string;
        };
        ClassifyResponse: {
            model: components["schemas"]["AnsweringModel"];
            images: components["schemas"]["ClassifiedImage"][];
            timings: {
                /** @description from the end of the headers to the answer */
                totalMs: number;
            };
        };
        AnsweringModel: {
            name: string;
            version: string;
            digest: string;
            variant: string;
        };
        ClassifiedImage: {
            /** @description address, key or file name as given; the position where there is none */
            source: string;
            width: number | null;
            height: number | null;
            predictions?: {
                label: string;
                index: number;
                score: number;
            }[];
            /** @description where asked for */
            explanation?: components["schemas"]["Explanation"];
            /** @description the version that answered, where it is not that of `model`: a canary */
            version?: string;
            error?: {
                code: string;
                message: string;
            };
        };
        Explanation: {
            /**
             * @description by the gradients of the head, or by covering parts of the picture at random
             * @enum {string}
             */
            method: "grad-cam" | "rise";
            columns: number;
            rows: number;
            area: {
                left: number;
                top: number;
                width: number;
                height: number;
            };
            /** @description standard error of a cell, on average; 0 for grad-cam */
            error: number;
            /** @description in the order of the predictions; cells row by row from the top, from 0 to 1 */
            maps: {
                label: string;
                index: number;
                cells: number[];
            }[];
        };
        FeedbackRequest: {
            /** @description the job whose pictures these are */
            job?: string;
            /** @description or the bucket, for pictures that events brought */
            bucket?: string;
            /** @description tells a batch from another with the same labels: to say again what was said before */
            id?: string;
            labels: {
                /** @description of the picture, as in its result line */
                key: string;
                /** @description what it shows, as the model names it */
                label: string;
                /** @description the state of the picture that was looked at; another one is not counted */
                etag?: string;
            }[];
        };
        FeedbackReceipt: {
            batch: string;
            labels: number;
            isNew: boolean;
        };
        FleetFigures: {
            /** Format: date-time */
            at: string;
            /**
             * Format: date-time
             * @description of this service
             */
            startedAt: string;
            version: string;
            /** @description null where the queue cannot tell who listens */
            workers: {
                id: string;
                /** @enum {string} */
                kind: "embedded" | "remote";
                /** @enum {string} */
                state: "starting" | "ready" | "draining" | "unknown";
                /** @description name@version of its warm model */
                model: string | null;
                /** @description between its last two signs of life */
                picturesPerSecond: number | null;
                /** @description of a picture inside its classifier, lately; null where there were none */
                p50Ms: number | null;
                p95Ms: number | null;
                startedAt: string | null;
                /** @description whether what its models answer still looks like their references */
                drift: ("unknown" | "stable" | "drifting") | null;
            }[] | null;
            queues: {
                name: string;
                /** @description tasks that wait */
                ready: number;
                delayed: number;
                /** @description tasks with a worker */
                leased: number;
                /** @description tasks that were given up */
                dead: number;
                /** @description how long the task that comes next has waited; null where none waits, and where the queue does not say: SQS */
                oldestMs: number | null;
            }[];
            /** @description path of the queue's own dashboard, for admins */
            dashboard: string | null;
            /** @description time from one point to the next */
            stepMs: number;
            /** @description oldest first; in the stream of events only what is new */
            series: {
                /** Format: date-time */
                at: string;
                /** @description answered at once by this service, and by all workers that it knows of */
                picturesPerSecond: number;
                /** @description of the pictures answered at once; null where there were none */
                p50Ms: number | null;
                p95Ms: number | null;
                /** @description pictures waiting inside the service, and tasks in its queues */
                waiting: number;
            }[];
        };
        JobRequest: {
            /** @description made up where nothing is said */
            id?: string;
            source: components["schemas"]["JobSourceRequest"];
            /** @description name, name:alias or name@version */
            model?: string;
            /** @description labels a picture */
            top?: number;
            /** @description takes over the good lines of this job */
            since?: string | "latest";
            /** @description also writes the top label as object tags */
            tag?: boolean;
            note?: string;
            /**
             * Format: uri
             * @description told when the job is complete or cancelled
             */
            webhook?: string;
            /** @description the same as the header, for clients that cannot set one */
            idempotencyKey?: string;
        };
        JobSourceRequest: {
            /** @constant */
            kind: "prefix";
            /** @description an S3 bucket's name, or the file:/// address of a folder */
            bucket: string;
            /** @default  */
            prefix: string;
            filter?: {
                suffixes?: string[];
                glob?: string;
                minSizeBytes?: number;
                maxSizeBytes?: number;
                /** Format: date-time */
                modifiedAfter?: string;
                /** Format: date-time */
                modifiedBefore?: string;
                limit?: number;
                sample?: number;
            };
        } | {
            /** @constant */
            kind: "keys";
            /** @description an S3 bucket's name, or the file:/// address of a folder */
            bucket: string;
            keys: string[];
        } | {
            /** @constant */
            kind: "manifest";
            /** @description an S3 bucket's name, or the file:/// address of a folder */
            bucket: string;
            /** @description key of the list in the bucket */
            manifest: string;
            /** @enum {string} */
            format: "lines" | "csv" | "inventory";
            filter?: {
                suffixes?: string[];
                glob?: string;
                minSizeBytes?: number;
                maxSizeBytes?: number;
                /** Format: date-time */
                modifiedAfter?: string;
                /** Format: date-time */
                modifiedBefore?: string;
                limit?: number;
                sample?: number;
            };
        } | {
            /** @constant */
            kind: "upload";
            upload: string;
        };
        JobView: {
            id: string;
            state: components["schemas"]["JobState"];
            /** Format: date-time */
            createdAt: string;
            source: {
                /** @constant */
                kind: "prefix";
                bucket: string;
                prefix: string;
                filter: {
                    suffixes?: string[];
                    glob?: string;
                    minSizeBytes?: number;
                    maxSizeBytes?: number;
                    /** Format: date-time */
                    modifiedAfter?: string;
                    /** Format: date-time */
                    modifiedBefore?: string;
                    limit?: number;
                    sample?: number;
                };
            } | {
                /** @constant */
                kind: "manifest";
                bucket: string;
                manifest: string;
                /** @enum {string} */
                format: "lines" | "csv" | "inventory";
                filter: {
                    suffixes?: string[];
                    glob?: string;
                    minSizeBytes?: number;
                    maxSizeBytes?: number;
                    /** Format: date-time */
                    modifiedAfter?: string;
                    /** Format: date-time */
                    modifiedBefore?: string;
                    limit?: number;
                    sample?: number;
                };
            } | {
                /** @constant */
                kind: "shards";
                bucket: string;
                prefix: string;
                glob: string;
                filter: {
                    suffixes?: string[];
                    glob?: string;
                    minSizeBytes?: number;
                    maxSizeBytes?: number;
                    /** Format: date-time */
                    modifiedAfter?: string;
                    /** Format: date-time */
                    modifiedBefore?: string;
                    limit?: number;
                    sample?: number;
                };
            };
            model: {
                name: string;
                version: string;
                variant: string;
                digest: string;
            };
            top: number;
            since: string | null;
            /** @description the job that this one retries */
            parent: string | null;
            note: string | null;
            /** @description why it was cancelled, where its pictures could not be listed */
            reason: {
                code: string;
                message: string;
            } | null;
            /** @description why a job that is not over may stand still, as workers say within half a minute; null where none of them refuses it */
            refusal: components["schemas"]["JobRefusal"] | null;
            tasks: {
                done: number;
                planned: number;
            };
            pictures: {
                done: number;
                planned: number;
            };
            /** @description pictures with an error among those done; null where not counted yet */
            failed: number | null;
            /** @description failed pictures by error code; null where not counted yet */
            errors: {
                [key: string]: number;
            } | null;
            /** @description pictures by their top label; null where not counted yet */
            classes: {
                [key: string]: number;
            } | null;
            picturesPerSecond: number;
            /** @description until the last result, at this speed */
            leftMs: number | null;
            firstResultAt: string | null;
            lastResultAt: string | null;
        };
        /** @enum {string} */
        JobState: "planning" | "running" | "complete" | "cancelled";
        JobRefusal: {
            /** @description that said lately that they are there */
            workers: number;
            /** @description of them, those that cannot do this job */
            refusing: number;
            /** @description theirs, that of most workers first; three at most */
            reasons: string[];
        };
        JobList: {
            jobs: components["schemas"]["JobView"][];
            /** @description cursor of the next page; null on the last one */
            next: string | null;
        };
        JobLines: {
            lines: {
                key: string;
                etag: string | null;
                size: number | null;
                width: number | null;
                height: number | null;
                model: string;
                predictions: {
                    label: string;
                    index: number;
                    score: number;
                }[];
                error?: {
                    code: string;
                    message: string;
                };
            }[];
            /** @description of each line: `at` of its picture, which is then found at once however large the job */
            positions: string[];
            /** @description cursor of the next page; null at the end of what is there */
            next: string | null;
        };
        ReconcileResult: {
            tasks: number;
        };
        RetryRequest: {
            /** @description of the new job; made up where nothing is said */
            id?: string;
            /**
             * Format: uri
             * @description told when the new job is complete or cancelled
             */
            webhook?: string;
        };
        ModelList: {
            models: components["schemas"]["ModelInfo"][];
        };
        ModelInfo: {
            name: string;
            isDefault: boolean;
            current: string | null;
            aliases: {
                [key: string]: string;
            };
            /** @description by alias, of those that have a canary or a shadow */
            rollouts: {
                [key: string]: components["schemas"]["AliasRollout"];
            };
            versions: components["schemas"]["ModelVersionInfo"][];
            damaged: {
                version: string;
                reason: string;
            }[];
            /** @description why it cannot be read: there may be more of it than stands here */
            error?: {
                code: string;
                message: string;
            };
        };
        AliasRollout: {
            /** @description answers for its share of pictures */
            canary?: {
                version: string;
                share: number;
            };
            /** @description also labels its share, is compared, and answers nothing */
            shadow?: {
                version: string;
                share: number;
            };
            /** @description when the canary takes over, and when it goes */
            rules?: {
                promoteAfter: number;
                maxErrors?: number;
                maxLatencyRatio?: number;
                maxDisagreement?: number;
            };
        };
        ModelVersionInfo: {
            version: string;
            createdAt: string;
            builtIn: boolean;
            aliases: string[];
            variants: string[];
            defaultVariant: string;
            classes: number;
            sizeBytes: number;
            files: {
                path: string;
                sizeBytes: number;
                digest: string;
            }[];
            metrics: {
                [key: string]: number;
            };
            source: string;
            licence?: string;
            loaded: {
                variant: string;
                /** @enum {string} */
                state: "loading" | "warm" | "draining";
                digest: string | null;
                graphBytes: number;
                users: number;
                /** @description pictures since it was loaded */
                answered: number;
            }[];
        };
        AliasModelRequest: {
            alias: string;
            version: string;
            /** @description moves the alias only from this version; null: only where there is no such alias yet */
            expect?: string | null;
        };
        LoadModelRequest: {
            /** @description the one that the bare name means, where nothing is said */
            version?: string;
        };
        Session: {
            authentication: boolean;
            authenticated: boolean;
            scopes: ("classify" | "jobs" | "models" | "admin")[];
            name: string | null;
            csrfToken: string | null;
            expiresAt: string | null;
        };
        SessionRequest: {
            key: string;
        };
        UploadRequest: {
            /** @description adds to this upload, or asks again for addresses that have run out */
            upload?: string;
            files: {
                /** @description file name or relative path; unique within the upload */
                name: string;
                sizeBytes: number;
                /** @description content type, such as image/jpeg */
                type?: string;
            }[];
        };
        UploadGrant: {
            upload: string;
            slots: components["schemas"]["UploadSlot"][];
            /**
             * Format: date-time
             * @description of the addresses; ask again for what has not arrived
             */
            expiresAt: string;
        };
        UploadSlot: {
            name: string;
            /** @description where it will lie in the bucket */
            key: string;
            /** @constant */
            method: "PUT";
            /** @description absolute, or a path of this service */
            url: string;
            headers: {
                [key: string]: string;
            };
        };
        UploadState: {
            upload: string;
            files: {
                name: string;
                sizeBytes: number;
            }[];
            /** @description cursor of the next page; null on the last one */
            next: string | null;
        };
        /** @description A problem document (RFC 9457). */
        Problem: {
            type: string;
            title: string;
            status: number;
            detail?: string;
            instance?: string;
            code: string;
            requestId: string;
            retryable: boolean;
            errors?: {
                field: string;
                message: string;
            }[];
        };
    };
    responses: {
        /** @description The request is malformed; `errors` names the members. */
        Problem400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A key or a session is needed. */
        Problem401: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The key lacks a scope, or the page that asks is another one. */
        Problem403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such thing. */
        Problem404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It contradicts what is there. */
        Problem409: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It is too large. */
        Problem413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A body of this type or encoding is not taken. */
        Problem415: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It can be read but not used. */
        Problem422: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests of one key; see `Retry-After`. */
        Problem429: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description More work than fits, or something behind the service is down; see `Retry-After`. */
        Problem503: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Any other error. */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    originalClassify: {
        parameters: {
            query?: {
                /** @description address of a picture; path of a file or folder below --local-root */
                source?: string;
                /** @description T: labels as JSON; otherwise the annotated pictures */
                save_labels?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OriginalAnswer"];
                    "multipart/x-mixed-replace": unknown;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    originalClassifyUpload: {
        parameters: {
            query?: {
                /** @description address of a picture; path of a file or folder below --local-root */
                source?: string;
                /** @description T: labels as JSON; otherwise the annotated pictures */
                save_labels?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** @description address of a picture; path of a file or folder below --local-root */
                    source?: string;
                    /** @description T: labels as JSON; otherwise the annotated pictures */
                    save_labels?: string;
                    /**
                     * Format: binary
                     * @description the picture
                     */
                    myfile?: string;
                };
                "application/x-www-form-urlencoded": {
                    /** @description address of a picture; path of a file or folder below --local-root */
                    source?: string;
                    /** @description T: labels as JSON; otherwise the annotated pictures */
                    save_labels?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OriginalAnswer"];
                    "multipart/x-mixed-replace": unknown;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    isLive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            400: components["responses"]["Problem400"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    isReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            400: components["responses"]["Problem400"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    classify: {
        parameters: {
            query?: {
                /** @description labels a picture */
                top?: number;
                /** @description name, name:alias or name@version */
                model?: string;
                /** @description also where the model looked for the first labels */
                explain?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClassifyRequest"];
                "multipart/form-data": {
                    /** @description name, name:alias or name@version */
                    model?: string;
                    top?: number;
                    /** @enum {string} */
                    explain?: "true" | "false";
                    /**
                     * Format: binary
                     * @description a picture; any number of files, under any names
                     */
                    file: string;
                };
                "image/*": unknown;
                "application/octet-stream": unknown;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClassifyResponse"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    giveFeedback: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FeedbackRequest"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FeedbackReceipt"];
                };
            };
            /** @description Made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FeedbackReceipt"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    getFleet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FleetFigures"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    watchFleet: {
        parameters: {
            query?: never;
            header?: {
                "last-event-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    listJobs: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobList"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    createJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description chosen by the client: the same key with the same request gives the same job, with another one it is refused */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JobRequest"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            /** @description Made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    deleteJob: {
        parameters: {
            query?: {
                /** @description also a job that still runs: it is cancelled first */
                force?: "true" | "false";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done; there is nothing to say. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    watchJob: {
        parameters: {
            query?: never;
            header?: {
                "last-event-id"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description Done; there is nothing to say. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    listLines: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
                outcome?: "all" | "labelled" | "failed";
                /** @description top label */
                label?: string;
                /** @description error code */
                code?: string;
                /** @description of the top label */
                minScore?: number;
                /** @description of the top label */
                maxScore?: number;
                /** @description part of the key, without regard to case */
                search?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobLines"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    getPicture: {
        parameters: {
            query: {
                key: string;
                /** @description where `GET /v1/jobs/{id}/lines` has shown it; needed only in large jobs from lists */
                at?: string;
                /** @description side of the square in pixels */
                size?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/webp": unknown;
                };
            };
            /** @description What the caller has is still right. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    reconcileJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReconcileResult"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    getResults: {
        parameters: {
            query?: {
                format?: "jsonl" | "csv" | "parquet";
                /** @description only pictures with an error */
                errors?: "true" | "false";
                /** @description only pictures with this top label */
                label?: string;
                /** @description what is there by now */
                partial?: "true" | "false";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                    "application/vnd.apache.parquet": unknown;
                };
            };
            /** @description A part of it. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                    "application/vnd.apache.parquet": unknown;
                };
            };
            /** @description What the caller has is still right. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    retryJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RetryRequest"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            /** @description Made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    listModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelList"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    getModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelInfo"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    aliasModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AliasModelRequest"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelInfo"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    loadModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["LoadModelRequest"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelInfo"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["Problem400"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    beginSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SessionRequest"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["Problem400"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done; there is nothing to say. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    createUpload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UploadRequest"];
            };
        };
        responses: {
            /** @description Made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadGrant"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
    getUpload: {
        parameters: {
            query?: {
                cursor?: string;
            };
            header?: never;
            path: {
                upload: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadState"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problem"];
        };
    };
}
