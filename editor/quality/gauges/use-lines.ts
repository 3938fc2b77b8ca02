/** What connected gauges show just now. */
import type { Gauge, GaugeLine } from '../../../server/api/quality/index.ts'
import { upsertBy, useLive } from '../../shared/live.ts'

export function useGaugeLines(isWanted = true): { lines: readonly GaugeLine[]; isStale: boolean } {
  const { value, isStale } = useLive(
    'gauge-lines',
    upsertBy((line) => line.connectionId),
    isWanted,
  )
  return { lines: value ?? [], isStale }
}

/** The line of a gauge; where its interface has several, what it shows is only what comes from its channel. */
export function lineOf({ connectionId, channel }: Gauge['definition'], lines: readonly GaugeLine[]): GaugeLine | undefined {
  const line = connectionId === undefined ? undefined : lines.find((one) => one.connectionId === connectionId)
  if (!line?.reading || channel === undefined || line.reading.channel === channel) return line
  const { reading: _ofAnother, ...rest } = line
  return rest
}
