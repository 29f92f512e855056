/**
 * The part of the schema that the official clients (wandb 0.31 for Python, @wandb/sdk 0.5) and ours use. Inputs are scalars: whatever is
 * in them is taken; fields that are asked for must be here.
 */
export const schemaText = /* GraphQL */ `
  scalar JSONString
  scalar JSON
  scalar DateTime
  scalar Int64
  scalar Input
  scalar UpsertBucketInput
  scalar UpsertModelInput
  scalar CreateRunFilesInput
  scalar MarkRunFilesUploadedInput
  scalar StopRunInput
  scalar CreateArtifactInput
  scalar CreateArtifactManifestInput
  scalar UpdateArtifactManifestInput
  scalar CreateArtifactFilesInput
  scalar CommitArtifactInput
  scalar UpdateArtifactInput
  scalar DeleteArtifactInput
  scalar AddAliasesInput
  scalar DeleteAliasesInput
  scalar LinkArtifactInput
  scalar UnlinkArtifactInput
  scalar UseArtifactInput
  scalar CompleteMultipartUploadArtifactInput
  scalar ArtifactAliasInput
  scalar ArtifactCollectionAliasInput
  scalar CreateArtifactFileSpecInput
  scalar ArtifactManifestType
  scalar ArtifactDigestAlgorithm
  scalar ArtifactManifestEntryInput
  scalar CompleteMultipartAction
  scalar UploadPartsInput

  type PageInfo { endCursor: String hasNextPage: Boolean! }
  type ServerFeature { name: String isEnabled: Boolean }
  type LatestLocalVersionInfo { outOfDate: Boolean latestVersionString: String versionOnThisInstanceString: String }
  type ServerInfo {
    cliVersionInfo: JSON
    latestLocalVersionInfo: LatestLocalVersionInfo
    features: [ServerFeature]
  }
  type FeatureFlag { rampKey: String isEnabled: Boolean }
  type Organization {
    id: ID name: String orgEntity: Entity coreWeaveOrganizationId: String
    featureFlags(rampIDType: Input): [FeatureFlag]
  }
  type Entity {
    id: ID name: String organization: Organization user: User defaultAccess: String
    xxhashDigestsEnabled: Boolean isTeam: Boolean
  }
  type EntityEdge { node: Entity cursor: String }
  type EntityConnection { edges: [EntityEdge] }
  type ApiKey { id: ID name: String description: String }
  type ApiKeyEdge { node: ApiKey }
  type ApiKeyConnection { edges: [ApiKeyEdge] }
  type User {
    id: ID! name: String username: String email: String admin: Boolean flags: JSONString entity: String deletedAt: DateTime
    teams(first: Int): EntityConnection organizations: [Organization] apiKeys: ApiKeyConnection
  }
  type Tag { id: ID name: String }
  type TagEdge { node: Tag }
  type TagConnection { edges: [TagEdge] }

  type Project {
    id: ID! internalId: ID name: String! entity: Entity entityName: String createdAt: DateTime isBenchmark: Boolean readOnly: Boolean
    user: User
    bucket(name: String, missingOk: Boolean, desc: String): Run
    run(name: String!): Run
    runs(filters: JSONString, first: Int, after: String, order: String): RunConnection
    runCount(filters: JSONString): Int
    artifact(name: String!): Artifact
    artifactType(name: String!): ArtifactType
    artifactTypes(after: String, first: Int): ArtifactTypeConnection
    artifactCollection(name: String!): ArtifactCollection
    artifactCollections(after: String, first: Int, filters: JSONString, order: String): ArtifactCollectionConnection
    artifactCollectionMembership(name: String!): ArtifactCollectionMembership
  }
  type ProjectEdge { node: Project cursor: String }
  type ProjectConnection { edges: [ProjectEdge] pageInfo: PageInfo }

  type RunEdge { node: Run cursor: String }
  type RunConnection { edges: [RunEdge] pageInfo: PageInfo totalCount: Int }
  type Run {
    id: ID! name: String! displayName: String description: String notes: String config: JSONString summaryMetrics: JSONString
    systemMetrics: JSONString state: String group: String groupName: String jobType: String commit: String readOnly: Boolean
    createdAt: DateTime heartbeatAt: DateTime updatedAt: DateTime tags: [String] sweepName: String projectId: Int host: String
    user: User project: Project stopped: Boolean
    historyLineCount: Int logLineCount: Int eventsLineCount: Int historyTail: JSONString eventsTail: JSONString
    parquetHistory(liveKeys: [String!]!): ParquetHistory
    historyKeys: JSON wandbConfig(keys: [String]): JSONString
    history(minStep: Int64, maxStep: Int64, samples: Int): [JSONString]
    sampledHistory(specs: [JSONString!]!): [JSON]
    events(samples: Int): [JSONString]
    files(names: [String], first: Int, after: String, upload: Boolean, pattern: String): FileConnection
    fileCount: Int
    outputArtifacts(after: String, first: Int): ArtifactConnection
    inputArtifacts(after: String, first: Int): ArtifactConnection
  }
  type ParquetHistory { parquetUrls: [String!] liveData: [JSON] }
  type File {
    id: ID name: String displayName: String url(upload: Boolean): String directUrl: String sizeBytes: Int64 storagePath: String
    mimetype: String updatedAt: DateTime digest: String md5: String uploadUrl: String uploadHeaders: [String]
    uploadMultipartUrls: UploadMultipartUrls artifact: Artifact
  }
  type UploadUrlPart { partNumber: Int uploadUrl: String }
  type UploadMultipartUrls { uploadID: String uploadUrlParts: [UploadUrlPart] }
  type FileEdge { node: File cursor: String }
  type FileConnection { edges: [FileEdge] pageInfo: PageInfo totalCount: Int uploadHeaders: [String] }

  type ArtifactType {
    id: ID! name: String! description: String createdAt: DateTime project: Project
    artifact(name: String!): Artifact
    artifactCollection(name: String!): ArtifactCollection
    artifactCollections(after: String, first: Int, filters: JSONString, order: String): ArtifactCollectionConnection
  }
  type ArtifactTypeEdge { node: ArtifactType cursor: String }
  type ArtifactTypeConnection { edges: [ArtifactTypeEdge] pageInfo: PageInfo }
  interface ArtifactCollection {
    id: ID! name: String! description: String createdAt: DateTime updatedAt: DateTime project: Project
    defaultArtifactType: ArtifactType
    tags: TagConnection
    aliases(after: String, first: Int): ArtifactAliasConnection
    artifacts(after: String, first: Int, order: String, filters: JSONString): VersionedArtifactConnection
    artifactMembership(aliasName: String!): ArtifactCollectionMembership
    artifactMemberships(after: String, first: Int): ArtifactCollectionMembershipConnection
  }
  type ArtifactSequence implements ArtifactCollection {
    id: ID! name: String! description: String createdAt: DateTime updatedAt: DateTime project: Project
    defaultArtifactType: ArtifactType
    tags: TagConnection
    aliases(after: String, first: Int): ArtifactAliasConnection
    artifacts(after: String, first: Int, order: String, filters: JSONString): VersionedArtifactConnection
    artifactMembership(aliasName: String!): ArtifactCollectionMembership
    artifactMemberships(after: String, first: Int): ArtifactCollectionMembershipConnection
    latestArtifact: Artifact
    digestAlgorithm: ArtifactDigestAlgorithm
  }
  type ArtifactPortfolio implements ArtifactCollection {
    id: ID! name: String! description: String createdAt: DateTime updatedAt: DateTime project: Project
    defaultArtifactType: ArtifactType
    tags: TagConnection
    aliases(after: String, first: Int): ArtifactAliasConnection
    artifacts(after: String, first: Int, order: String, filters: JSONString): VersionedArtifactConnection
    artifactMembership(aliasName: String!): ArtifactCollectionMembership
    artifactMemberships(after: String, first: Int): ArtifactCollectionMembershipConnection
  }
  type ArtifactCollectionEdge { node: ArtifactCollection cursor: String }
  type ArtifactCollectionConnection { edges: [ArtifactCollectionEdge] pageInfo: PageInfo totalCount: Int }
  type ArtifactAlias { id: ID alias: String artifactCollection: ArtifactCollection }
  type ArtifactAliasEdge { node: ArtifactAlias cursor: String }
  type ArtifactAliasConnection { edges: [ArtifactAliasEdge] pageInfo: PageInfo }
  type ArtifactManifest { id: ID file: File }
  type Artifact {
    id: ID! digest: String digestAlgorithm: ArtifactDigestAlgorithm description: String metadata: JSONString state: String size: Int64
    fileCount: Int versionIndex: Int commitHash: String createdAt: DateTime updatedAt: DateTime historyStep: Int
    ttlDurationSeconds: Int64 ttlIsInherited: Boolean
    tags: [Tag] aliases: [ArtifactAlias] artifactType: ArtifactType artifactSequence: ArtifactSequence
    artifactCollections: ArtifactCollectionConnection
    artifactMemberships: ArtifactCollectionMembershipConnection
    currentManifest: ArtifactManifest
    createdBy: ArtifactCreator
    usedBy: RunConnection
    files(names: [String], after: String, first: Int): FileConnection
    filesByManifestEntries(
      storageLayout: String, manifestVersion: String, entries: [ArtifactManifestEntryInput!], storageRegion: String
    ): FileConnection
  }
  union ArtifactCreator = Run | User
  type ArtifactEdge { node: Artifact cursor: String }
  type ArtifactConnection { edges: [ArtifactEdge] pageInfo: PageInfo totalCount: Int }
  type VersionedArtifactEdge { node: Artifact cursor: String version: String }
  type VersionedArtifactConnection { edges: [VersionedArtifactEdge] pageInfo: PageInfo totalCount: Int }
  type ArtifactCollectionMembership {
    id: ID! versionIndex: Int createdAt: DateTime aliases: [ArtifactAlias] artifactCollection: ArtifactCollection artifact: Artifact
    files(names: [String], after: String, first: Int): FileConnection
  }
  type ArtifactCollectionMembershipEdge { node: ArtifactCollectionMembership cursor: String }
  type ArtifactCollectionMembershipConnection { edges: [ArtifactCollectionMembershipEdge] pageInfo: PageInfo totalCount: Int }
  type ClientIDMapping { serverID: ID }

  type Query {
    viewer: User
    serverInfo: ServerInfo
    entity(name: String): Entity
    organization(name: String): Organization
    project(name: String, entityName: String): Project
    model(name: String, entityName: String): Project
    models(entityName: String, after: String, first: Int): ProjectConnection
    artifact(id: ID!): Artifact
    artifactCollection(id: ID!): ArtifactCollection
    clientIDMapping(clientID: ID!): ClientIDMapping
  }

  type UpsertBucketPayload { bucket: Run inserted: Boolean }
  type UpsertModelPayload { model: Project project: Project inserted: Boolean }
  type RunFiles { runID: ID uploadHeaders: [String] files: [File] }
  type Success { success: Boolean }
  type ArtifactPayload { artifact: Artifact }
  type CreateArtifactPayload { artifact: Artifact }
  type ArtifactManifestPayload { artifactManifest: ArtifactManifest }
  type CreateArtifactFilesPayload { files: FileConnection }
  type CompletedMultipart { digest: String }
  type LinkArtifactPayload { versionIndex: Int artifactMembership: ArtifactCollectionMembership }

  type Mutation {
    upsertBucket(input: UpsertBucketInput!): UpsertBucketPayload
    upsertModel(input: UpsertModelInput!): UpsertModelPayload
    createRunFiles(input: CreateRunFilesInput!): RunFiles
    markRunFilesUploaded(input: MarkRunFilesUploadedInput!): Success
    stopRun(input: StopRunInput!): Success
    createArtifact(input: CreateArtifactInput!): CreateArtifactPayload
    createArtifactManifest(input: CreateArtifactManifestInput!): ArtifactManifestPayload
    updateArtifactManifest(input: UpdateArtifactManifestInput!): ArtifactManifestPayload
    createArtifactFiles(input: CreateArtifactFilesInput!): CreateArtifactFilesPayload
    completeMultipartUploadArtifact(input: CompleteMultipartUploadArtifactInput!): CompletedMultipart
    commitArtifact(input: CommitArtifactInput!): ArtifactPayload
    updateArtifact(input: UpdateArtifactInput!): ArtifactPayload
    deleteArtifact(input: DeleteArtifactInput!): ArtifactPayload
    addAliases(input: AddAliasesInput!): Success
    deleteAliases(input: DeleteAliasesInput!): Success
    linkArtifact(input: LinkArtifactInput!): LinkArtifactPayload
    unlinkArtifact(input: UnlinkArtifactInput!): Success
    useArtifact(input: UseArtifactInput!): ArtifactPayload
  }
`;
