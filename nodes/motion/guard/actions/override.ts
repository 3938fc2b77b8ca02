/**
 * Overrides. GRBL has no byte for "130 %", only steps, and two equal bytes that come close together may count once: so the
 * way from what is reported to what is wanted is worked out, written, and looked at in the next report.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { OperationalError } from '../../../../base/errors.ts'
import type { ActionResult } from '../../action.ts'
import type { RealtimeName } from '../../grbl/index.ts'
import type { GuardCore } from '../core.ts'
import { decimal } from './send.ts'

interface Overrides {
  feed: number
  rapid: number
  spindle: number
}

/** Between two bytes: the firmware's main loop must have seen the first one (grbl 1.1 system.c keeps one flag for each). */
const GAP_MS = 12
const MAX_ROUNDS = 6
/** Reports in which the change must show: the first may be older than the byte. */
const REPORTS_PER_ROUND = 3
/** Unchanged ones are named in every 10th or 20th report only (grbl 1.1 report.c). */
const REPORTS_UNTIL_NAMED = 21

/**
 * The bytes from one value to another: at most ten. Pure.
 * @param now undefined where it is not known
 */
export function stepsTo(kind: 'feed' | 'spindle', now: number | undefined, wanted: number): RealtimeName[] {
  const direct = now === undefined ? undefined : stepsFrom(kind, now, wanted)
  const by100: RealtimeName[] = [`${kind}100`, ...stepsFrom(kind, 100, wanted)]
  return direct && direct.length <= by100.length ? direct : by100
}

function stepsFrom(kind: 'feed' | 'spindle', now: number, wanted: number): RealtimeName[] {
  const difference = wanted - now
  let tens = Math.trunc(difference / 10)
  // 9 up is 10 up and 1 down, as long as that stays in the range the controller keeps to
  const rest = difference - tens * 10
  const past = now + (tens + Math.sign(rest)) * 10
  if (Math.abs(rest) > 5 && past >= 10 && past <= 200) tens += Math.sign(rest)
  const ones = difference - tens * 10
  const many = (count: number, plus: RealtimeName, minus: RealtimeName) => Array.from({ length: Math.abs(count) }, () => (count > 0 ? plus : minus))
  return [...many(tens, `${kind}Plus10`, `${kind}Minus10`), ...many(ones, `${kind}Plus1`, `${kind}Minus1`)]
}

const RAPID: Record<25 | 50 | 100, RealtimeName> = { 25: 'rapid25', 50: 'rapid50', 100: 'rapid100' }

/** @throws OperationalError `link-down`, `override-failed`; UserError `not-supported` before the controller said what it is */
export async function setOverrides(core: GuardCore, wanted: { feed?: number; rapid?: 25 | 50 | 100; spindle?: number }): Promise<ActionResult> {
  const connection = core.connected()
  core.identified()
  core.overrideTurn += 1
  const turn = core.overrideTurn
  const { starts } = core
  const failUnlessSameStart = () => {
    // a byte behind a reset would count on top of what that sets back
    if (core.starts !== starts || connection.isAwaitingBanner)
      throw failed('The controller was reset meanwhile, which sets its overrides back to 100 %. Ask again when it is ready.')
  }
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const now = core.view.hasOverrides ? core.view.status.overridesPercent : undefined
    const bytes: RealtimeName[] = []
    if (wanted.rapid !== undefined && now?.rapid !== wanted.rapid) bytes.push(RAPID[wanted.rapid])
    for (const kind of ['feed', 'spindle'] as const) {
      const goal = wanted[kind]
      if (goal !== undefined && now?.[kind] !== goal) bytes.push(...stepsTo(kind, now?.[kind], goal))
    }
    if (bytes.length === 0) return { text: described(wanted) }
    for (const byte of bytes) {
      failUnlessSameStart()
      connection.realtime(byte)
      await pause(GAP_MS)
      failUnlessSameStart()
      // a later wish counts
      if (core.overrideTurn !== turn) return { text: 'Another override was asked for meanwhile.' }
    }
    const patience = core.view.hasOverrides ? REPORTS_PER_ROUND : REPORTS_UNTIL_NAMED
    for (let reports = 0; reports < patience && !isReached(core, wanted); reports += 1) {
      await core.freshReport()
      failUnlessSameStart()
      if (!connection.isOpen) core.connected()
    }
  }
  if (isReached(core, wanted)) return { text: described(wanted) }
  const { feed, rapid, spindle } = core.view.status.overridesPercent
  throw failed(
    `The controller did not take on the override: it reports feed ${feed} %, rapid ${rapid} %, spindle ${spindle} %. Overrides may be switched off there.`,
  )
}

const failed = (message: string) => new OperationalError({ code: 'override-failed', message, status: 409 })

function isReached(core: GuardCore, wanted: Partial<Overrides>): boolean {
  const now = core.view.status.overridesPercent
  return core.view.hasOverrides && (['feed', 'rapid', 'spindle'] as const).every((kind) => wanted[kind] === undefined || wanted[kind] === now[kind])
}

function described(wanted: Partial<Overrides>): string {
  const parts = (['feed', 'rapid', 'spindle'] as const).flatMap((kind) => (wanted[kind] === undefined ? [] : [`${kind} ${decimal(wanted[kind] ?? 100, 0)} %`]))
  return parts.length ? `Overrides: ${parts.join(', ')}.` : 'No override was named.'
}
