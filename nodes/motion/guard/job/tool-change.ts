/** M6, as the machine's settings say. Nothing but a tool change of its own ever sends M6 to a controller. */
import { setTimeout as pause } from 'node:timers/promises'
import { messageOf, UserError } from '../../../../base/errors.ts'
import type { ToolChange } from '../../machine.ts'
import type { GuardCore } from '../core.ts'
import { letGoOn } from '../hold-and-stop.ts'
import type { GivenAnswer, JobRun } from '../job-run.ts'
import { work } from '../lease.ts'
import { probe } from '../probing/probe.ts'
import { approachRules } from './approach-rules.ts'
import { askUntilDone } from './ask.ts'
import type { Interruption } from './line-queue.ts'
import { isSamePlace, type Snapshot, takeSnapshot } from './snapshot.ts'
import { isLengthInForce } from './start-rules.ts'
import { hasMachine, mustBeGood, mustHaveMachine, mustStandReady, runEmpty, send, sendAll } from './steps.ts'
import { mustFitFromHere, wayBack } from './way-back.ts'

type Stop = Extract<Interruption, { kind: 'stop' }>

/** @returns the motion mode the next move needs in front of it */
export async function changeTool(core: GuardCore, run: JobRun, step: Stop): Promise<string> {
  const policy = core.settings.guarding?.toolChange
  if (!policy || policy.kind === 'controller') throw new UserError({ code: 'tool-change-unknown', message: 'The settings do not say how a tool is changed.' })
  const previous = core.remembered.tool
  const before = await takeSnapshot(core, run.connection)
  mustHaveMachine(core, run)
  // the tool that is asked for is in the spindle already: as long as its length is in force, nothing is to be done
  const isMeasured = core.remembered.toolLengthMm !== undefined && isLengthInForce(core, before)
  if (previous === step.tool && (policy.kind === 'manual' || (policy.kind === 'probe-length' && isMeasured))) return ''
  // nobody reaches for a tool that turns
  if (before.modal.spindle !== 5) await send(core, run, 'M5')
  if (before.modal.isFloodOn || before.modal.isMistOn) await send(core, run, 'M9')
  if (policy.kind === 'macro') return await changeByMacro(core, run, { step, policy, before, previous })
  const parkProblem = policy.parkMm ? await park(core, run, policy.parkMm) : await lift(core, run)
  await runEmpty(core, run)
  return await askForTool(core, run, { step, policy, before, previous, problem: parkProblem })
}

interface Change<P extends ToolChange['kind']> {
  step: Stop
  policy: Extract<ToolChange, { kind: P }>
  before: Snapshot
  previous: number | undefined
  problem?: string | undefined
}

async function askForTool(
  core: GuardCore,
  run: JobRun,
  { step, policy, before, previous, problem }: Change<'manual' | 'probe-length' | 'macro'>,
): Promise<string> {
  const isMeasured = policy.kind === 'probe-length'
  let hasMeasured = false
  const referenceBefore = core.remembered.toolReferenceMm
  // a person may have measured it by hand, or made it the reference
  const isMeasuredAside = () =>
    core.remembered.toolReferenceMm !== referenceBefore || !isSamePlace(core.memory?.offsetsMm.TLO ?? [], before.memory.offsetsMm.TLO ?? [])
  return await askUntilDone({
    core,
    run,
    event: 'tool-change',
    question: {
      kind: 'tool-change',
      text: [
        problem,
        previous === step.tool
          ? `Tool ${step.tool} is in the spindle by what was said last, but its length is not in force.`
          : `Put tool ${step.tool} into the spindle${previous === undefined ? '' : ` in place of tool ${previous}`}${step.note ? ` (${step.note})` : ''}.`,
        isMeasured ? 'Then let it be measured.' : 'Touch it off if its length is another one, then go on.',
        before.modal.spindle === 5 ? undefined : `The spindle starts again at ${before.modal.spindleRpm} rpm when the program goes on.`,
      ]
        .filter(Boolean)
        .join(' '),
      line: step.number,
      tool: step.tool,
      answers: isMeasured ? ['measure-tool', 'go-on', 'stop'] : ['go-on', 'stop'],
    },
    async goOn(given: GivenAnswer) {
      await mustStandReady(core, run)
      if (given.answer === 'measure-tool') {
        core.remembered.setTool(step.tool)
        await measure(core, run, given)
        hasMeasured = true
      } else if (isMeasured && !hasMeasured && !isMeasuredAside()) throw notMeasured(step.tool)
      core.remembered.setTool(step.tool)
      return await wayBack({ core, run, before, onSetOut: () => given.accept() })
    },
  })
}

/** At the setter; the length is set as the difference to the reference. @throws UserError `no-tool-reference`, OperationalError `probe-failed` */
async function measure(core: GuardCore, run: JobRun, given: GivenAnswer): Promise<void> {
  await work(core, { what: 'probing', by: given.by, within: run }, (at) => probe(core, at, { cycle: 'tool-length', isReference: false }))
  mustHaveMachine(core, run)
  await runEmpty(core, run)
}

function notMeasured(tool: number): UserError {
  return new UserError({
    code: 'tool-not-measured',
    message: `Tool ${tool} has not been measured since it was put into the spindle. Measure it first; then the program goes on.`,
    status: 409,
  })
}

