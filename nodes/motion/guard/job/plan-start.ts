/** Works out what a start in mid-program would do first, for a person to look at. Nothing moves. */
import { rm } from 'node:fs/promises'
import { fromErrorMessage, UserError } from '../../../../base/errors.ts'
import type { ModalState } from '../../gcode/index.ts'
import type { StartPlan } from '../../program.ts'
import type { PlannedStart } from '../check/contract.ts'
import { inWorker } from '../check/thread.ts'
import { writtenFile } from '../check-program.ts'
import type { ControllerMemory } from '../controller-setup.ts'
import type { GuardCore } from '../core.ts'
import { work } from '../lease.ts'
import { approachRules } from './approach-rules.ts'
import { fingerprint, isSamePlace, modelOf, takeSnapshot } from './snapshot.ts'
import { mayStart } from './start-rules.ts'

export interface PlanRequest {
  path: string
  sha256: string
  programName: string
  fromLine: number
  by: string
  blockDelete?: boolean
}

/**
 * @throws UserError `machine-busy`, `machine-not-idle`, `position-not-trusted`, `interlock-open`, `line-not-found`,
 * `start-line-unsafe` (`details.goodLines`), and what the check says
 */
export async function planStart(core: GuardCore, { path, sha256, programName, fromLine, by, blockDelete = false }: PlanRequest): Promise<StartPlan> {
  core.journal.append({ kind: 'request', what: 'plan start', by, text: `${programName} from line ${fromLine}` })
  const snapshot = await work(core, { what: 'command', by }, async ({ connection }) => {
    await core.freshReport()
    mayStart(core)
    return await takeSnapshot(core, connection)
  })
  const model = modelOf(core, snapshot, blockDelete)
  const writeTo = writtenFile(core.journal.dir)
  try {
    const order = { kind: 'plan', path, sha256, model, writeTo, fromLine, approach: approachRules(core) } as const
    const { plan, refusal } = await inWorker(order, new AbortController().signal)
    if (refusal) throw fromErrorMessage(refusal)
    if (!plan) throw new Error('a plan without a refusal is missing')
    const warnings = [...offsetWarnings(core, sha256, snapshot.memory), ...plan.warnings]
    const kept = core.startPlans.add({ sha256, blockDelete, fingerprint: fingerprint(core, snapshot, core.identified()), fromLine, plan })
    return { ...shown(plan, kept), warnings }
  } finally {
    await rm(writeTo, { force: true })
  }
}

/**
 * What is another offset than when this program ran last.
 * @throws UserError `tool-not-measured` on a machine whose tools are measured
 */
function offsetWarnings(core: GuardCore, sha256: string, { offsetsMm }: ControllerMemory): string[] {
  const { ranWith } = core.programs
  if (ranWith?.sha256 !== sha256) return []
  const differing = Object.entries(ranWith.offsetsMm).filter(([name, then]) => !isSamePlace(then, offsetsMm[name] ?? []))
  const text = (values: readonly number[] = []) => values.map((value) => value.toFixed(3)).join(', ')
  if (core.settings.guarding?.toolChange?.kind === 'probe-length' && differing.some(([name]) => name === 'TLO'))
    throw new UserError({
      code: 'tool-not-measured',
      message: `While the program ran the tool length was ${text(ranWith.offsetsMm.TLO)} mm, and the controller has ${text(offsetsMm.TLO)} mm now: a reset clears it. Measure the tool in the spindle, then have the start worked out again.`,
      status: 409,
    })
  return differing.map(
    ([name, then]) =>
      `${name === 'TLO' ? 'The tool length' : name} was ${text(then)} mm while the program ran, and is ${text(offsetsMm[name])} mm now.${['TLO', 'G92'].includes(name) ? ' A reset clears it: set it again unless you mean it.' : ''}`,
  )
}

function shown(plan: PlannedStart, { planId, expiresAt }: { planId: string; expiresAt: number }): Omit<StartPlan, 'warnings'> {
  const { modal } = plan
  return {
    planId,
    fromLine: plan.line,
    lines: plan.lines,
    approachMm: plan.approachMm,
    modal: modalWords(modal),
    tool: modal.tool,
    spindle: { turn: modal.spindle === 5 ? 'off' : modal.spindle === 3 ? 'cw' : 'ccw', rpm: modal.spindleRpm },
    expiresAt: new Date(expiresAt).toISOString(),
  }
}

function modalWords(modal: ModalState): string[] {
  const code = (tenths: number) => `G${tenths % 10 === 0 ? tenths / 10 : (tenths / 10).toFixed(1)}`
  return [
    code(modal.motion),
    code(modal.plane),
    modal.isInches ? 'G20' : 'G21',
    modal.isIncremental ? 'G91' : 'G90',
    code(modal.feedMode),
    ['G54', 'G55', 'G56', 'G57', 'G58', 'G59', 'G59.1', 'G59.2', 'G59.3'][modal.workOffset] ?? 'G54',
    `M${modal.spindle}`,
    ...(modal.isMistOn ? ['M7'] : []),
    ...(modal.isFloodOn ? ['M8'] : []),
    ...(!modal.isMistOn && !modal.isFloodOn ? ['M9'] : []),
    `T${modal.selectedTool}`,
    `F${modal.feed}`,
    `S${modal.spindleRpm}`,
  ]
}
