/** The kinds of systems that can be connected, asked once a page, in the reader's language. */
import { useEffect, useState } from 'react'
import { type ConnectorInfo, listConnectors } from '../../../server/api/connections.ts'
import { type ApiError, call } from '../api.ts'
import { useLanguage } from '../text/index.ts'
import { shownConnector } from './words.ts'

let asked: Promise<ConnectorInfo[]> | undefined

export function useConnectors(): { connectors: ConnectorInfo[] | undefined; error: ApiError | undefined; again: () => void } {
  const language = useLanguage()
  const [known, setKnown] = useState<{ list?: ConnectorInfo[]; error?: ApiError }>({})
  const [tries, setTries] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `tries` asks again
  useEffect(() => {
    let isGone = false
    asked ??= call(listConnectors)
    asked.then(
      (list) => isGone || setKnown({ list }),
      (error: ApiError) => {
        asked = undefined
        if (!isGone) setKnown({ error })
      },
    )
    return () => {
      isGone = true
    }
  }, [tries])
  return {
    connectors: known.list?.map((info) => shownConnector(info, language)),
    error: known.error,
    again: () => setTries((count) => count + 1),
  }
}
