/** What a template of these nodes would hold, asked of the server again a moment after each change of its parameters. */
import { useEffect, useState } from 'react'
import type { ResponseOf } from '../../../server/api/index.ts'
import { previewExport } from '../../../server/api/templates/index.ts'
import { call } from '../../shared/api.ts'
import type { FlowNode } from '../model/raw.ts'
import { type Asked, parameterOf } from './draft.ts'

export type ExportPreview = ResponseOf<typeof previewExport>

const PAUSE_MS = 300

/** @param flows the same array while the dialog is open */
export function useExportPreview(flows: readonly FlowNode[], nodeIds: readonly string[], asked: readonly Asked[]) {
  const [known, setKnown] = useState<{ preview?: ExportPreview; error?: unknown }>({})
  // titles and the like change nothing of what is in it
  const wanted = JSON.stringify(asked.filter(({ title }) => title.trim() !== '').map(({ key, kind, places }) => ({ key, kind, places })))
  // biome-ignore lint/correctness/useExhaustiveDependencies: `wanted` says when `asked` has changed
  useEffect(() => {
    const ending = new AbortController()
    const timer = setTimeout(
      () => {
        const parameters = asked
          .filter(({ title }) => title.trim() !== '')
          .map((each) => parameterOf({ ...each, kind: each.kind === 'select' ? 'text' : each.kind, preset: undefined }))
        call(previewExport, { body: { nodeIds: [...nodeIds], flows: [...flows], parameters }, signal: ending.signal }).then(
          (preview) => setKnown({ preview }),
          (error: unknown) => ending.signal.aborted || setKnown((before) => ({ ...before, error })),
        )
      },
      known.preview ? PAUSE_MS : 0,
    )
    return () => {
      clearTimeout(timer)
      ending.abort()
    }
  }, [flows, nodeIds, wanted])
  return known
}
