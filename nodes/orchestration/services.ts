/**
 * What orchestration nodes may ask of the product: steps that outlive processes (server/orchestration/README.md says what is
 * promised). A node registers as the owner of its steps; each change of a step is a turn.
 */

/** As nodes hand messages around (define-node's `Message`). */
interface StepMessage {
  _msgid?: string
  _run?: string
  topic?: unknown
  payload?: unknown
  [key: string]: unknown
}

type StepKind = 'time' | 'event' | 'person' | 'lock' | 'scope'
type StepOutcome = 'done' | 'timed-out' | 'failed' | 'cancelled'

/** What a person is asked (server/api/steps.ts). */
export interface StepAsk {
  title: string
  text?: string
  fields: { key: string; label: string; kind: 'number' | 'text'; unit?: string }[]
  choices: { key: string; label: string; kind: 'yes' | 'no' | 'other' }[]
  who: 'panel.press' | 'machines.operate' | 'flows.deploy'
  /** People, by name, who may not answer. */
  notBy?: string[]
  /** Choices that need a comment, by key. */
  needsComment?: string[]
  machineId?: string
  /** ISO time. */
  deadline?: string
  isEscalated?: boolean
}

/** Why a node looks at its step. */
export type StepWake =
  | { kind: 'due' }
  | { kind: 'answer'; id: string; choice: string; values: Record<string, string | number>; by: string; at: number; comment?: string }
  | { kind: 'event'; name: string; key?: string; payload?: unknown; at: number }
  | { kind: 'granted'; token: number; until?: number }

/** An open step, as its row is just now. */
export interface Step<Data> {
  readonly id: string
  readonly runId: string
  readonly parentId?: string
  /** The message it waits with. */
  readonly message: StepMessage
  readonly data: Data
  readonly kind: StepKind
  readonly text: string
  /** Epoch ms. */
  readonly dueAt?: number
  readonly isOut: boolean
  readonly createdAt: number
}

/** What a node decides: stored first, then done. */
export interface Turn<Data> {
  kind?: StepKind
  message?: StepMessage
  data?: Data
  /** What it waits for now, in words. */
  text?: string
  /** Epoch ms; null for nothing. */
  dueAt?: number | null
  /** `dueAt` counts time gone by. */
  isElapsed?: boolean
  /** Something of it is in the flow. */
  isOut?: boolean
  ask?: StepAsk | null
  end?: { outcome: StepOutcome; text: string }
  /** Sends; called once the turn is stored, in the run of the step. */
  after?: () => void
}

/** What came back to a step: a message, or why there is none. */
export interface StepReturn {
  /** Which of the things it gave out. */
  part: number
  message: StepMessage
  failure?: string
}

/** A node that has steps. */
export interface StepOwner<Data> {
  nodeId: string
  nodeType: string
  name?: string
  /** Undefined: nothing to do, the step waits on. */
  onWake(step: Step<Data>, wake: StepWake): Turn<Data> | undefined | Promise<Turn<Data> | undefined>
  /** Something that it gave out came back. */
  onReturn?(step: Step<Data>, back: StepReturn): Turn<Data> | undefined | Promise<Turn<Data> | undefined>
  /** A node inside has done something that it can undo. */
  onUndoable?(step: Step<Data>, undo: { nodeId: string; message: StepMessage }): Turn<Data> | undefined
  /**
   * The runtime died while something of it was in the flow.
   * @param kept parts that are not lost: they wait in a step inside
   */
  onLost?(step: Step<Data>, kept: readonly number[]): Turn<Data> | Promise<Turn<Data>>
  /** Its open steps changed: for the node's status. */
  onChange?(open: OpenSteps): void
}

/** What waits at a node. */
export interface OpenSteps {
  count: number
  /** Of the oldest: what it waits for, and since when (epoch ms). */
  text?: string
  since?: number
  /** When the next one is due (epoch ms). */
  dueAt?: number
}

export interface StepHandle<Data> {
  /**
   * Stores a new step with a message; resolves when it is stored, however long the gateway is away.
   * @throws UserError `step-too-big`, `step-over`, `message-not-storable`
   */
  open(request: {
    message: StepMessage
    kind: StepKind
    data: Data
    text: string
    key?: string
    dueAt?: number
    isElapsed?: boolean
    isOut?: boolean
    ask?: StepAsk
    /** After it is stored, with its id. */
    after?: (step: Step<Data>) => void
  }): Promise<Step<Data>>
  /** Takes a turn; false when the step has ended. Turns of one step come one after the other. */
  turn(stepId: string, decide: (step: Step<Data>) => Turn<Data> | undefined | Promise<Turn<Data> | undefined>): Promise<boolean>
  /** Its open steps that this process knows. */
  openIds(): string[]
  close(): void
}

export interface StepServices {
  register<Data>(owner: StepOwner<Data>): StepHandle<Data>
  /**
   * Gives a message, or a failure, back to the innermost step it is in; false when that step had ended.
   * @throws UserError `not-in-a-step`, `node-not-running`
   */
  giveBack(message: StepMessage, failure?: string): Promise<boolean>
  /**
   * Notes with the nearest `cw-try` around a message that this node can undo what was done so far.
   * @throws UserError `not-in-a-try`, `node-not-running`
   */
  canUndo(message: StepMessage, nodeId: string): Promise<boolean>
  /** Whether a message can come from this node to one that acts on a machine. True when that cannot be known. */
  motionBehind(nodeId: string): Promise<boolean>
  /** When the next message may pass (epoch ms); undefined when that is later than `withinMs`. */
  rateSlot(request: { name: string; count: number; periodMs: number; withinMs?: number }): Promise<number | undefined>
  raiseEvent(event: { name: string; key?: string; payload: unknown }): Promise<{ woken: number }>
  /** Takes the calls of a flow by name. @throws UserError `flow-name-taken` */
  registerFlow(entry: { nodeId: string; name: string; onCall: (message: StepMessage) => void }): () => void
  /** Whether a running flow begins with that name. */
  hasFlow(name: string): boolean
  /** Hands a message to the beginning of that flow. @throws UserError `no-such-flow` */
  callFlow(name: string, message: StepMessage): void
  /** Ends runs: what they wait for, their waiting jobs, and their messages on the way. Machines are not touched. */
  stopWork(request: { what: 'run' | 'flow' | 'all'; nodeId: string; runId?: string; reason: string }): Promise<{ steps: number; runs: number; jobs: number }>
}
