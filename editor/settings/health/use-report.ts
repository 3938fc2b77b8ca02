/** The report of a host, every few seconds; and whether it is still news. */
import { useEffect, useRef, useState } from 'react'
import type { SystemReport } from '../../../server/api/system-report.ts'
import { said } from '../../shared/api.ts'
import { live } from '../../shared/live.ts'

/** It is told every two seconds: without one for so long it is old. */
const STALE_MS = 6000

export interface ReportNow {
  report: SystemReport | undefined
  /** By the clock of this browser. */
  heardAt: Date | undefined
  isStale: boolean
  refusal: string | undefined
}

export function useReport(host: string | undefined): ReportNow {
  const [now, setNow] = useState<{ report: SystemReport; heardAt: Date }>()
  const [isStale, setStale] = useState(false)
  const [refusal, setRefusal] = useState<string>()
  const timer = useRef<number | undefined>(undefined)
  useEffect(() => {
    setRefusal(undefined)
    const waitForNext = () => {
      window.clearTimeout(timer.current)
      timer.current = window.setTimeout(() => setStale(true), STALE_MS)
    }
    const looking = live().look(
      'system-report',
      (report) => {
        // one that was asked for before another host was chosen
        if (host !== undefined && report.host !== host) return
        setNow({ report, heardAt: new Date() })
        setStale(false)
        setRefusal(undefined)
        waitForNext()
      },
      ({ code, message }) => setRefusal(said(code, undefined, message)),
    )
    looking.look(host === undefined ? {} : { host })
    waitForNext()
    return () => {
      window.clearTimeout(timer.current)
      looking.end()
    }
  }, [host])
  return { report: now?.report, heardAt: now?.heardAt, isStale, refusal }
}
