/** What must hold before a program may move the machine. */
import { UserError } from '../../../../base/errors.ts'
import type { GuardCore } from '../core.ts'
import { notIdle, positionNotTrusted } from '../refusals.ts'
import { haveSameOffsets, isSameModal, isSamePlace, type Snapshot } from './snapshot.ts'

/** @throws UserError `machine-not-idle`, `position-not-trusted`, `interlock-open` */
export function mayStart(core: GuardCore): void {
  if (core.view.status.state !== 'idle') throw notIdle(core.view)
  const mustBeHomed = core.settings.guarding?.mustBeHomed ?? true
  if (mustBeHomed && !core.view.isPositionTrusted && core.identity?.settings.hasHoming) throw positionNotTrusted()
  core.interlocks.mustBeSafe()
}

/**
 * The tool the program begins with must be the one in the spindle.
 * @param named by the caller, or else by the program before its first cut
 * @throws UserError `wrong-tool`
 */
export function mustHaveTool(core: GuardCore, { expected, named }: { expected: number | undefined; named: number | undefined }): void {
  const wanted = expected ?? named
  const { tool } = core.remembered
  if (wanted === undefined || tool === wanted) return
  // a machine on which nobody has ever said what is in its spindle, and whose program only mentions a number
  if (tool === undefined && expected === undefined && core.settings.guarding?.toolChange === undefined) return
  const known = tool === undefined ? 'it is not known which tool is in the spindle' : `tool ${tool} is in the spindle`
  throw new UserError({
    code: 'wrong-tool',
    message: `The program begins with tool ${wanted}, and ${known}. Put it in and say so, then start the program.`,
    status: 409,
    details: { wanted, ...(tool === undefined ? {} : { tool }) },
  })
}

/** Four decimals of an inch, twice. */
const SAME_LENGTH_MM = 0.006

/** The length that was found for the tool in the spindle is in force. True where none was ever found. */
export function isLengthInForce(core: GuardCore, { memory }: Pick<Snapshot, 'memory'>): boolean {
  const { toolLengthMm } = core.remembered
  return toolLengthMm === undefined || Math.abs((memory.offsetsMm.TLO?.[2] ?? 0) - toolLengthMm) <= SAME_LENGTH_MM
}

/**
 * On a machine whose tools are measured, a reset must not make one tool as long as another without a word.
 * @throws UserError `tool-not-measured`
 */
export function mustHaveLength(core: GuardCore, snapshot: Pick<Snapshot, 'memory'>): void {
  if (core.settings.guarding?.toolChange?.kind !== 'probe-length' || isLengthInForce(core, snapshot)) return
  const length = (value: number | undefined) => `${(value ?? 0).toFixed(3)} mm`
  throw new UserError({
    code: 'tool-not-measured',
    message: `Tool ${core.remembered.tool} was measured at ${length(core.remembered.toolLengthMm)}, and the controller has ${length(snapshot.memory.offsetsMm.TLO?.[2])} now: a reset or a program has cleared it. Measure the tool again, or say that no tool length is to be in force; then start.`,
    status: 409,
  })
}

/** Between the check and the first line nothing may have changed. @throws UserError `machine-changed` */
export function mustBeUnchanged(before: Snapshot, now: Snapshot): void {
  const what = !isSamePlace(before.positionMm, now.positionMm)
    ? 'it stands elsewhere'
    : !haveSameOffsets(before.memory, now.memory)
      ? 'its offsets are others'
      : !isSameModal(before.modal, now.modal)
        ? 'its modes are others'
        : undefined
  if (!what) return
  throw new UserError({
    code: 'machine-changed',
    message: `The machine is not as it was when the program was checked: ${what}. Somebody has used it at the controller or a pendant. Start the program again.`,
    status: 409,
  })
}
