/** Calculates the report subject by subject, so that the page can be used meanwhile. */
import { useEffect, useState } from 'react'
import { REFERENCE_SUBJECTS, verify } from '../../../nodes/quality/engine/reference/index.ts'
import type { SubjectReport } from './report.ts'

export interface Report {
  subjects: readonly SubjectReport[]
  isDone: boolean
  /** When it was done. */
  at: Date
}

export function useReport(): { report: Report; again: () => void } {
  const [turn, setTurn] = useState(0)
  const [report, setReport] = useState<Report>({ subjects: [], isDone: false, at: new Date() })
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn calculates everything again
  useEffect(() => {
    let isCurrent = true
    const subjects: SubjectReport[] = []
    const next = () => {
      const subject = REFERENCE_SUBJECTS[subjects.length]
      if (!isCurrent) return
      if (subject) subjects.push({ subject, sets: verify(subject) })
      const isDone = subjects.length === REFERENCE_SUBJECTS.length
      setReport({ subjects: [...subjects], isDone, at: new Date() })
      if (!isDone) setTimeout(next)
    }
    setReport({ subjects: [], isDone: false, at: new Date() })
    const begun = setTimeout(next)
    return () => {
      isCurrent = false
      clearTimeout(begun)
    }
  }, [turn])
  return { report, again: () => setTurn(turn + 1) }
}
