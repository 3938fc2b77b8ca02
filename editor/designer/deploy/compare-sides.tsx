/** Which two states of the flows are compared: both are chosen from the draft, what runs, and every version. */
import { Select } from '@mantine/core'
import { useEffect, useState } from 'react'
import { type FlowVersion, getVersion, listVersions } from '../../../server/api/flows.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { byId } from '../model/diff.ts'
import type { FlowNode } from '../model/raw.ts'
import type { Comparison, Side } from './comparison.ts'
import { errorWords, useFindingText } from './finding-words.ts'
import { useDeployText } from './text.ts'

const MOST = 200
const keyOf = (side: Side): string => (side.is === 'version' ? side.id : side.is)

/** @throws ApiError */
export async function versionSide({ id, at }: Pick<FlowVersion, 'id' | 'at'>): Promise<Side> {
  return { is: 'version', id, at, flows: byId((await call(getVersion, { params: { versionId: id } })).flows as FlowNode[]) }
}

export function CompareSides({ comparison }: { comparison: Comparison }) {
  const words = useDeployText().compare
  const findings = useFindingText()
  const format = formats(useLanguage())
  const [versions, setVersions] = useState<readonly FlowVersion[]>([])
  const [failure, setFailure] = useState<string>()
  const { against, shown } = comparison
  useEffect(() => {
    let isGone = false
    call(listVersions, { query: { limit: MOST } }).then(
      (list) => isGone || setVersions(list),
      (error: unknown) => isGone || setFailure(errorWords(findings, error)),
    )
    return () => {
      isGone = true
    }
  }, [findings])
  if (!against) return null
  const known = new Map(versions.map((version) => [version.id, version]))
  const options = [
    { value: 'draft', label: words.draft },
    { value: 'running', label: words.runs },
    ...versions.map(({ id, at, author, comment }) => ({ value: id, label: `${format.dateTime(at)} · ${author}${comment ? ` · ${comment}` : ''}` })),
  ]
  // older than the list goes back
  for (const side of [against, shown]) {
    if (side.is === 'version' && !known.has(side.id)) options.push({ value: side.id, label: format.dateTime(side.at) })
  }
  const choose = async (which: 'against' | 'shown', key: string | null) => {
    if (key === null) return
    try {
      const before = [against, shown].find((side) => keyOf(side) === key)
      const version = known.get(key)
      const side: Side | undefined = key === 'draft' || key === 'running' ? { is: key } : (before ?? (version && (await versionSide(version))))
      if (!side) return
      setFailure(undefined)
      comparison.begin(which === 'against' ? side : against, which === 'shown' ? side : shown)
    } catch (error) {
      setFailure(errorWords(findings, error))
    }
  }
  return (
    <div className="compare-sides">
      {(['against', 'shown'] as const).map((which) => (
        <Select
          key={which}
          size="xs"
          label={words[which]}
          data={options}
          value={keyOf(which === 'against' ? against : shown)}
          onChange={(key) => void choose(which, key)}
          allowDeselect={false}
          searchable
          nothingFoundMessage={words.noVersion}
          comboboxProps={{ width: 340, position: 'bottom-start' }}
          data-testid={`compare-${which}`}
        />
      ))}
      {failure !== undefined && (
        <span className="form-error" role="alert">
          {failure}
        </span>
      )}
    </div>
  )
}
