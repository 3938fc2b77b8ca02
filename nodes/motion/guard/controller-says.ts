/** What the controller says, and what follows from it in each phase. */
import type { AlarmText, ControllerMessage, StatusReport } from '../grbl/index.ts'
import { watchAnswers } from './answer-watch.ts'
import type { Connection } from './connection.ts'
import type { GuardCore } from './core.ts'
import { stateText } from './event.ts'
import { lockedOut, stop } from './hold-and-stop.ts'
import { watchHold } from './hold-watch.ts'
import { becomeReady } from './identification.ts'
import { holdIfUnsafe } from './interlock-watch.ts'
import { failJob } from './job/fail.ts'
import { endJobSoon } from './job-end.ts'
import type { JobRun } from './job-run.ts'
import { freeStranded } from './jog-end.ts'
import { ownTimeout } from './own-timeout.ts'
import { connectionOf, runOf, workOf } from './phase.ts'
import { isJumpConfirmed, positionJump } from './position-watch.ts'

/** What a controller says that hears nothing but a reset (grbl 1.1 and grblHAL, report.c). */
const RESET_TO_CONTINUE = 'Reset to continue'

/** Everything but answers and what follows a banner. */
export function onMessage(core: GuardCore, message: ControllerMessage): void {
  switch (message.kind) {
    case 'status':
      onReport(core, message.report)
      break
    case 'alarm':
      onAlarm(core, core.view.setAlarm(message.code, core.facts()), ` (ALARM:${message.code})`)
      break
    case 'banner':
      core.banners.push(message)
      break
    case 'message':
      // behind each critical alarm, whose own line may have been spoilt on the way
      if (message.text === RESET_TO_CONTINUE && !core.view.isLocked) onAlarm(core, core.view.presumeLocked(), '')
      // grblHAL sends an empty one on resume
      if (message.text) core.event('message', message.text)
      break
    default:
      break
  }
}

function onReport(core: GuardCore, report: StatusReport): void {
  const before = core.view.status
  const isInches = core.identity?.settings.isReportingInches ?? false
  core.view.addReport(core.areReportsUnclear ? withoutNumbers(report) : report, { isInches, firmware: core.facts() })
  const { status } = core.view
  if (before.state !== status.state) core.sameStateSince = performance.now()
  if (before.state !== status.state || before.subState !== status.subState) {
    const state = status.subState === undefined ? status.state : `${status.state}:${status.subState}`
    core.journal.append({ kind: 'state', state, positionMm: status.machinePositionMm })
    if (before.state !== status.state) core.event('state', stateText(status.state))
  }
  compareWithBefore(core)
  noticeJump(core, report)
  if (!core.view.isLocked) connectionOf(core.phase)?.setLocked(false)
  const phase = core.phase
  const run = phase.kind === 'job' && phase.run.hasStarted ? phase.run : undefined
  const watched = watchHold(core.hold, report, run !== undefined)
  core.setHold(watched.hold)
  if (phase.kind === 'stopping') phase.control?.step({ kind: 'report', report })
  else {
    // a `!` that comes when the jog has just ended would leave an idle machine in hold; the cancel does nothing then
    if (watched.mustRepeat) connectionOf(phase)?.realtime(report.state === 'jog' ? 'jogCancel' : 'feedHold')
    if (run) followHold(core, run)
    holdIfUnsafe(core)
    checkAnswers(core, report)
    endIfLocked(core)
  }
  readMemoryAgain(core)
  freeStranded(core)
  core.poller?.answered()
}

/** Positions and feeds left out: what is known stays, of a machine that stands. */
function withoutNumbers(report: StatusReport): StatusReport {
  const { machinePosition: _, workPosition: __, workOffset: ___, feed: ____, ...rest } = report
  return rest
}

/** Behind a program or a reset, as soon as the machine is idle and nobody has it. */
function readMemoryAgain(core: GuardCore): void {
  const { phase, identity } = core
  if (!core.isMemoryStale || phase.kind !== 'ready' || !identity || core.view.status.state !== 'idle' || core.hold.kind !== 'none') return
  if (phase.connection.outstandingCount > 0) return
  core.isMemoryStale = false
  // a stop or an alarm came between: the next idle report asks again
  core.readMemory(phase.connection, identity).catch(() => {
    core.isMemoryStale = true
  })
}

/** Feeding follows the machine: M0, a door or a button there hold it as well as we do. */
function followHold(core: GuardCore, run: JobRun): void {
  const { isKeptBack } = core
  if (run.isPaused === isKeptBack) return
  run.isPaused = isKeptBack
  core.view.changed()
  run.feed()
}

/** A controller that is found locked, or stands elsewhere than when a quiet link was lost, is not the one that was left. */
function compareWithBefore(core: GuardCore): void {
  const { state, machinePositionMm } = core.view.status
  if (state === 'alarm' && core.view.isPositionTrusted && core.phase.kind === 'identifying')
    core.setTrust(false, 'The controller was found locked. Home it before anything else moves.')
  const before = core.positionAtLoss
  core.positionAtLoss = undefined
  if (before?.some((value, axis) => Math.abs(value - (machinePositionMm[axis] ?? 0)) > 0.01))
    core.setTrust(false, 'The controller reports another position than before the link was lost. Home it before anything else moves.')
}

