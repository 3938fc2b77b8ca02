/** Keeps one process alive: starts it, watches it, starts it again with growing pauses, ends it when told. */
import type { Vitals } from '../../base/child.ts'
import { messageOf, UserError } from '../../base/errors.ts'
import type { ProcessInfo } from './contract.ts'
import type { Ending, Life } from './life.ts'
import { within } from './patience.ts'

/** A life that ended although nobody asked for it. */
export interface Crash {
  ending: Ending
  /** It was ended by the launcher because it gave no sign of life. */
  wasHung: boolean
  /** How long until it is started again. */
  againInMs: number
}

export interface KeeperOptions {
  /** As in {@link ProcessInfo}. */
  name: string
  /**
   * Begins a life. What it throws counts as a life that ended at once.
   * @param restarts how many lives there were before
   * @param signal aborted when the process is to end before it has begun
   */
  begin(restarts: number, signal: AbortSignal): Promise<Life>
  timings: KeeperTimings
  /** This many lives that were never ready, and it gives up. @defaultValue for ever */
  tries?: number
  /** Something in {@link Keeper.info} changed. */
  onChange(): void
  onReady?(data: unknown, life: Life): void
  onNote?(data: unknown): void
  onCrash?(crash: Crash): void
  /** Cuts the time to end short. */
  hurry: { signal: AbortSignal; ms: number }
}

export interface KeeperTimings {
  /** No sign of life for so long: it is ended and started again. */
  hangMs: number
  /** The same while it starts. */
  startMs: number
  /** First pause before it is started again; doubles up to `slowestMs`. */
  backoffMs: number
  slowestMs: number
  /** The least pause after a life that ended by itself without an error. */
  cleanPauseMs: number
  /** A life of at least so long makes the pauses short again. */
  steadyMs: number
  /** How long a restart that somebody asked for may take to close. */
  closeMs: number
}

/** A process never became ready, and is not tried again. */
export class GaveUp extends Error {
  /** The message is the process's own and says what to do. */
  readonly isExplained: boolean
  /** The code of what it explained. */
  readonly code: string | undefined
  constructor(ending: Ending) {
    super(ending.cannotStart ?? ending.text)
    this.code = ending.code
    this.isExplained = ending.cannotStart !== undefined
  }
}

/** From when on a silence is told to people. */
const SILENCE_TOLD_MS = 5000

export class Keeper {
  readonly name: string
  /** Resolves with what the process told when it was ready for the first time; rejects when it gave up before that. */
  readonly firstReady: Promise<unknown>
  #options: KeeperOptions
  #state: ProcessInfo['state'] = 'starting'
  #text: string | undefined
  #vitals: Partial<Vitals> = {}
  #since: string | undefined
  #lastEnd: ProcessInfo['lastEnd']
  #restarts = 0
  #life: Life | undefined
  #loop: Promise<void>
  #isEnding = false
  #end = new AbortController()
  #isAskedToRestart = false
  #isHung = false
  #isReady = false
  #wasEverReady = false
  #lastSignAt = performance.now()
  #closeMs: number
  #wake: () => void = () => {}
  #settleFirst: { resolve: (data: unknown) => void; reject: (error: Error) => void } = { resolve: () => {}, reject: () => {} }

  constructor(options: KeeperOptions) {
    this.#options = options
    this.name = options.name
    this.#closeMs = options.timings.closeMs
    this.firstReady = new Promise((resolve, reject) => {
      this.#settleFirst = { resolve, reject }
    })
    // whoever does not wait for it learns of the failure from the state
    this.firstReady.catch(() => {})
    this.#loop = this.#run()
  }

