/** How long the guard waits for what. Tests shorten some; nothing else changes them. */
export interface GuardTimings {
  /** `?` while something moves or a job runs; GRBL asks for at most 5 a second. */
  pollMovingMs: number
  /** `?` while somebody waits for the next report (hold, stop, resume). */
  pollWaitingMs: number
  pollIdleMs: number
  /** `?` to a machine that stands and that nobody watches. */
  pollUnwatchedMs: number
  /** Unanswered `?` for so long, outside homing and a critical alarm: the link is dead. */
  silenceMs: number
  /** From 0x18 to the banner. */
  bannerMs: number
  /** A reset of a controller in alarm is written again after this. */
  resetRepeatMs: number
  /** After opening a port that resets the controller: how long to listen before the first byte. */
  bootMs: number
  /** Added to the braking time before the reset is sent anyway. */
  brakingMarginMs: number
  /** A line (not homing, not a dwell) unanswered by an idle controller for so long: its answer was lost. */
  lostAnswerMs: number
  identifyMs: number
  reconnectMinMs: number
  reconnectMaxMs: number
  /** State notices are put together for so long. */
  noticeMs: number
  /** Without launcher and gateway for so long, the machine is held. */
  orphanGraceMs: number
}

export const TIMINGS: GuardTimings = {
  pollMovingMs: 200,
  pollWaitingMs: 100,
  pollIdleMs: 1000,
  pollUnwatchedMs: 3000,
  silenceMs: 5000,
  bannerMs: 3000,
  resetRepeatMs: 1200,
  bootMs: 2500,
  brakingMarginMs: 500,
  lostAnswerMs: 10_000,
  identifyMs: 2000,
  reconnectMinMs: 250,
  reconnectMaxMs: 5000,
  noticeMs: 100,
  orphanGraceMs: 1500,
}
