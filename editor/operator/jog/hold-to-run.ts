/**
 * Hold to run: the machine moves while a finger is on the button, and for no other reason. The panel beats; the guard ends the jog
 * by itself when beats stay away, whatever happened to the finger, the page, the browser, the network or this program. No DOM:
 * `jog-pad.tsx` ends it for what a page can notice.
 */

/** The guard ends the jog so long after the last beat: the cancel byte is on the wire well within 250 ms. */
export const JOG_TTL_MS = 150
/** Several chances within the time to live, also over a slow radio. */
export const BEAT_EVERY_MS = 40
/** Answers that may be out at once: a line that swallows them is lost, and must not be filled up. */
const MOST_BEATS_OUT = 4

export interface JogLine {
  /** @returns the token of the jog; rejects when the machine does not take it */
  start(): Promise<{ token: number }>
  beat(token: number): Promise<unknown>
  end(token: number): Promise<unknown>
}

export type HoldState =
  | { kind: 'ready' }
  /** Asked for, not moving yet. */
  | { kind: 'starting' }
  | { kind: 'running' }
  /** It ended without the finger: in words. */
  | { kind: 'ended'; why: string }

export interface Hold {
  readonly state: HoldState
  /** The finger is down. A second one does nothing. */
  press(line: JogLine): void
  /** The finger is up, or whatever else must end it. Always safe to call. */
  release(): void
}

interface Run {
  line: JogLine
  token: number | undefined
  isReleased: boolean
  timer: ReturnType<typeof setInterval> | undefined
  beatsOut: number
}

/** @param onChange told of every new state */
export function createHold(onChange: (state: HoldState) => void): Hold {
  let state: HoldState = { kind: 'ready' }
  let run: Run | undefined
  const become = (next: HoldState) => {
    state = next
    onChange(next)
  }

  const finish = (ending: Run, next: HoldState) => {
    clearInterval(ending.timer)
    if (run !== ending) return
    run = undefined
    become(next)
  }
  /** One that cannot be sent is not tried again: the guard ends the jog without it. */
  const endJog = ({ line, token }: Run) => {
    if (token !== undefined) line.end(token).catch(() => undefined)
  }
  const beat = (beating: Run) => {
    const { token } = beating
    if (token === undefined || beating.beatsOut >= MOST_BEATS_OUT) return
    beating.beatsOut += 1
    beating.line.beat(token).then(
      () => {
        beating.beatsOut -= 1
      },
      (error: Error) => {
        endJog(beating)
        finish(beating, { kind: 'ended', why: error.message })
      },
    )
  }

  return {
    get state() {
      return state
    },
    press(line) {
      if (run) return
      const mine: Run = { line, token: undefined, isReleased: false, timer: undefined, beatsOut: 0 }
      run = mine
      become({ kind: 'starting' })
      line.start().then(
        ({ token }) => {
          mine.token = token
          // the finger was faster than the answer: it never moves on
          if (mine.isReleased) return endJog(mine)
          mine.timer = setInterval(() => beat(mine), BEAT_EVERY_MS)
          beat(mine)
          if (run === mine) become({ kind: 'running' })
        },
        (error: Error) => finish(mine, { kind: 'ended', why: error.message }),
      )
    },
    release() {
      const ending = run
      if (!ending) return
      ending.isReleased = true
      endJog(ending)
      finish(ending, { kind: 'ready' })
    },
  }
}
