/** Carries a stop through: gives each step its time and does what the sequence says. */
import type { Connection } from './connection.ts'
import { ownTimeout } from './own-timeout.ts'
import { beginStop, type StopEvent, type StopSituation, type StopState, type StopStep, stepStop } from './stop-sequence.ts'

export interface StopControlOptions {
  connection: Connection
  situation: StopSituation
  /** Braking from full speed, with a margin, before the reset is sent anyway. */
  brakingMs: number
  bannerMs: number
  /** The same for a controller in alarm, which may not have heard the reset. */
  repeatMs: number
  askStatus: () => void
  /** Told once. */
  onFinished: (result: { hasAnswered: boolean; isPositionKept: boolean }) => void
}

export interface StopControl {
  step(event: StopEvent): void
  /** The link is gone or the guard ends: nothing more is to be waited for. */
  abandon(): void
}

export function runStop(options: StopControlOptions): StopControl {
  const { connection, situation, brakingMs, bannerMs, repeatMs, askStatus, onFinished } = options
  let state: StopState | undefined
  let giveUpDeadline = () => {}
  let isOver = false

  const limitOf = (now: Exclude<StopState, { step: 'done' | 'failed' }>) => {
    if (now.step === 'braking') return brakingMs
    if (now.step === 'verifying') return bannerMs / 2
    // twice where no alarm is known of, so that the verdict comes within `bannerMs`
    return now.wasInAlarm || now.hadAlarm ? repeatMs : bannerMs / 2
  }
  const apply = (next: StopStep) => {
    const isNewStep = state?.step !== next.state.step || repeatsOf(state) !== repeatsOf(next.state)
    state = next.state
    for (const action of next.actions) {
      if (!connection.isOpen) return
      if (action === 'write-reset') connection.reset()
      else askStatus()
    }
    if (!isNewStep) return
    giveUpDeadline()
    const now = next.state
    if (now.step === 'done' || now.step === 'failed') {
      isOver = true
      onFinished({ hasAnswered: now.step === 'done', isPositionKept: now.step === 'done' && now.isPositionKept })
    } else giveUpDeadline = ownTimeout(() => control.step({ kind: 'deadline' }), limitOf(now))
  }
  const control: StopControl = {
    step(event) {
      if (!isOver && state) apply(stepStop(state, event))
    },
    abandon() {
      isOver = true
      giveUpDeadline()
    },
  }
  apply(beginStop(situation))
  return control
}

const repeatsOf = (state: StopState | undefined): number => (state?.step === 'resetting' ? (state.repeats ?? 0) : 0)
