/** Readings that the gauge of a study sends while somebody measures: each once, in the unit of the study. */
import { useEffect, useRef } from 'react'
import { convert } from '../../../nodes/quality/engine/units/index.ts'
import { listGauges } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import { useLoad } from '../../shared/use-load.ts'
import { lineOf, useGaugeLines } from '../gauges/use-lines.ts'

export interface GaugeSays {
  /** In the unit of the study; undefined where what the gauge reads cannot be given in it. */
  value: number | undefined
  /** As the gauge showed it. */
  unit: string
}

/**
 * @param onReading for each reading after the page was opened; what the gauge showed before is nobody's reading
 * @returns whether there is a connected gauge, and whether its line stands
 */
export function useGaugeReading(
  { gaugeId, unit }: { gaugeId: string | undefined; unit: string },
  onReading: (says: GaugeSays) => void,
): { isConnected: boolean; isThere: boolean } {
  const gauges = useLoad(gaugeId, () => call(listGauges, { query: { retired: false } })).value
  const definition = gauges?.find(({ id }) => id === gaugeId)?.definition
  const isConnected = definition?.connectionId !== undefined
  const { lines, isStale } = useGaugeLines(isConnected)
  const line = definition && lineOf(definition, lines)
  const reading = line?.reading
  const known = useRef<string | null>(undefined)
  const latest = useRef(onReading)
  latest.current = onReading
  const isKnown = line !== undefined
  useEffect(() => {
    if (!isKnown) return
    const before = known.current
    known.current = reading?.id ?? null
    if (before === undefined || reading === undefined || before === reading.id) return
    latest.current({ value: convert(reading.value, reading.unit, unit), unit: reading.unit })
  }, [isKnown, reading, unit])
  return { isConnected, isThere: isConnected && line?.isThere === true && !isStale }
}
