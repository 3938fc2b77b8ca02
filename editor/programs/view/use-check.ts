/** What the machine's guard says of a program, asked again whenever what it depends on has changed and the machine stands. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import { checkProgramOnMachine, type ProgramReport } from '../../../server/api/motion.ts'
import { call } from '../../shared/api.ts'

export interface Check {
  report: ProgramReport | undefined
  /** The report is about the machine as it is now. */
  isCurrent: boolean
  isAsking: boolean
  /** The machine is there to be checked against. */
  isThere: boolean
  error: string | undefined
  at: Date | undefined
  ask: () => void
}

/** Offsets change in steps while a person sets them. */
const SETTLE_MS = 800

/** @param key of the machine's state (`modelKey`): another one makes the report old */
export function useCheck(programId: string, machine: MachineView | undefined, key: string): Check {
  const [known, setKnown] = useState<{ report: ProgramReport; key: string; machineId: string; at: Date }>()
  const [error, setError] = useState<string>()
  const [isAsking, setAsking] = useState(false)
  const leaving = useRef<AbortController>(undefined)
  const now = useRef(key)
  now.current = key
  const machineId = machine?.id
  const isThere = machine?.guard === 'running' && machine.state?.link === 'connected'
  const isStanding = machine?.state?.isStanding === true && machine.state.job === undefined
  const ask = useCallback(() => {
    if (!machineId) return
    leaving.current?.abort()
    const asked = new AbortController()
    leaving.current = asked
    const askedKey = now.current
    setAsking(true)
    call(checkProgramOnMachine, { params: { machineId }, body: { programId }, signal: asked.signal }).then(
      (report) => {
        setKnown({ report, key: askedKey, machineId, at: new Date() })
        setError(undefined)
        setAsking(false)
      },
      (problem: Error) => {
        if (asked.signal.aborted) return
        setError(problem.message)
        setAsking(false)
      },
    )
  }, [machineId, programId])
  useEffect(() => () => leaving.current?.abort(), [])
  const knownKey = known?.key
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new key is what makes it ask
  useEffect(() => {
    if (!isThere || (knownKey === key && known?.machineId === machineId)) return
    // a running machine is left alone, but for the first look
    if (knownKey !== undefined && !isStanding) return
    const timer = setTimeout(ask, knownKey === undefined ? 0 : SETTLE_MS)
    return () => clearTimeout(timer)
  }, [key, knownKey, isThere, isStanding, ask])
  const report = known?.machineId === machineId ? known?.report : undefined
  const isCurrent = report !== undefined && known?.key === key
  const at = known?.at
  return useMemo(() => ({ report, isCurrent, isAsking, isThere, error, at, ask }), [report, isCurrent, isAsking, isThere, error, at, ask])
}