/** So many questions may be without an answer that says where it is, before a jump is believed all the same. */
const DOUBT_POLLS = 3

/** A controller that restarted unheard would go on with the program from wherever it believes to be. */
function noticeJump(core: GuardCore, report: StatusReport): void {
  const { positionSeen: before, doubt } = core
  core.positionSeen = undefined
  // one that does not say where it is confirms nothing, and takes nothing back
  if (!report.machinePosition || core.areReportsUnclear) return
  const { state, subState, machinePositionMm } = core.view.status
  const now = { atMs: performance.now(), state, subState, positionMm: machinePositionMm }
  core.positionSeen = now
  const { phase, identity } = core
  const { link } = core.settings
  const facts = {
    maxRateMmPerMin: identity?.settings.maxRateMmPerMin ?? [],
    timeScale: link.kind === 'virtual' ? Math.max(1, link.timeScale) : 1,
    lastAnswerAt: connectionOf(phase)?.lastAnswerAt ?? 0,
    isResuming: core.resuming > 0,
  }
  if (doubt) {
    settleDoubt(core, isJumpConfirmed(doubt, now, facts))
    return
  }
  // homing gives it another position
  const isHoming = state === 'home' || before?.state === 'home' || workOf(phase)?.what === 'homing'
  if (!before || !identity || !whatFeeds(core) || isHoming) return
  const why = positionJump(before, now, facts)
  if (!why) return
  core.setDoubt({ before, jumped: now, why, endWait: ownTimeout(() => settleDoubt(core, true), DOUBT_POLLS * core.timings.pollWaitingMs) })
  core.poller?.now()
}

function settleDoubt(core: GuardCore, isConfirmed: boolean): void {
  // first what throws the lines away that were kept back
  if (core.doubt && isConfirmed) hasJumped(core, core.doubt.why)
  core.setDoubt(undefined)
}

/** What sends lines one after the other by itself. */
function whatFeeds({ phase }: GuardCore): 'jog' | JobRun | undefined {
  if (phase.kind === 'working' && phase.what === 'jogging') return 'jog'
  return phase.kind === 'job' && phase.run.hasStarted ? phase.run : undefined
}

function distrust(core: GuardCore, why: string): void {
  core.setTrust(false, `The machine's position changed by itself: ${why} Home it before anything else moves.`)
}

/** It is held at once, and reset: what it would run from there is not what was checked. */
function hasJumped(core: GuardCore, why: string): void {
  core.breaks += 1
  core.starts += 1
  distrust(core, why)
  // whatever fed may have come to its end since, or its link is gone
  const feeding = whatFeeds(core)
  if (!feeding || !connectionOf(core.phase)?.isOpen) return
  core.event('controller-restarted', `The controller reports another position. ${why} It must have restarted without being heard.`)
  if (feeding === 'jog') stop(core, 'the guard, since the position jumped', false)
  else failJob(core, feeding, `The controller must have restarted unheard at line ${feeding.currentLine}: ${why} Look at the machine, then home it.`)
}

/** After a sleep of this process the answer lies behind a report that was asked for before it; what was asked for since comes behind the answer. */
const LOST_REPORTS = 3

/** Whether every line was answered once, as far as the report tells. */
function checkAnswers(core: GuardCore, report: StatusReport): void {
  const connection = connectionOf(core.phase)
  if (!connection || connection.isAwaitingBanner || core.isProving) return
  const { rxBytes, plannerBlocks } = core.facts()
  const verdict = watchAnswers({
    report,
    rxBytes,
    plannerBlocks,
    outstanding: connection.outstandingTexts(),
    outstandingBytes: connection.outstandingBytes,
    // moves in front of a dwell, and holds, take as long as they take: Grbl dwells as `Idle`, and answers behind it
    silentMs: listenedMs(core, Math.max(connection.lastAnswerAt, core.sameStateSince)),
    dwellMs: connection.outstandingDwellS * 1000 * core.slowness(),
    lostAnswerMs: core.timings.lostAnswerMs,
  })
  const run = runOf(core.phase)
  core.lostReports = verdict === 'lost' ? core.lostReports + 1 : 0
  if (verdict === 'lost') {
    if (core.lostReports < LOST_REPORTS) core.poller?.now()
    else if (run) failJob(core, run, 'The controller stands idle but has not answered every line: an answer was lost on the way, so what was run is uncertain.')
    else connection.forget()
  } else if (verdict === 'doubled' && run?.hasStarted) {
    failJob(
      core,
      run,
      'The controller holds more lines than it has yet to answer: an answer came twice, so its buffer may have run over and a line may be lost.',
    )
  }
}

/** From one report to the next no more than this counts. */
const LISTENED_MS = 300

