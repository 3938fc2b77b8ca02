/** Rehearsals over the API: a draft run against virtual machines and stand-ins. Tests that are kept with a flow: flow-tests.ts. */
import { type Static, Type } from 'typebox'
import { FlowNode } from './flows.ts'
import { route } from './route.ts'

/** Node-RED's own nodes, and those for e-mail, that bring something in from outside, and those that ask or tell it something: all are stood in for. */
export const OUTSIDE_SOURCES: ReadonlySet<string> = new Set(['e-mail in', 'e-mail mta', 'http in', 'mqtt in', 'tcp in', 'udp in', 'websocket in', 'watch'])
export const OUTSIDE_CALLS: ReadonlySet<string> = new Set([
  'e-mail',
  'exec',
  'file',
  'file in',
  'http request',
  'http response',
  'mqtt out',
  'tcp out',
  'tcp request',
  'udp out',
  'websocket out',
])

const NodeId = Type.String({ minLength: 1, maxLength: 200 })
const Text = Type.String({ maxLength: 2000 })
const AtMs = Type.Number({ description: 'Milliseconds of rehearsed time since the beginning' })
const closed = { additionalProperties: false }

const Message = Type.Record(Type.String(), Type.Unknown())
/** A step of a run in the history: what it was given. */
const Recording = { runId: Type.String({ minLength: 1, maxLength: 64 }), seq: Type.Integer({ minimum: 0, maximum: 1_000_000 }) }
/**
 * Where the content of something comes from that no person wrote. The server fills it in by this and believes no content that
 * comes along, so that nothing passes for real that is not.
 */
const Origin = Type.Union([
  /** It really passed in an earlier run. Takes `flows.messages`, unless a kept test holds it. */
  Type.Object({ from: Type.Literal('recorded'), ...Recording, at: Type.Optional(Type.String()) }, closed),
  /** Made from the shape that the connector declares. */
  Type.Object({ from: Type.Literal('sample') }, closed),
])
export type Origin = Static<typeof Origin>

/** What a person enters. */
const Entered = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), { default: {} })
/** Whose hand it is, by name: who did the work may not approve it. @defaultValue Rehearsal */
const Who = Type.String({ minLength: 1, maxLength: 60 })

/** One thing that is done from outside, in order. Each waits until what the one before it started has come to rest. */
export const RehearsalStep = Type.Union([
  /** Gives a message to a node; without one, what an inject node sends by itself. */
  Type.Object({ do: Type.Literal('give'), nodeId: NodeId, message: Type.Optional(Message), origin: Type.Optional(Origin) }, closed),
  /** A node sends a message as if it had done its work: what it sent in an earlier run, or what a person wrote. */
  Type.Object(
    {
      do: Type.Literal('send'),
      nodeId: NodeId,
      output: Type.Integer({ minimum: 0, maximum: 1000, default: 0 }),
      message: Type.Optional(Message),
      origin: Type.Optional(Origin),
    },
    closed,
  ),
  /** Presses a button of the flow, or sends a form (`cw-form`), as an operator would. */
  Type.Object({ do: Type.Literal('press'), nodeId: NodeId, values: Entered, by: Type.Optional(Who) }, closed),
  /** Answers for a person who is asked (`cw-wait-person`, `cw-approval`); without a choice, the first one. */
  Type.Object(
    {
      do: Type.Literal('answer'),
      nodeId: NodeId,
      choice: Type.Optional(Type.String({ maxLength: 60 })),
      values: Entered,
      comment: Type.Optional(Type.String({ maxLength: 500 })),
      by: Type.Optional(Who),
    },
    closed,
  ),
  /** A work order comes in from a connection. */
  Type.Object(
    { do: Type.Literal('order'), connectionId: Type.String(), order: Type.Record(Type.String(), Type.Unknown()), origin: Type.Optional(Origin) },
    closed,
  ),
  /** A connection says what a tag of it is now. `bad`: it can say so no more. */
  Type.Object(
    {
      do: Type.Literal('tag'),
      connectionId: Type.String({ minLength: 1, maxLength: 100 }),
      tag: Type.String({ minLength: 1, maxLength: 500 }),
      value: Type.Optional(Type.Unknown()),
      quality: Type.Optional(Type.Enum(['good', 'bad'], { default: 'good' })),
    },
    closed,
  ),
  /** Lets time pass. */
  Type.Object({ do: Type.Literal('wait'), s: Type.Number({ minimum: 0, maximum: 31_536_000 }) }, closed),
])
export type RehearsalStep = Static<typeof RehearsalStep>

