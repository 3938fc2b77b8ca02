/** The hosts, read anew every few seconds while somebody looks. */
import { useCallback, useEffect, useState } from 'react'
import { type HostView, listHosts } from '../../../server/api/hosts.ts'
import { call } from '../../shared/api.ts'

const LOOK_EVERY_MS = 5000

/** @returns undefined until they are known; the last known ones while the server does not answer */
export function useHosts(): { hosts: readonly HostView[] | undefined; readAgain: () => void } {
  const [hosts, setHosts] = useState<readonly HostView[]>()
  const readAgain = useCallback(() => {
    call(listHosts, {}).then(setHosts, () => {
      // the line above the page says that the server does not answer
    })
  }, [])
  useEffect(() => {
    readAgain()
    const timer = setInterval(readAgain, LOOK_EVERY_MS)
    return () => clearInterval(timer)
  }, [readAgain])
  return { hosts, readAgain }
}