  get info(): ProcessInfo {
    const life = this.#life
    return {
      name: this.name,
      ...(life ? { pid: life.pid } : {}),
      state: this.#state,
      restarts: this.#restarts,
      ...(life ? { ...this.#vitals, ...(this.#since === undefined ? {} : { since: this.#since }) } : {}),
      ...(life?.givesSigns && this.#isReady ? { silentMs: Math.round(performance.now() - this.#lastSignAt) } : {}),
      ...(this.#text === undefined ? {} : { text: this.#text }),
      ...(this.#lastEnd === undefined ? {} : { lastEnd: this.#lastEnd }),
    }
  }

  get isRunning(): boolean {
    return this.#state === 'running'
  }

  note(data: unknown): boolean {
    return this.#life?.note(data) ?? false
  }

  /** Looks whether the process still gives signs of life. Called about once a second. */
  look(): void {
    const life = this.#life
    if (!life?.givesSigns || this.#isEnding || this.#isAskedToRestart) return
    const silentMs = performance.now() - this.#lastSignAt
    const { hangMs, startMs } = this.#options.timings
    if (silentMs > (this.#isReady ? hangMs : startMs)) {
      this.#isHung = true
      life.kill()
      return
    }
    if (this.#isReady && silentMs > SILENCE_TOLD_MS) this.#tell(this.#state, `gives no sign of life for ${Math.floor(silentMs / 1000)} s: something blocks it`)
  }

  /** This computer slept, or the launcher did: the silence was ours. */
  forgive(): void {
    this.#lastSignAt = performance.now()
  }

  /** Ends this life and begins another at once; does not count as a crash. */
  restart(): void {
    if (this.#isEnding) return
    this.#isAskedToRestart = true
    this.#wake()
    const life = this.#life
    if (life) void this.#close(life, this.#options.timings.closeMs)
  }

  /** Ends the process, by force after `deadlineMs`. Resolves when it is gone. */
  async end(deadlineMs: number): Promise<void> {
    this.#isEnding = true
    this.#closeMs = deadlineMs
    this.#end.abort()
    this.#wake()
    const life = this.#life
    if (life) await this.#close(life, deadlineMs)
    await this.#loop
  }

  async #run(): Promise<void> {
    const { begin, timings, tries, onCrash } = this.#options
    let unready = 0
    let inARow = 0
    while (!this.#isEnding) {
      this.#tell('starting', this.#text)
      this.#isAskedToRestart = false
      this.#isHung = false
      this.#isReady = false
      this.#vitals = {}
      const bornAt = performance.now()
      let ending: Ending
      try {
        const life = await begin(this.#restarts, this.#end.signal)
        ending = await this.#live(life)
      } catch (error) {
        ending = { text: messageOf(error), isClean: false }
        const { kind, code } = error as { kind?: unknown; code?: unknown }
        if (kind === 'user') ending = { ...ending, cannotStart: ending.text, ...(typeof code === 'string' ? { code } : {}) }
      }
      this.#life = undefined
      if (this.#isEnding) break
      unready += 1
      if (!this.#wasEverReady && tries !== undefined && (unready >= tries || ending.cannotStart !== undefined)) {
        this.#tell('failed', ending.cannotStart ?? ending.text)
        this.#settleFirst.reject(new GaveUp(ending))
        return
      }
      this.#restarts += 1
      if (this.#isAskedToRestart) {
        this.#text = undefined
        continue
      }
      inARow = performance.now() - bornAt >= timings.steadyMs ? 1 : inARow + 1
      // one that ended by itself in good order was told to by somebody else (the gateway ends the guard of a machine it removes)
      const shortestMs = ending.isClean ? timings.cleanPauseMs : 0
      const againInMs = Math.max(shortestMs, Math.min(timings.slowestMs, timings.backoffMs * 2 ** (inARow - 1)))
      const wasHung = this.#isHung
      const text = wasHung ? 'it gave no sign of life and was ended' : (ending.cannotStart ?? ending.text)
      this.#lastEnd = { text, at: new Date().toISOString() }
      onCrash?.({ ending: { ...ending, text }, wasHung, againInMs })
      this.#tell('restarting', text)
      await this.#sleep(againInMs)
    }
    this.#text = undefined
    this.#tell('stopped')
    this.#settleFirst.reject(new UserError({ code: 'stopped', message: 'Stopped before everything was started.' }))
  }

  async #live(life: Life): Promise<Ending> {
    const { onReady, onNote } = this.#options
    this.#life = life
    this.#since = new Date().toISOString()
    this.#lastSignAt = performance.now()
    this.#options.onChange()
    life.onSign((vitals) => {
      this.#lastSignAt = performance.now()
      // a note is a sign of life too, and measures nothing
      if (vitals.lagMs !== undefined) this.#vitals = vitals
      if (this.#isReady && this.#text !== undefined) this.#tell('running')
    })
    if (onNote) life.onNote(onNote)
    life.ready.then((data) => {
      if (this.#life !== life) return
      this.#isReady = true
      this.#wasEverReady = true
      this.#tell('running')
      onReady?.(data, life)
      this.#settleFirst.resolve(data)
    })
    // asked while it was being born
    if (this.#isEnding || this.#isAskedToRestart) void this.#close(life, this.#closeMs)
    return life.ended
  }

  #close(life: Life, deadlineMs: number): Promise<void> {
    return closeLife(life, deadlineMs, this.#options.hurry)
  }

  #tell(state: ProcessInfo['state'], text?: string): void {
    if (this.#state === state && this.#text === text) return
    this.#state = state
    this.#text = text
    this.#options.onChange()
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** Asks a process to end, and ends it by force after the deadline. Resolves when it is gone. */
export async function closeLife(life: Life, deadlineMs: number, hurry?: { signal: AbortSignal; ms: number }): Promise<void> {
  life.shutdown()
  if (!(await within(life.ended, deadlineMs, hurry))) life.kill()
  await life.ended
}
