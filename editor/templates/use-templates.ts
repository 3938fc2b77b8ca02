/** The gallery and what was imported, read again when flows were deployed. */
import { useCallback, useEffect, useState } from 'react'
import type { ResponseOf } from '../../server/api/index.ts'
import { listSharedTemplates, listTemplateImports, listTemplates, type Template, type TemplateImport } from '../../server/api/templates/index.ts'
import { ApiError, call } from '../shared/api.ts'
import { useLive } from '../shared/live.ts'

export type Shared = ResponseOf<typeof listSharedTemplates>

export interface Known {
  templates: Template[] | undefined
  imports: TemplateImport[] | undefined
  shared: Shared | undefined
  error: ApiError | undefined
  refresh: () => void
}

export const asApiError = (error: unknown): ApiError =>
  error instanceof ApiError ? error : new ApiError({ code: 'unknown', status: 0, message: error instanceof Error ? error.message : String(error) })

export function useTemplates(): Known {
  const rev = useLive('flows', (_, change) => change).value?.rev
  const [known, setKnown] = useState<Omit<Known, 'refresh'>>({ templates: undefined, imports: undefined, shared: undefined, error: undefined })
  const [asked, ask] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `rev` and `asked` say that there is something new
  useEffect(() => {
    let isGone = false
    Promise.all([call(listTemplates), call(listTemplateImports), call(listSharedTemplates)]).then(
      ([templates, imports, shared]) => isGone || setKnown({ templates, imports, shared, error: undefined }),
      (error: unknown) => isGone || setKnown((before) => ({ ...before, error: asApiError(error) })),
    )
    return () => {
      isGone = true
    }
  }, [rev, asked])
  return { ...known, refresh: useCallback(() => ask((count) => count + 1), []) }
}
