/** Carries a probing cycle through: every step checked, the tool brought back when it finds nothing, the modal state put back. */
import { OperationalError, UserError } from '../../../../base/errors.ts'
import type { ActionResult, ProbeCycle, WorkOffsetName } from '../../action.ts'
import { moveTo, mustKnowPlace } from '../actions/move.ts'
import { setOffset, setToolLength } from '../actions/offsets.ts'
import { decimal, mustBeIdle, placeText, readAgain, send } from '../actions/send.ts'
import type { Identity } from '../controller-setup.ts'
import type { GuardCore } from '../core.ts'
import type { WorkAtHand } from '../lease.ts'
import { notIdle, notSupported } from '../refusals.ts'
import { type Limits, limitsOf, longestSafe, obstacleOn, refuseObstacle } from '../safe-path.ts'
import { planCycle } from './cycle.ts'
import { linesToRestore } from './modal-state.ts'
import { axisOf, type CycleOutcome, type CycleStart, LINEAR, type PartialPlace, type Place, type ProbeStep, type StepOutcome } from './steps.ts'
import type { SetterSituation } from './tool-length.ts'

/** `G38.3` touches or not without an alarm, so that the tool can be brought back (grbl 1.1 gcode.c, RS-274/NGC G38). */
const PROBE = 'G38.3'
/** Where something may be in the way, mm/min. */
const FEEL_FEED = 600
/** A touch that is left less room than this by the travel is none. */
const LEAST_TRAVEL_MM = 0.1

/**
 * Runs the cycle from where the tool stands to its end.
 * @throws UserError `not-supported`, `position-not-trusted`, `outside-envelope`, `no-tool-reference`, `stopped`; OperationalError
 * `probe-failed` (nothing touched, something in the way, probe closed at the start), `controller-refused`
 */
export async function probe(core: GuardCore, at: WorkAtHand, cycle: ProbeCycle): Promise<ActionResult> {
  const identity = await mustBeIdle(core)
  mustKnowPlace(core)
  if (core.settings.guarding?.forbiddenCodes?.some((code) => code.startsWith('G38'))) throw notSupported("Probing is forbidden in this machine's settings.")
  await readAgain(core, at)
  await mustBeIdle(core)
  const setter = cycle.cycle === 'tool-length' ? setterOf(core, cycle.isReference) : undefined
  const { machinePositionMm, workOffsetMm } = core.view.status
  const start: CycleStart = { placeMm: three(machinePositionMm), workOffsetMm: three(workOffsetMm) }
  const steps = planCycle(cycle, start, setter)
  const doer = new StepDoer({ core, at, identity, start })
  const restore = linesToRestore(core.memory?.words ?? [], identity.settings.isReportingInches)
  core.restoreAfterUnlock = restore
  let outcome: CycleOutcome
  try {
    outcome = await follow(steps, doer)
  } catch (error) {
    await goBack(doer, error)
    await putBack(core, at, restore)
    throw error
  }
  await putBack(core, at, restore)
  return finish(core, at, cycle, outcome)
}

async function follow(steps: ReturnType<typeof planCycle>, doer: StepDoer): Promise<CycleOutcome> {
  let next = steps.next()
  while (!next.done) next = steps.next(await doer.do(next.value))
  return next.value
}

/** After a touch that found nothing, and after touching what should not be there: back the way it came, then up. */
async function goBack(doer: StepDoer, error: unknown): Promise<void> {
  if (!(error instanceof OperationalError) || error.code !== 'probe-failed') return
  await doer.backOff()
}

/** Modal words as they were. In an alarm nothing is taken: then it is done when the controller is unlocked. */
async function putBack(core: GuardCore, at: WorkAtHand, lines: readonly string[]): Promise<void> {
  if (!at.hasMachine()) {
    // a reset has put everything back to its defaults; a lost link leaves nothing to say it to
    core.restoreAfterUnlock = []
    return
  }
  if (core.view.status.state === 'alarm') return
  core.restoreAfterUnlock = []
  // in a hold they wait in the controller until it is resumed
  for (const line of lines) await at.connection.request(line)
}