const Output = Type.Optional(Type.Integer({ minimum: 0, maximum: 1000, description: 'Output that the answer leaves by; the first one by default' }))
/** What a stand-in answers to one call. Filled in by the server as {@link Origin} says. */
export const RehearsalAnswer = Type.Union([
  /** A person wrote it. An object with a `payload` is a message; everything else is its payload. */
  Type.Object({ from: Type.Literal('given'), value: Type.Unknown(), output: Output }, closed),
  /** `value`: what the node really set in that run. */
  Type.Object({ from: Type.Literal('recorded'), ...Recording, at: Type.Optional(Type.String()), value: Type.Optional(Message), output: Output }, closed),
  /** From the shape that the connector declares for its answer. */
  Type.Object({ from: Type.Literal('sample'), value: Type.Optional(Type.Unknown()) }, closed),
  /** The call fails with these words. */
  Type.Object({ from: Type.Literal('failure'), text: Type.String({ minLength: 1, maxLength: 500 }) }, closed),
])
export type RehearsalAnswer = Static<typeof RehearsalAnswer>
/**
 * What stands in for a node, one answer a call; the last one stands for all further calls. Nodes that act on the outside world
 * are always stood in for; another node is when it has answers here, and does not run then.
 */
export const RehearsalAnswers = Type.Record(NodeId, Type.Array(RehearsalAnswer, { minItems: 1, maxItems: 100 }))
export type RehearsalAnswers = Static<typeof RehearsalAnswers>

const Point = Type.Array(Type.Number(), { description: 'X, Y, Z in machine mm' })

/** One program or command on a machine. */
export const RehearsedMotion = Type.Object({
  atMs: AtMs,
  nodeId: Type.Optional(Type.String()),
  what: Type.String(),
  state: Type.Enum(['completed', 'failed', 'stopped', 'interrupted', 'refused', 'active']),
  text: Type.Optional(Type.String()),
  durationMs: Type.Number(),
  lines: Type.Optional(Type.Integer()),
})
/** What must have come of a rehearsal for a test to pass. Of objects only what is named is compared. */
export const RehearsalExpectation = Type.Union([
  /** A message went out of an output of a node. */
  Type.Object(
    {
      kind: Type.Literal('message'),
      from: NodeId,
      port: Type.Integer({ minimum: 0, default: 0 }),
      message: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    },
    closed,
  ),
  /** A call went to the outside world. */
  Type.Object({ kind: Type.Literal('call'), nodeId: NodeId, body: Type.Optional(Type.Unknown()) }, closed),
  /** A machine did something, and how that ended. */
  Type.Object(
    { kind: Type.Literal('motion'), machineId: Type.String(), what: Type.Optional(Type.String()), state: Type.Optional(RehearsedMotion.properties.state) },
    closed,
  ),
  /** No message reached a node. */
  Type.Object({ kind: Type.Literal('unreached'), nodeId: NodeId }, closed),
])
export type RehearsalExpectation = Static<typeof RehearsalExpectation>

export const RehearsalRequest = Type.Object(
  {
    /** The draft, whole. */
    flows: Type.Array(FlowNode, { maxItems: 20_000 }),
    /** Tabs that take part. @defaultValue those of the nodes in `steps`, and what they call */
    tabs: Type.Optional(Type.Array(NodeId)),
    steps: Type.Array(RehearsalStep, { minItems: 1, maxItems: 100 }),
    /** The programs that this template brings are there too, where the library has none of that name. */
    template: Type.Optional(Type.Object({ id: Type.String({ maxLength: 64 }), version: Type.Optional(Type.String({ maxLength: 20 })) }, closed)),
    answers: Type.Optional(RehearsalAnswers),
    /** Compared with what came of it: `RehearsalReport.expectations`, in the same order. */
    expect: Type.Optional(Type.Array(RehearsalExpectation, { maxItems: 200 })),
  },
  closed,
)
export type RehearsalRequest = Static<typeof RehearsalRequest>

export const RehearsedMachine = Type.Object({
  id: Type.String(),
  name: Type.String(),
  envelopeMm: Type.Object({ min: Point, max: Point }),
  /** Everywhere the carriage has been; absent when it did not move. */
  reachedMm: Type.Optional(Type.Object({ min: Point, max: Point })),
  isInsideEnvelope: Type.Boolean(),
  movingMs: Type.Number(),
  motions: Type.Array(RehearsedMotion),
  /** Corners of the way: six numbers a move, from and to. */
  path: Type.Array(Type.Number()),
  /** The way was longer than is kept. */
  isPathCut: Type.Boolean(),
  /** What of the real machine could not be had, in words. */
  notes: Type.Array(Type.String()),
})
export type RehearsedMachine = Static<typeof RehearsedMachine>

