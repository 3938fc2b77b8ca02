/** What the page knows of the debugger, and what it asks of it. No view. */
import {
  BEAT_EVERY_MS,
  type BreakpointPlace,
  beatDebugger,
  type DebuggerState,
  dropWaiting,
  editWaiting,
  endDebugging,
  type GoOn,
  getWaitingMessage,
  goOnAll,
  goOnWaiting,
  type MessageEdit,
  type MessageView,
  pauseFlow,
  removeBreakpoint,
  setBreakpoint,
  type WaitingMessage,
} from '../../../server/api/debugger.ts'
import { call } from '../../shared/api.ts'
import { live } from '../../shared/live.ts'

const NOTHING: DebuggerState = { revision: 0, breakpoints: [], paused: [], waiting: [], waitingCount: 0, waitingAt: {}, lost: { full: 0, deploy: 0 } }

/** So long a message that goes on has to come to its next stop before another one is meant. */
const STEP_MS = 400

/** The id that the server gives a breakpoint. */
const breakpointId = (at: BreakpointPlace): string => (at.kind === 'node' ? at.nodeId : `${at.from}:${at.port}:${at.to}`)

export class DebuggerStore {
  state: DebuggerState = NOTHING
  refusal: string | undefined
  /** Whether the panel is open. */
  #isPanelShown = false
  /** What could not be done. */
  onFailure: ((error: unknown) => void) | undefined
  /** Messages that have begun to wait since the last word of the server. */
  onCaught: ((caught: readonly WaitingMessage[]) => void) | undefined
  #selected: string | undefined
  /** The run of the message that went on last; it is likely to wait again at once. */
  #run: string | undefined
  #isStepping = false
  #stepping: ReturnType<typeof setTimeout> | undefined
  #version = 0
  #isFirst = true
  readonly #listeners = new Set<() => void>()

  readonly version = (): number => this.#version
  readonly watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Listens for as long as the page is there. @returns what ends it */
  listen(): () => void {
    return live().subscribe(
      'debugger',
      (state) => this.#take(state),
      (state) => this.#take(state),
      (refusal) => {
        this.refusal = refusal.message
        this.#take({ ...NOTHING, revision: this.state.revision })
      },
    )
  }

  /** Tells the server that somebody who debugs is here. @returns what ends it */
  stay(): () => void {
    const beat = () => {
      // without a line the banner of the page says so; the next beat tries again
      if (this.isActive) call(beatDebugger).catch(() => {})
    }
    beat()
    const timer = setInterval(beat, BEAT_EVERY_MS)
    return () => clearInterval(timer)
  }

  get isActive(): boolean {
    const { breakpoints, paused, waitingCount } = this.state
    return waitingCount > 0 || paused.length > 0 || breakpoints.some(({ isOn }) => isOn)
  }

  /** The message that keys and the bar mean: the chosen one, else what came of the last one that went on, else the oldest. */
  get current(): WaitingMessage | undefined {
    const { waiting } = this.state
    const chosen = waiting.find(({ id }) => id === this.#selected) ?? waiting.findLast(({ runId }) => runId !== undefined && runId === this.#run)
    if (chosen) return chosen
    // a second press of the key is not meant for somebody else's message
    return this.#isStepping ? undefined : waiting[0]
  }
  select(id: string | undefined): void {
    this.#selected = id
    this.#tell()
  }

  get isPanelShown(): boolean {
    return this.#isPanelShown
  }
  showsPanel(isShown: boolean): void {
    this.#isPanelShown = isShown
    this.#tell()
  }

  waitingAt(nodeId: string): readonly WaitingMessage[] {
    return this.state.waiting.filter((each) => each.nodeId === nodeId)
  }
  breakpointAt(at: BreakpointPlace) {
    const id = breakpointId(at)
    return this.state.breakpoints.find((each) => each.id === id)
  }
  isPaused(placeId: string | undefined): boolean {
    return this.state.paused.some((each) => each.placeId === placeId)
  }

  setBreakpoint(at: BreakpointPlace, { condition, isOn = true }: { condition?: string | undefined; isOn?: boolean } = {}): Promise<boolean> {
    return this.#ask(() => call(setBreakpoint, { body: { at, isOn, ...(condition ? { condition } : {}) } }))
  }
  removeBreakpoint(id: string): Promise<boolean> {
    return this.#ask(() => call(removeBreakpoint, { params: { breakpointId: id } }))
  }
  pause(placeId: string, isPaused: boolean): Promise<boolean> {
    return this.#ask(() => call(pauseFlow, { body: { placeId, isPaused } }))
  }
  goOn(waitingId: string, body: GoOn): Promise<boolean> {
    this.#run = this.state.waiting.find(({ id }) => id === waitingId)?.runId
    this.#isStepping = true
    clearTimeout(this.#stepping)
    this.#stepping = setTimeout(() => {
      this.#isStepping = false
      this.#tell()
    }, STEP_MS)
    return this.#ask(() => call(goOnWaiting, { params: { waitingId }, body }))
  }
  goOnAll(): Promise<boolean> {
    return this.#ask(() => call(goOnAll))
  }
  drop(waitingId: string): Promise<boolean> {
    return this.#ask(() => call(dropWaiting, { params: { waitingId } }))
  }
  end(): Promise<boolean> {
    return this.#ask(() => call(endDebugging))
  }
  /** @throws ApiError */
  read(waitingId: string): Promise<MessageView> {
    return call(getWaitingMessage, { params: { waitingId } })
  }
  /** @throws ApiError */
  edit(waitingId: string, edits: MessageEdit[]): Promise<MessageView> {
    return call(editWaiting, { params: { waitingId }, body: { edits } })
  }

  /** @returns whether it was done */
  async #ask(what: () => Promise<DebuggerState>): Promise<boolean> {
    try {
      this.#take(await what())
      return true
    } catch (error) {
      this.onFailure?.(error)
      return false
    }
  }

  #take(state: DebuggerState): void {
    // an answer that a piece of live news has overtaken
    if (state.revision < this.state.revision) return
    const known = new Set(this.state.waiting.map(({ id }) => id))
    this.state = state
    this.#tell()
    const caught = state.waiting.filter(({ id }) => !known.has(id))
    if (caught.length > 0 && !this.#isFirst) this.onCaught?.(caught)
    this.#isFirst = false
  }
  #tell(): void {
    this.#version += 1
    for (const listener of [...this.#listeners]) listener()
  }
}