async function finish(core: GuardCore, at: WorkAtHand, cycle: ProbeCycle, { result, zeroMm, toolLengthMm, referenceZMm }: CycleOutcome): Promise<ActionResult> {
  await readAgain(core, at)
  const told: string[] = []
  if ('workOffset' in cycle && cycle.workOffset && zeroMm) told.push(await setZero(core, at, cycle.workOffset, zeroMm))
  if (toolLengthMm !== undefined) told.push((await setToolLength(core, at, { lengthMm: toolLengthMm })).text)
  if (referenceZMm !== undefined) {
    core.remembered.setToolReference(referenceZMm)
    core.remembered.setToolLength(core.memory?.offsetsMm.TLO?.[2] ?? 0)
    told.push('The lengths of other tools are measured against this one now.')
  }
  const found = result.foundMm ? `Found ${placeText(Object.entries(result.foundMm))}. ` : ''
  const setText = told.join(' ')
  const full = setText ? { ...result, setText } : result
  core.event('probe', `Probing (${cycle.cycle}) has ended. ${found}${setText}`.trim())
  return { text: `${found}${setText}`.trim() || 'Measured.', probe: full }
}

/** The place becomes 0: what G92 and the tool length add stays as it is. */
async function setZero(core: GuardCore, at: WorkAtHand, workOffset: WorkOffsetName, zeroMm: PartialPlace): Promise<string> {
  const { G92, TLO } = core.memory?.offsetsMm ?? {}
  const offsetMm = Object.fromEntries(
    LINEAR.flatMap((axis) => {
      const place = zeroMm[axis]
      return place === undefined ? [] : [[axis, place - (G92?.[axisOf(axis)] ?? 0) - (TLO?.[axisOf(axis)] ?? 0)]]
    }),
  )
  return (await setOffset(core, at, { workOffset, offsetMm })).text
}

/** @throws UserError `no-tool-reference` */
function setterOf(core: GuardCore, isReference: boolean): SetterSituation | undefined {
  const { guarding, envelopeMm } = core.settings
  if (guarding?.toolChange?.kind !== 'probe-length') return undefined
  const referenceZMm = core.remembered.toolReferenceMm
  if (!isReference && referenceZMm === undefined) {
    throw new UserError({
      code: 'no-tool-reference',
      message:
        'There is no reference for tool lengths yet. Put in the tool that the work zero was set with and measure it as the reference, then measure this one.',
      status: 409,
    })
  }
  return {
    setter: guarding.toolChange.setter,
    safeZMm: guarding.safeZMm ?? envelopeMm.max[2],
    toolLengthMm: core.memory?.offsetsMm.TLO?.[2] ?? 0,
    referenceZMm,
  }
}

const three = ([x = 0, y = 0, z = 0]: readonly number[]): Place => [x, y, z]

/** Does single steps. */
class StepDoer {
  readonly #core: GuardCore
  readonly #at: WorkAtHand
  readonly #identity: Identity
  readonly #start: CycleStart
  readonly #limits: Limits
  readonly #travelFeed: number
  /** Where the step under way began. */
  #before: readonly number[]

