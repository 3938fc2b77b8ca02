/** Which flows take a second person to be changed. */
import { useEffect, useState } from 'react'
import { listProtected } from '../../../server/api/protect.ts'
import { ApiError, call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'

const NONE: ReadonlySet<string> = new Set()

export function useProtectedFlows(): ReadonlySet<string> {
  const revision = useLive('change-requests', (_, change) => change).value?.revision
  const [ids, setIds] = useState(NONE)
  useEffect(() => {
    if (revision === undefined) return
    let isGone = false
    call(listProtected).then(
      (list) => isGone || setIds(new Set(list.map(({ flowId }) => flowId))),
      (error: unknown) => {
        // only a mark: the deploy itself says what is protected
        if (!(error instanceof ApiError)) throw error
      },
    )
    return () => {
      isGone = true
    }
  }, [revision])
  return ids
}