/** Up, across, and down to where a person reaches the spindle. @returns why it was left where it is */
async function park(core: GuardCore, run: JobRun, [x, y, z]: readonly [number, number, number]): Promise<string | undefined> {
  const { safeZMm } = approachRules(core)
  const up = Math.max(safeZMm, z, core.view.status.machinePositionMm[2] ?? safeZMm)
  return await goAside(core, run, [`G53G0Z${short(up)}`, `G53G0X${short(x)}Y${short(y)}`, ...(z < up ? [`G53G0Z${short(z)}`] : [])])
}

/** Out of the work, where the settings say how high that is. @returns why it was left where it is */
async function lift(core: GuardCore, run: JobRun): Promise<string | undefined> {
  const safeZMm = core.settings.guarding?.safeZMm
  if (safeZMm === undefined || (core.view.status.machinePositionMm[2] ?? safeZMm) >= safeZMm) return undefined
  return await goAside(core, run, [`G53G0Z${short(safeZMm)}`])
}

async function goAside(core: GuardCore, run: JobRun, moves: readonly string[]): Promise<string | undefined> {
  const lines = ['G21G90G94', ...moves]
  try {
    await mustBeGood(core, run, lines, 'The way to the place where tools are changed')
  } catch (error) {
    if (error instanceof UserError) return `${error.message} The machine was left where it is.`
    throw error
  }
  await sendAll(core, run, lines)
  return undefined
}

/** The lines of the settings, each checked before the first goes out. */
async function changeByMacro(core: GuardCore, run: JobRun, change: Change<'macro'>): Promise<string> {
  const { step, policy, before, previous } = change
  const lines = policy.lines.map((line) => line.replaceAll('{tool}', String(step.tool)).replaceAll('{previous}', String(previous ?? 0)))
  try {
    const bad = lines.find(hasProgramWord)
    if (bad)
      throw new UserError({ code: 'line-refused', message: `The tool change macro holds "${bad}": M0, M1, M2, M6, M30 and $ lines do not belong there.` })
    await sendAll(core, run, await mustBeGood(core, run, lines, 'The tool change macro'))
    await runEmpty(core, run)
    core.remembered.setTool(step.tool)
    return await wayBack({ core, run, before, onSetOut: () => {} })
  } catch (error) {
    mustHaveMachine(core, run)
    const problem = `The tool change macro did not come to its end: ${messageOf(error)}`
    return await askForTool(core, run, { ...change, problem })
  }
}

const hasProgramWord = (line: string) =>
  /^\s*\$/.test(line) || [...bare(line).matchAll(/M(\d+)/g)].some(([, code]) => [0, 1, 2, 6, 30, 60].includes(Number(code)))
const bare = (line: string) =>
  line
    .replace(/\([^)]*\)|;.*$/g, '')
    .replace(/\s+/g, '')
    .toUpperCase()

/**
 * The controller changes the tool. grblHAL goes into its `Tool` state where a person is needed: it is told that this was seen
 * (0xA3), which lets jogs through, and goes on at `~` (grblHAL sender interface, "Manual tool change").
 */
export async function changeByController(core: GuardCore, run: JobRun, step: Extract<Interruption, { kind: 'controller-change' }>): Promise<string> {
  const { connection } = run
  const { line, tool } = step
  const before = await takeSnapshot(core, connection)
  mustHaveMachine(core, run)
  core.interlocks.mustBeSafe()
  let isAnswered = false
  const answer = connection.request(line.text).finally(() => {
    isAnswered = true
  })
  // it is awaited below, whatever happens in between
  answer.catch(() => {})
  while (!isAnswered && core.view.status.state !== 'tool') {
    await Promise.race([answer.catch(() => {}), pause(core.timings.pollWaitingMs)])
    mustHaveMachine(core, run)
  }
  await core.freshReport()
  mustHaveMachine(core, run)
  if (core.view.status.state === 'tool') {
    if (core.facts().dialect === 'grblhal') connection.realtime('toolChangeAck')
    await askUntilDone({
      core,
      run,
      event: 'tool-change',
      question: {
        kind: 'tool-change',
        text: `The controller waits for tool ${tool}${step.note ? ` (${step.note})` : ''}. Change it, then go on: the controller moves back by itself.`,
        line: line.number,
        tool,
        answers: ['go-on', 'stop'],
      },
      async goOn(given) {
        core.interlocks.mustBeSafe()
        await core.freshReport()
        mustHaveMachine(core, run)
        given.accept()
        // somebody may have pressed cycle start at the machine
        if (core.view.status.state !== 'tool') return
        await letGoOn(core, connection, () => hasMachine(core, run))
      },
    })
  }
  const said = await answer
  mustHaveMachine(core, run)
  if (!said.isOk)
    throw new UserError({ code: 'controller-refused', message: `Line ${line.number} "${line.text}" was refused by the controller: ${core.answerText(said)}` })
  await runEmpty(core, run)
  core.remembered.setTool(tool)
  // it may have measured the tool, or stand elsewhere
  await mustFitFromHere(core, run, before)
  return ''
}

/** No exponent, no trailing zeros. */
const short = (value: number) => value.toFixed(4).replace(/\.?0+$/, '')