/** How long it was listened to since then: where no report came for a while, this process slept or the link stood, and no answer could come either. */
function listenedMs(core: GuardCore, from: number): number {
  const now = performance.now()
  const { silence } = core
  const isSame = silence.from === from
  const ms = (isSame ? silence.ms : 0) + Math.min(now - (isSame ? silence.lookedAt : from), LISTENED_MS)
  core.silence = { from, lookedAt: now, ms }
  return ms
}

/** An alarm whose line was lost on the way, or a reset that left it locked: the program would wait for the machine for ever. */
function endIfLocked(core: GuardCore): void {
  const { phase } = core
  // what waits for a person may be unlocked by that person
  if (phase.kind !== 'job' || !phase.run.hasStarted || phase.run.isAsking || core.view.status.state !== 'alarm') return
  // as a rule the alarm's own line is just behind the report
  if (performance.now() - core.sameStateSince < core.timings.lostAnswerMs) return
  core.phase = { kind: 'ready', connection: phase.connection }
  core.setTrust(false, 'The controller is locked and did not say why. Home it before anything else moves.')
  const text = `The controller reports an alarm without having named it, at line ${phase.run.currentLine}. Look at the machine, unlock it, then home it.`
  endJobSoon(core, phase.run, 'failed', text)
}

/** An answer that belongs to no line: somewhere before, one came twice, or two lines were made of one. */
export function onStrayAnswer(core: GuardCore): void {
  const run = runOf(core.phase)
  if (core.phase.kind === 'job' && run?.hasStarted)
    failJob(core, run, 'The controller has answered more lines than it was sent: an answer came twice or a line was cut in two, so what was run is uncertain.')
}

/** @param named its number, where it was heard */
function onAlarm(core: GuardCore, facts: AlarmText, named: string): void {
  if (facts.isPositionLost) core.setTrust(false, `${facts.text}. Home before anything else moves.`)
  const phase = core.phase
  switch (phase.kind) {
    case 'job':
      // a touch that found nothing while a program waits: the person unlocks and tries again
      if (phase.aside && phase.run.isAsking && !facts.isPositionLost && !facts.isCritical) break
      core.phase = { kind: 'ready', connection: phase.connection }
      endJobSoon(core, phase.run, 'failed', `${facts.text}${named}, at line ${phase.run.currentLine}. ${facts.whatToDo}`)
      break
    case 'stopping':
      phase.control?.step({ kind: 'alarm' })
      break
    case 'working':
    case 'identifying':
    case 'ready':
    case 'connecting':
    case 'waiting-for-person':
    case 'closed':
      break
    default:
      phase satisfies never
  }
  // a stop resets it in any case; one that comes behind the reset is seen to at its end
  if (facts.isCritical && phase.kind !== 'stopping') lockedOut(core, connectionOf(phase))
  core.event('alarm', `${facts.text}. ${facts.whatToDo}`)
  core.view.changed()
}

/** @param wasAsked a reset of ours is why the controller started anew */
export function onBanner(core: GuardCore, connection: Connection, wasAsked: boolean): void {
  const { alarm } = core.view
  core.starts += 1
  core.positionSeen = undefined
  // a reset came before another report
  if (core.doubt) distrust(core, core.doubt.why)
  core.setDoubt(undefined)
  core.view.forgetReports()
  core.isMemoryStale = true
  core.restoreAfterUnlock = []
  core.setHold({ kind: 'none' })
  const phase = core.phase
  switch (phase.kind) {
    case 'stopping':
      phase.control?.step({ kind: 'banner' })
      break
    case 'identifying':
      // a board that resets when its port opens; on a first start nothing is known that it could have lost
      if (!wasAsked && (core.connectionsSoFar > 1 || !core.journal.before.isFirstStart)) restarted(core)
      break
    case 'working':
    case 'ready':
    case 'job': {
      if (wasAsked) break
      // Grbl restarts itself after a homing cycle that failed (ALARM:6 to 10)
      const isHomingFailure = phase.kind === 'working' && phase.what === 'homing' && alarm !== undefined && alarm.code > 0
      if (isHomingFailure) core.view.keepAlarm(alarm)
      else restarted(core)
      // lines on the way at the restart would run with the modal state of a fresh controller: G0 in front of every word
      if (phase.kind === 'job' ? phase.run.hasStarted : phase.kind === 'working' && !isHomingFailure) connection.reset()
      becomeReady(core, connection)
      if (phase.kind === 'job') {
        const text = `The controller restarted by itself at line ${phase.run.currentLine}. Its position is not known any more. Look at the machine, then home it.`
        endJobSoon(core, phase.run, 'interrupted', text)
      }
      break
    }
    case 'connecting':
    case 'waiting-for-person':
    case 'closed':
      break
    default:
      phase satisfies never
  }
}

function restarted(core: GuardCore): void {
  core.breaks += 1
  core.setTrust(false, 'The controller restarted. Home it before anything else moves.')
  core.event('controller-restarted', 'The controller restarted without being asked to. Its position is not known any more.')
}
