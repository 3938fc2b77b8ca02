/** Readings of gauges on their way to whoever measures at a panel: the newest of each, in memory; flows get theirs as events. */
import { type Static, Type } from 'typebox'
import { newId } from '../../base/ids.ts'
import { checker } from '../../base/schema.ts'
import { type GaugeLine, GaugeReading } from '../api/index.ts'
import type { LiveHub } from '../http/live-hub.ts'

/** The connector whose events are readings. */
export const GAUGE_CONNECTOR = 'serial-gauge'

const Read = checker(Type.Omit(GaugeReading, ['id']))
const Refused = Type.Object({
  refused: Type.Object({ code: Type.String(), text: Type.String(), blanks: Type.Optional(Type.Object({ line: Type.Optional(Type.Unknown()) })) }),
  at: Type.String(),
})
const NotRead = checker(Refused)

interface Heard {
  key: string
  payload: unknown
}

export interface GaugeLines {
  /** Events of a connection of {@link GAUGE_CONNECTOR}; told again after a fault, one is shown once. */
  heard(connectionId: string, events: readonly Heard[]): void
  /** What a gauge said to whoever asked: shown as what it says by itself. */
  answered(connectionId: string, payload: unknown): GaugeReading
  /** Which there are, or how they are, has changed. */
  changed(): void
}

export function createGaugeLines(deps: {
  live: Pick<LiveHub, 'provide' | 'publish'>
  /** The connections to gauges that are switched on, with whether they run. */
  lines: () => { connectionId: string; name: string; isThere: boolean }[]
}): GaugeLines {
  const { live, lines } = deps
  const newest = new Map<string, Pick<GaugeLine, 'reading' | 'refused'>>()
  /** As told last, to tell only of what changed. */
  let told = new Map<string, string>()
  const seen = new Set<string>()

  const all = (): GaugeLine[] => lines().map((line) => ({ ...line, ...newest.get(line.connectionId) }))
  const publish = () => {
    const now = all()
    for (const line of now) {
      const text = JSON.stringify(line)
      if (told.get(line.connectionId) !== text) live.publish('gauge-lines', line)
      told.set(line.connectionId, text)
    }
    const there = new Set(now.map(({ connectionId }) => connectionId))
    for (const [connectionId, text] of told) {
      if (there.has(connectionId)) continue
      live.publish('gauge-lines', { ...(JSON.parse(text) as GaugeLine), isThere: false })
      told.delete(connectionId)
    }
    told = new Map(told)
  }
  live.provide('gauge-lines', all)
  return {
    heard(connectionId, events) {
      for (const { key, payload } of events) {
        if (seen.has(key)) continue
        seen.add(key)
        if (seen.size > 2000) for (const oldest of seen) if (seen.delete(oldest)) break
        const reading = of(key, payload)
        if (!reading) continue
        newest.set(connectionId, 'code' in reading ? { ...newest.get(connectionId), refused: reading } : { reading })
        publish()
      }
    },
    answered(connectionId, payload) {
      const { id, ...rest } = payload as { id?: unknown }
      const reading: GaugeReading = { id: typeof id === 'string' ? id : newId('evt'), ...Read.parse(rest, 'What the gauge said') }
      newest.set(connectionId, { reading })
      publish()
      return reading
    },
    changed: publish,
  }
}

function of(key: string, payload: unknown): GaugeReading | NonNullable<GaugeLine['refused']> | undefined {
  if (Read.is(payload)) return { id: key, ...payload }
  if (!NotRead.is(payload)) return undefined
  const { refused, at } = payload as Static<typeof Refused>
  const line = refused.blanks?.line
  return { id: key, code: refused.code, text: refused.text, at, ...(typeof line === 'string' ? { line } : {}) }
}
