/** Every value of a characteristic, the newest first, found by serial number or lot. */
import { Button, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { listMeasurements, type Measurement } from '../../../server/api/quality/index.ts'
import { ApiError, call } from '../../shared/api.ts'
import { charPlace } from '../address.ts'
import type { ListedCharacteristic } from '../list/use-characteristics.ts'
import { hashOf } from '../section.ts'
import { useChartsText, useFormats } from '../use-quality-text.ts'

const PAGE = 100
/** What is typed counts when nothing more is typed for so long. */
const TYPED_MS = 300

export function MeasurementsSide({ characteristic }: { characteristic: ListedCharacteristic; go: (place: string) => void }) {
  const { measurements: text } = useChartsText()
  const { id, measured } = characteristic
  const [serial, setSerial] = useState('')
  const [lot, setLot] = useState('')
  const [known, setKnown] = useState<{ list: Measurement[] | undefined; isAll: boolean; error: string | undefined }>({
    list: undefined,
    isAll: false,
    error: undefined,
  })
  const query = { limit: PAGE, ...(serial.trim() ? { serial: serial.trim() } : {}), ...(lot.trim() ? { lot: lot.trim() } : {}) }
  const key = JSON.stringify(query)
  const read = async (before: number | undefined, signal?: AbortSignal) => {
    try {
      const list = await call(listMeasurements, {
        params: { id },
        query: before === undefined ? query : { ...query, before },
        ...(signal ? { signal } : {}),
      })
      setKnown((was) => ({ list: before === undefined ? list : [...(was.list ?? []), ...list], isAll: list.length < PAGE, error: undefined }))
    } catch (error) {
      if (signal?.aborted) return
      if (!(error instanceof ApiError)) throw error
      setKnown((was) => ({ ...was, error: error.message }))
    }
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is the query; `measured` says that there is more
  useEffect(() => {
    const stop = new AbortController()
    const timer = setTimeout(() => void read(undefined, stop.signal), TYPED_MS)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [id, key, measured])
  const isNarrow = serial.trim() !== '' || lot.trim() !== ''
  return (
    <section aria-labelledby="measurements-title">
      <h2 id="measurements-title">{text.title}</h2>
      <p className="quality-dim quality-lead">{text.lead}</p>
      <div className="quality-row quality-lead">
        <TextInput label={text.serial} value={serial} onChange={(event) => setSerial(event.currentTarget.value)} maxLength={120} data-testid="by-serial" />
        <TextInput label={text.lot} value={lot} onChange={(event) => setLot(event.currentTarget.value)} maxLength={120} data-testid="by-lot" />
      </div>
      {known.error && <p className="quality-problem">{known.error}</p>}
      {!known.list && !known.error && <div className="list-skeleton" aria-hidden />}
      {known.list?.length === 0 && <p className="quality-dim">{isNarrow ? text.noMatch : text.none}</p>}
      {known.list && known.list.length > 0 && <MeasurementsTable list={known.list} characteristic={characteristic} />}
      {known.list && known.list.length > 0 && !known.isAll && (
        <Button variant="default" onClick={() => void read(known.list?.at(-1)?.seq)}>
          {text.more}
        </Button>
      )}
    </section>
  )
}

function MeasurementsTable({ list, characteristic }: { list: readonly Measurement[]; characteristic: ListedCharacteristic }) {
  const { measurements: text, point } = useChartsText()
  const format = useFormats()
  const { decimals } = characteristic.definition
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
    <section className="quality-scroll" tabIndex={0} aria-label={text.title}>
      <table className="quality-table cw-numbers" data-testid="measurements-table">
        <thead>
          <tr>
            {(['at', 'value', 'deviation', 'point', 'part', 'circumstances', 'by'] as const).map((column) => (
              <th key={column} scope="col">
                {text.columns[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {list.map((one) => (
            <tr key={one.id} data-state={one.isInTolerance ? undefined : 'alarm'}>
              <td>{format.dateTime(one.at)}</td>
              <td>
                <strong>
                  {format.number(one.value, decimals)} {one.unit}
                </strong>
                {one.size !== undefined && ` ${point.size(format.number(one.size))}`}
                {!one.isInTolerance && <small>{point.outOfTolerance}</small>}
                {one.corrections?.slice(-1).map((correction) => (
                  <small key={correction.id}>{point.corrected(format.number(correction.from, decimals))}</small>
                ))}
              </td>
              <td>{one.nominal === null ? '' : `${one.value > one.nominal ? '+' : ''}${format.number(one.value - one.nominal, decimals)}`}</td>
              <td>
                <a href={`#${hashOf('characteristics', charPlace(characteristic.id, 'chart', one.subgroup))}`}>{one.subgroup}</a>
              </td>
              <td>{[one.serial, one.lot].filter(Boolean).join(' · ')}</td>
              <td>
                {[one.machineId, one.gaugeId].filter(Boolean).join(' · ')}
                {one.flags.map((flag) => (
                  <small key={flag}>{point.flags[flag]}</small>
                ))}
              </td>
              <td>
                {one.by}
                <small>{text.sources[one.source]}</small>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