/** A call to the outside world that was caught. */
export const CaughtCall = Type.Object({
  atMs: AtMs,
  nodeId: Type.String(),
  nodeType: Type.String(),
  /** Where it would have gone: a connection's name, an address, a file. */
  system: Type.String(),
  what: Type.String(),
  body: Type.Unknown(),
  /**
   * `given`: a person wrote it; `recorded`: it was answered so in an earlier run; `sample`: made from the connector's schema;
   * `failure`: it failed as asked for; `accepted`: nothing comes back; `none`: nothing was there for it, the flow got nothing back.
   */
  answeredFrom: Type.Enum(['given', 'recorded', 'sample', 'failure', 'accepted', 'none']),
  answer: Type.Optional(Type.Unknown()),
  /** Of a recorded answer: the run, and when. */
  recorded: Type.Optional(Type.Object({ runId: Type.String(), at: Type.Optional(Type.String()) })),
  /** The node could have run here, and was stood in for because it had answers. */
  isReplaced: Type.Optional(Type.Boolean()),
})
export type CaughtCall = Static<typeof CaughtCall>

export const SentMessage = Type.Object({ atMs: AtMs, from: Type.String(), port: Type.Integer(), to: Type.String(), message: Type.Unknown() })
export type SentMessage = Static<typeof SentMessage>

export const WireRef = Type.Object({ from: Type.String(), port: Type.Integer(), to: Type.String() })

const Verdict = Type.Object({ isMet: Type.Boolean(), found: Type.Optional(Type.Unknown()) })

export const RehearsalReport = Type.Object({
  state: Type.Enum(['completed', 'failed', 'stopped']),
  /** Plain words: how it ended. */
  text: Type.String(),
  isolation: Type.Object({
    /** `namespace`: the shadow runtime had no network at all; `modules`: Node's network modules were shut. */
    network: Type.Enum(['namespace', 'modules']),
    /** `permissions`: files and programs were shut by Node's permission model. */
    files: Type.Enum(['permissions']),
  }),
  /** Rehearsed time and what it took. */
  durationMs: Type.Number(),
  tookMs: Type.Number(),
  steps: Type.Array(
    Type.Object({
      atMs: AtMs,
      state: Type.Enum(['done', 'failed', 'left-out']),
      text: Text,
      /** What it brought: by a person's hand, from an earlier run, or made from a schema. */
      from: Type.Optional(Type.Enum(['given', 'recorded', 'sample'])),
    }),
  ),
  machines: Type.Array(RehearsedMachine),
  calls: Type.Array(CaughtCall),
  errors: Type.Array(Type.Object({ atMs: AtMs, nodeId: Type.String(), text: Text })),
  /** What still waits at the end: a button, a job, a timer beyond the time that is rehearsed. */
  waiting: Type.Array(Type.Object({ nodeId: Type.Optional(Type.String()), text: Text })),
  /** The messages that went over wires, the first so many. */
  sent: Type.Array(SentMessage),
  /** Of a test: whether each expectation was met, and what came nearest to it where it was not. */
  expectations: Type.Array(Verdict),
  /** Contents were left out: the caller may not see what is in messages, and a recorded one was used. */
  isWithoutContents: Type.Optional(Type.Boolean()),
  coverage: Type.Object({
    nodes: Type.Array(Type.String(), { description: 'Nodes that a message reached' }),
    nodesMissed: Type.Array(Type.String()),
    wires: Type.Array(WireRef),
    wiresMissed: Type.Array(WireRef),
  }),
})
export type RehearsalReport = Static<typeof RehearsalReport>

/** A rehearsal that goes on or has ended; kept in memory, the last few of each person. */
export const Rehearsal = Type.Object({
  id: Type.String(),
  state: Type.Enum(['preparing', 'active', 'ended']),
  /** What it is doing, in words. */
  doing: Type.String(),
  startedAt: Type.String({ format: 'date-time' }),
  by: Type.String(),
  report: Type.Optional(RehearsalReport),
  /** It could not be done at all. */
  error: Type.Optional(Type.String()),
})
export type Rehearsal = Static<typeof Rehearsal>

const RehearsalParams = Type.Object({ rehearsalId: Type.String() })
export const startRehearsal = route({
  id: 'startRehearsal',
  method: 'post',
  path: '/api/rehearsals',
  access: 'flows.deploy',
  tag: 'rehearsal',
  status: 201,
  summary: 'Runs a draft against virtual machines and stand-ins. Nothing real moves, nothing is sent.',
  body: RehearsalRequest,
  response: Rehearsal,
  errors: ['rehearsal-busy', 'node-type-not-allowed', 'rehearsal-invalid', 'recording-gone', 'no-sample'],
})
export const getRehearsal = route({
  id: 'getRehearsal',
  method: 'get',
  path: '/api/rehearsals/:rehearsalId',
  access: 'flows.deploy',
  tag: 'rehearsal',
  summary: 'How a rehearsal stands, and its result when it has ended.',
  params: RehearsalParams,
  response: Rehearsal,
  errors: ['rehearsal-not-found'],
})
export const stopRehearsal = route({
  id: 'stopRehearsal',
  method: 'post',
  path: '/api/rehearsals/:rehearsalId/stop',
  access: 'flows.deploy',
  tag: 'rehearsal',
  summary: 'Ends a rehearsal; what it has found so far stays.',
  params: RehearsalParams,
  response: Rehearsal,
  errors: ['rehearsal-not-found'],
})
