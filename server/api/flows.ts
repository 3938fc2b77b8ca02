/** Flows, versions, node types and templates over the API. */
import { type Static, Type } from 'typebox'
import { FindingParams } from './findings.ts'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })
const tag = 'flows'

/** Node-RED's own flow JSON: a flat array of nodes (reference: nodered.org/docs/developing-flows). Unknown properties stay. */
export const FlowNode = Type.Object(
  { id: Type.String({ minLength: 1, maxLength: 100 }), type: Type.String({ minLength: 1, maxLength: 200 }) },
  { additionalProperties: true },
)
export type FlowNode = Static<typeof FlowNode> & Record<string, unknown>
export const Flows = Type.Array(FlowNode, { maxItems: 50_000 })

/** How the runtime is: `safe` after repeated crashes (flows stopped, editable). */
export const RuntimeState = Type.Object({
  process: Type.Enum(['starting', 'running', 'gone']),
  flows: Type.Enum(['running', 'stopped', 'safe', 'failed']),
  /** What a person should know, in plain words. */
  text: Type.Optional(Type.String()),
})
export type RuntimeState = Static<typeof RuntimeState>

export const getFlows = route({
  id: 'getFlows',
  method: 'get',
  path: '/api/flows',
  access: 'flows.view',
  tag,
  summary: 'The deployed flows, their revision and how the runtime is.',
  response: Type.Object({ flows: Flows, rev: Type.String(), versionId: Type.Optional(Type.String()), runtime: RuntimeState }),
})
export const deployFlows = route({
  id: 'deployFlows',
  method: 'post',
  path: '/api/flows',
  access: 'flows.deploy',
  tag,
  maxBodyBytes: 20_000_000,
  summary: 'Checks and deploys flows. `rev` must be the revision the change began from; leave it out to force.',
  body: Type.Object(
    {
      flows: Flows,
      rev: Type.Optional(Type.String()),
      /** New credentials by node id; what is left out stays. */
      credentials: Type.Optional(Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown()))),
      kind: Type.Enum(['full', 'nodes', 'flows'], { default: 'nodes' }),
      comment: Type.Optional(Type.String({ maxLength: 500 })),
      /** Deploys without the tests that have to pass before it, for this reason. Takes `flows.untested`. */
      untested: Type.Optional(Type.Object({ reason: Type.String({ minLength: 3, maxLength: 500 }) }, { additionalProperties: false })),
      /** Chosen by the caller, to find this deploy in the topic `deploys`. */
      id: Type.Optional(Type.String({ pattern: '^[0-9a-f]{16,64}$' })),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({
    rev: Type.String(),
    versionId: Type.String(),
    /** Nodes of earlier types that were deployed as newer ones; absent where there were none. */
    upgraded: Type.Optional(Flows),
  }),
  errors: [
    'version-mismatch',
    'reason-missing',
    'flows-invalid',
    'node-type-unknown',
    'node-type-not-allowed',
    'flow-tests-failed',
    'deploy-stopped',
    'deploy-failed',
    'runtime-away',
  ],
})
/** One thing wrong with flows; deploy errors carry a list of these as `details.problems`. */
export const FlowProblem = Type.Object({
  nodeId: Type.Optional(Type.String()),
  property: Type.Optional(Type.String()),
  message: Type.String(),
  /** What was found, for a page's own words (findings.ts); the message says it in English. */
  code: Type.Optional(Type.String()),
  params: Type.Optional(FindingParams),
  /** `rights`: somebody else may deploy it. */
  about: Type.Optional(Type.Enum(['type', 'settings', 'rights'])),
})
export type FlowProblem = Static<typeof FlowProblem>
/**
 * What a deploy would let pass and a person should know. `motion`: a machine moves in a way that nobody might expect, to be
 * confirmed; the others are hints (`machine`: one that is not set up, `quality`: what a node picks there and is
 * not here).
 */
export const FlowAdvice = Type.Object({
  about: Type.Enum(['motion', 'machine', 'quality', 'credentials', 'loop', 'steps', 'unreachable']),
  nodeId: Type.String(),
  message: Type.String(),
  /** As in {@link FlowProblem}. */
  code: Type.Optional(Type.String()),
  params: Type.Optional(FindingParams),
  /** Other nodes that belong to it: the way of a loop, from the trigger to the machine. */
  way: Type.Optional(Type.Array(Type.String())),
  /** It is so in the deployed flows already. */
  isKnown: Type.Optional(Type.Boolean()),
})
export type FlowAdvice = Static<typeof FlowAdvice>
export const checkFlows = route({
  id: 'checkFlows',
  method: 'post',
  path: '/api/flows/check',
  access: 'flows.view',
  tag,
  maxBodyBytes: 20_000_000,
  summary: 'Checks flows as a deploy would, and changes nothing.',
  body: Type.Object(
    {
      flows: Flows,
      /** Names of new credentials by node id that will come with the deploy. */
      newCredentials: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String(), { maxItems: 100 }))),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({
    problems: Type.Array(FlowProblem),
    advice: Type.Array(FlowAdvice),
    /** The flow tests that a deploy would run first, and that have to pass. */
    tests: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), flowId: Type.String() })),
    /** This is production: a deploy needs a reason (`comment`). */
    needsReason: Type.Boolean(),
  }),
})

