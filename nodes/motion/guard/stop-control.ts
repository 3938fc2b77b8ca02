/** Carries a stop through: gives each step its time and does what the sequence says. */
import type { Connection } from './connection.ts'
import { beginStop, type StopEvent, type StopSituation, type StopState, type StopStep, stepStop } from './stop-sequence.ts'

export interface StopControlOptions {
  connection: Connection
  situation: StopSituation
  /** Braking from full speed, with a margin, before the reset is sent anyway. */
  brakingMs: number
  bannerMs: number
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
  const { connection, situation, brakingMs, bannerMs, askStatus, onFinished } = options
  let state: StopState | undefined
  let deadline: NodeJS.Timeout | undefined
  let isOver = false

  const limitOf = (name: 'braking' | 'resetting' | 'verifying') => (name === 'braking' ? brakingMs : name === 'resetting' ? bannerMs : bannerMs / 2)
  const apply = (next: StopStep) => {
    const isNewStep = state?.step !== next.state.step
    state = next.state
    for (const action of next.actions) {
      if (!connection.isOpen) return
      if (action === 'write-reset') connection.reset()
      else askStatus()
    }
    if (!isNewStep) return
    clearTimeout(deadline)
    const { step } = next.state
    if (step === 'done' || step === 'failed') {
      isOver = true
      onFinished({ hasAnswered: step === 'done', isPositionKept: next.state.step === 'done' && next.state.isPositionKept })
    } else deadline = setTimeout(() => control.step({ kind: 'deadline' }), limitOf(step))
  }
  const control: StopControl = {
    step(event) {
      if (!isOver && state) apply(stepStop(state, event))
    },
    abandon() {
      isOver = true
      clearTimeout(deadline)
    },
  }
  apply(beginStop(situation))
  return control
}
