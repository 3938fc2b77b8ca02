/** What is asked of a balloon on a part, and what was found there. */
import type { Inspection, InspectionResult } from '../../../server/api/quality/index.ts'
import { useFormats } from '../use-quality-text.ts'
import { useInspectionText } from './words.ts'

export interface Asked {
  key: string
  balloon: Inspection['plan']['balloons'][number]
  piece: number
  result: InspectionResult | undefined
  measured: Inspection['characteristics'][number] | undefined
}

/** What was found, with its verdict as a word. */
export function Found({ result, measured }: { result: InspectionResult; measured: Asked['measured'] }) {
  const text = useInspectionText().form
  const format = useFormats()
  const verdict = result.value === undefined ? (result.isConforming ? text.conforms : text.not) : result.isConforming ? text.within : text.outOf
  return (
    <>
      {result.value !== undefined && (
        <strong>
          {format.number(result.value, measured?.decimals ?? 3)} {measured?.unit}{' '}
        </strong>
      )}
      <span className="quality-pill" data-state={result.isConforming ? 'normal' : 'alarm'}>
        {verdict}
      </span>
      {result.isCorrected && <small>{text.corrected}</small>}
      {result.origin === 'collected' && <small>{text.collected}</small>}
    </>
  )
}