export const FlowVersion = Type.Object({
  id: Type.String(),
  rev: Type.String(),
  author: Type.String(),
  at: When,
  state: Type.Enum(['deployed', 'failed', 'restored']),
  comment: Type.Optional(Type.String()),
  /** How it was deployed: full, flows, nodes; `editor` for the stock editor, `restore` for what was put back. */
  kind: Type.String(),
  changes: Type.Object({ added: Type.Integer(), removed: Type.Integer(), changed: Type.Integer() }),
  text: Type.Optional(Type.String()),
})
export type FlowVersion = Static<typeof FlowVersion>
export const listVersions = route({
  id: 'listVersions',
  method: 'get',
  path: '/api/flows/versions',
  access: 'flows.view',
  tag,
  summary: 'Every deploy, newest first.',
  query: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }) }),
  response: Type.Array(FlowVersion),
})
export const getVersion = route({
  id: 'getVersion',
  method: 'get',
  path: '/api/flows/versions/:versionId',
  access: 'flows.view',
  tag,
  summary: 'One version: its flows and what changed.',
  params: Type.Object({ versionId: Type.String() }),
  response: Type.Object({ version: FlowVersion, number: Type.Integer(), flows: Flows, diff: Type.Unknown() }),
})

export const commentVersion = route({
  id: 'commentVersion',
  method: 'patch',
  path: '/api/flows/versions/:versionId',
  access: 'flows.deploy',
  tag,
  summary: 'Says why a version was deployed; what was said before is replaced, and stays in the audit log.',
  params: Type.Object({ versionId: Type.String() }),
  body: Type.Object({ comment: Type.String({ maxLength: 500 }) }, { additionalProperties: false }),
  response: FlowVersion,
  errors: ['version-not-found'],
})

/** A node type as the palette shows it. */
export const NodeType = Type.Object({
  type: Type.String(),
  label: Type.String(),
  family: Type.String({ description: 'Palette category' }),
  module: Type.String(),
  isConfig: Type.Boolean(),
  inputs: Type.Integer(),
  outputs: Type.Integer(),
  outputLabels: Type.Array(Type.String()),
  icon: Type.Optional(Type.String()),
  color: Type.Optional(Type.String()),
  summary: Type.Optional(Type.String()),
  /** Our own nodes: JSON Schema of the config, from which the form is made; absent for others. */
  configSchema: Type.Optional(Type.Unknown()),
  /** Default values of a new node's properties. */
  defaults: Type.Record(Type.String(), Type.Unknown()),
  /** Properties that hold the id of a config node, with that node's type. */
  references: Type.Optional(Type.Record(Type.String(), Type.String())),
  /** Help page, HTML made from our Markdown. */
  helpHtml: Type.Optional(Type.String()),
  /** What its module says of it in German; the rest is English for everybody. */
  german: Type.Optional(
    Type.Object({
      label: Type.Optional(Type.String()),
      summary: Type.Optional(Type.String()),
      outputLabels: Type.Optional(Type.Array(Type.String())),
      helpHtml: Type.Optional(Type.String()),
    }),
  ),
  /** A flow that shows it at work, for importing. */
  example: Type.Optional(Type.Array(Type.Unknown())),
  /** It is of earlier flows: a deploy makes this type of it, and no palette offers it. */
  replacedBy: Type.Optional(Type.String()),
  /** Which capability deploying it takes. */
  needs: Type.Union([Type.Literal('flows.deploy'), Type.Literal('flows.code')]),
})
export type NodeType = Static<typeof NodeType>
export const listNodeTypes = route({
  id: 'listNodeTypes',
  method: 'get',
  path: '/api/node-types',
  access: 'flows.view',
  tag,
  summary: 'Every installed node type.',
  response: Type.Array(NodeType),
})

/** The node's colored status line, as Node-RED has it. */
export const NodeStatus = Type.Object({
  nodeId: Type.String(),
  text: Type.Optional(Type.String()),
  /** The text in German, where Node-RED's own nodes have one. */
  german: Type.Optional(Type.String()),
  fill: Type.Optional(Type.String()),
  shape: Type.Optional(Type.String()),
})
export type NodeStatus = Static<typeof NodeStatus>

/** Sets up the demo shop: a virtual machine, the sample program, the work-order folder and the demo flow. */
export const startDemo = route({
  id: 'startDemo',
  method: 'post',
  path: '/api/demo',
  access: 'flows.code',
  tag,
  status: 201,
  summary: 'Sets up the demo shop: a virtual machine, a program, a work-order folder, sample orders and the flow.',
  body: Type.Object(
    { timeScale: Type.Number({ minimum: 1, maximum: 1000, default: 10, description: 'How much faster than a real machine the virtual one moves' }) },
    { additionalProperties: false, default: {} },
  ),
  response: Type.Object({
    machineId: Type.String(),
    programId: Type.String(),
    connectionId: Type.String(),
    versionId: Type.String(),
    inbox: Type.String(),
    outbox: Type.String(),
  }),
  errors: ['demo-exists'],
})