  constructor({ core, at, identity, start }: { core: GuardCore; at: WorkAtHand; identity: Identity; start: CycleStart }) {
    this.#core = core
    this.#at = at
    this.#identity = identity
    this.#start = start
    this.#limits = limitsOf(core.settings)
    const { maxRateMmPerMin } = identity.settings
    this.#travelFeed = Math.min(
      core.settings.guarding?.maxFeedMmPerMin ?? Number.POSITIVE_INFINITY,
      ...(maxRateMmPerMin.length ? maxRateMmPerMin.slice(0, 3) : [1000]),
    )
    this.#before = core.view.status.machinePositionMm
  }

  async do(step: ProbeStep): Promise<StepOutcome> {
    this.#before = this.#core.view.status.machinePositionMm
    const limits = 'ignoresKeepOut' in step && step.ignoresKeepOut ? { ...this.#limits, keepOut: [] } : this.#limits
    switch (step.kind) {
      case 'go':
        await this.#go(this.#target(step.to), limits)
        break
      case 'retract':
        await this.#go(this.#asFarAsSafe(this.#target(step.to), limits), limits)
        break
      case 'feel': {
        const target = this.#target(step.to)
        const contact = await this.#feel(target, limits)
        if (contact)
          throw probeFailed('Something was touched where the way should be free. Check where the tool stands, the clearance and the size that was given.')
        break
      }
      case 'touch':
        return { placeMm: this.#place(), contactMm: await this.#touch(step, limits) }
      case 'progress':
        this.#core.event('probe', step.text)
        break
      default:
        step satisfies never
    }
    return { placeMm: this.#place() }
  }

  /** Back to where the step began that failed, then up to the height of the start: ways that were gone before. */
  async backOff(): Promise<void> {
    if (!this.#at.isCurrent() || this.#core.view.status.state !== 'idle') return
    await moveTo(this.#core, this.#at, { to: this.#before, feedMmPerMin: this.#travelFeed })
    const now = this.#core.view.status.machinePositionMm
    const height = this.#start.placeMm[2]
    if ((now[2] ?? 0) < height) await moveTo(this.#core, this.#at, { to: this.#target({ Z: height }), feedMmPerMin: this.#travelFeed })
  }

  #place(): Place {
    return three(this.#core.view.status.machinePositionMm)
  }

  #target(to: PartialPlace): number[] {
    const target = [...this.#core.view.status.machinePositionMm]
    for (const axis of LINEAR) target[axisOf(axis)] = to[axis] ?? target[axisOf(axis)] ?? 0
    return target
  }

  async #go(target: readonly number[], limits: Limits): Promise<void> {
    refuseObstacle(obstacleOn(this.#core.view.status.machinePositionMm, target, limits), 'The cycle was ended')
    await moveTo(this.#core, this.#at, { to: target, feedMmPerMin: this.#travelFeed })
  }

  #asFarAsSafe(target: readonly number[], limits: Limits): number[] {
    const from = this.#core.view.status.machinePositionMm
    const way = from.map((value, axis) => (target[axis] ?? value) - value)
    const length = Math.hypot(...way)
    if (length === 0) return [...target]
    const safe = longestSafe({ from, direction: way.map((part) => part / length), furthest: length, marginMm: 0 }, limits)
    return from.map((value, axis) => value + ((way[axis] ?? 0) * safe) / length)
  }

  async #feel(target: readonly number[], limits: Limits): Promise<Place | undefined> {
    const from = this.#core.view.status.machinePositionMm
    refuseObstacle(obstacleOn(from, target, limits), 'The cycle was ended')
    const way = LINEAR.flatMap((axis): [string, number][] => {
      const by = (target[axisOf(axis)] ?? 0) - (from[axisOf(axis)] ?? 0)
      return Math.abs(by) < 0.0005 ? [] : [[axis, by]]
    })
    return way.length ? this.#probeMove(way, Math.min(FEEL_FEED, this.#travelFeed)) : undefined
  }

  async #touch({ axis, by, feedMmPerMin, what }: Extract<ProbeStep, { kind: 'touch' }>, limits: Limits): Promise<Place> {
    const from = this.#core.view.status.machinePositionMm
    const direction = from.map((_, index) => (index === axisOf(axis) ? Math.sign(by) : 0))
    const room = longestSafe({ from, direction, furthest: Math.abs(by), marginMm: 0 }, limits)
    if (room < Math.min(LEAST_TRAVEL_MM, Math.abs(by))) {
      const beyond = from.map((value, index) => value + (direction[index] ?? 0) * Math.abs(by))
      refuseObstacle(obstacleOn(from, beyond, limits), 'The cycle was ended')
    }
    const contact = await this.#probeMove([[axis, Math.sign(by) * room]], feedMmPerMin)
    if (contact) return contact
    const shortened = room < Math.abs(by) - LEAST_TRAVEL_MM ? ", where the machine's travel or a keep-out box ends" : ''
    throw probeFailed(
      `Nothing was touched within ${decimal(room)} mm on the way to ${what}${shortened}. The tool went back. Check the probe, its plug and where the tool stands.`,
    )
  }

  /** @returns where it touched; undefined when it did not */
  async #probeMove(way: readonly (readonly [string, number])[], feedMmPerMin: number): Promise<Place | undefined> {
    const core = this.#core
    if (core.view.status.pins.includes('P'))
      throw new OperationalError({
        code: 'probe-failed',
        message: 'The probe is closed already, before it has touched anything (pin P is on). Check the probe and its wiring, or move it free.',
        status: 409,
      })
    core.interlocks.mustBeSafe()
    const words = way.map(([letter, by]) => letter + decimal(by)).join('')
    const answer = await send(core, this.#at, `G21G91G94${PROBE}${words}F${decimal(feedMmPerMin)}`)
    await core.freshReport()
    if (core.view.status.state === 'alarm') throw notIdle(core.view)
    this.#at.check()
    // a build that does not push it keeps it for `$#`
    const isProbe = (message: { kind: string }) => message.kind === 'probe'
    const report = answer.messages.find(isProbe) ?? (await send(core, this.#at, '$#')).messages.find(isProbe)
    if (report?.kind !== 'probe')
      throw new OperationalError({
        code: 'probe-failed',
        message: 'The controller did not say where it touched. Check that its firmware reports probing ($10, [PRB:]).',
      })
    const scale = this.#identity.settings.isReportingInches ? 25.4 : 1
    return report.isContact ? three(report.position.map((value) => value * scale)) : undefined
  }
}

function probeFailed(message: string): OperationalError {
  return new OperationalError({ code: 'probe-failed', message, status: 409 })
}
