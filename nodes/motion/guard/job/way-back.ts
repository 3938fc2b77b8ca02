/**
 * Back to the program after an interruption: whatever a person or a tool change has disturbed - place, modes, spindle,
 * coolant, offsets - is seen in what the controller says of itself, the rest of the program is checked anew where
 * offsets are others, and everything is put back before the next line goes out.
 */
import { fromErrorMessage, OperationalError } from '../../../../base/errors.ts'
import { approach } from '../check/approach.ts'
import type { TailOrder } from '../check/contract.ts'
import { inWorker } from '../check/thread.ts'
import type { GuardCore } from '../core.ts'
import type { JobRun } from '../job-run.ts'
import { approachRules } from './approach-rules.ts'
import { differingModes, haveSameOffsets, isSameModal, isSamePlace, modelOf, offsetOf, type Snapshot, takeSnapshot } from './snapshot.ts'
import { mustHaveMachine, runEmpty, sendAll } from './steps.ts'

export interface WayBackOptions {
  core: GuardCore
  run: JobRun
  /** The controller when the program was interrupted. */
  before: Snapshot
  /** Everything is in order and the machine is about to move. */
  onSetOut: () => void
}

/**
 * @returns the motion mode the next move of the program needs in front of it; empty where nothing was disturbed
 * @throws UserError what the check of the rest says; OperationalError `not-restored`
 */
export async function wayBack({ core, run, before, onSetOut }: WayBackOptions): Promise<string> {
  const now = await takeSnapshot(core, run.connection)
  mustHaveMachine(core, run)
  const haveOffsetsChanged = !haveSameOffsets(before.memory, now.memory)
  const target = haveOffsetsChanged ? placeToReturnTo(core, before, now) : before.positionMm
  if (!haveOffsetsChanged && isSamePlace(now.positionMm, target) && isSameModal(before.modal, now.modal)) {
    onSetOut()
    return ''
  }
  const model = modelOf(core, now, run.blockDelete)
  const motion = tenthsOf(run.motionOwed) ?? before.modal.motion
  const to = { modal: { ...before.modal, motion, tool: model.modal.tool, selectedTool: now.modal.selectedTool }, positionMm: target }
  const { lines, motionWord } = approach({
    from: { modal: now.modal, positionMm: now.positionMm },
    to,
    rules: approachRules(core),
    axisCount: model.dialect.axisCount,
  })
  const texts = lines.map(({ text }) => text)
  await checkRest(core, run, { model, lines: texts, expected: to })
  core.interlocks.mustBeSafe()
  onSetOut()
  if (haveOffsetsChanged) core.programs.runs({ sha256: run.request.sha256, offsetsMm: { ...now.memory.offsetsMm } })
  await sendAll(core, run, texts)
  await runEmpty(core, run)
  await mustBeRestored(core, run, to)
  return motionWord
}

/**
 * The controller has done something by itself (a tool change), and the program goes on from where that left the machine: with
 * other offsets or in another place the rest is checked anew.
 * @throws UserError what the check of the rest says
 */
export async function mustFitFromHere(core: GuardCore, run: JobRun, before: Snapshot): Promise<void> {
  const now = await takeSnapshot(core, run.connection)
  mustHaveMachine(core, run)
  const haveOffsetsChanged = !haveSameOffsets(before.memory, now.memory)
  if (!haveOffsetsChanged && isSamePlace(before.positionMm, now.positionMm) && isSameModal(before.modal, now.modal)) return
  const model = modelOf(core, now, run.blockDelete)
  await checkRest(core, run, { model, lines: [], expected: { modal: { ...model.modal }, positionMm: Array.from(model.positionMm) } })
  if (haveOffsetsChanged) core.programs.runs({ sha256: run.request.sha256, offsetsMm: { ...now.memory.offsetsMm } })
}

async function checkRest(core: GuardCore, run: JobRun, from: Pick<TailOrder, 'model' | 'lines' | 'expected'>): Promise<void> {
  const rest = await run.rest()
  mustHaveMachine(core, run)
  if (!rest) return
  const { refusal } = await inWorker({ kind: 'tail', ...rest, ...from }, run.abort.signal)
  mustHaveMachine(core, run)
  if (refusal) throw fromErrorMessage(refusal)
  run.checkedFrom({ ...rest, model: { ...from.model, modal: from.expected.modal, positionMm: from.expected.positionMm } })
}

/** `G38.2` as 382. */
function tenthsOf(word: string): number | undefined {
  return word === '' ? undefined : Math.round(Number(word.slice(1)) * 10)
}

/**
 * Where the tool goes back to. A tool change moves nothing by itself, so this is the place in the machine where the program
 * was interrupted. With a longer tool the tip would be lower there than the program meant it to be: then Z is that of
 * the same place in the work, as far as the travel allows it. In incremental mode, too: its steps are meant from there.
 */
function placeToReturnTo(core: GuardCore, before: Snapshot, now: Snapshot): number[] {
  const place = [...before.positionMm]
  const then = offsetOf(before.memory, before.modal.workOffset)
  const today = offsetOf(now.memory, before.modal.workOffset)
  const raised = (place[2] ?? 0) - (then[2] ?? 0) + (today[2] ?? 0)
  place[2] = Math.max(place[2] ?? 0, Math.min(raised, core.settings.envelopeMm.max[2]))
  return place
}

/** What the controller says must be what the program expects; its motion mode comes with the next move. */
async function mustBeRestored(core: GuardCore, run: JobRun, to: { modal: Snapshot['modal']; positionMm: readonly number[] }): Promise<void> {
  const now = await takeSnapshot(core, run.connection)
  mustHaveMachine(core, run)
  const others = differingModes(to.modal, { ...now.modal, motion: to.modal.motion })
  if (others.length === 0 && isSamePlace(now.positionMm, to.positionMm)) return
  const what = others.length > 0 ? `its modes differ (${others.join(', ')})` : 'it stands in another place'
  throw new OperationalError({ code: 'not-restored', message: `The machine is not as the program left it: ${what}. Look at it, then go on or stop.` })
}
