/** One action of a machine at a time: what it is doing, and why it was not done. Asking again after a broken line begins nothing anew. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { type ActionResult, actOnMachine, type MachineAction } from '../../server/api/motion.ts'
import { ApiError, call } from '../shared/api.ts'
import { newPressId } from './press-id.ts'

export interface Acting {
  /** The action that is under way. */
  busy: MachineAction | undefined
  problem: string | undefined
  result: ActionResult | undefined
  act(action: MachineAction): Promise<ActionResult | undefined>
  forget(): void
}

const AGAIN_MS = 1_000
/** A longer break is told to the person, who looks at the machine. */
const MOST_AGAIN = 20

export function useActing(machineId: string): Acting {
  const [busy, setBusy] = useState<MachineAction>()
  const [problem, setProblem] = useState<string>()
  const [result, setResult] = useState<ActionResult>()
  const working = useRef(false)
  const isGone = useRef(false)
  useEffect(() => {
    isGone.current = false
    return () => {
      isGone.current = true
    }
  }, [])
  const act = useCallback(
    async (action: MachineAction) => {
      if (working.current) return undefined
      working.current = true
      setBusy(action)
      setProblem(undefined)
      setResult(undefined)
      try {
        const done = await asked(machineId, action, () => isGone.current)
        if (!isGone.current) setResult(done)
        return done
      } catch (error) {
        if (!isGone.current) setProblem(error instanceof Error ? error.message : String(error))
        return undefined
      } finally {
        working.current = false
        if (!isGone.current) setBusy(undefined)
      }
    },
    [machineId],
  )
  const forget = useCallback(() => {
    setProblem(undefined)
    setResult(undefined)
  }, [])
  return { busy, problem, result, act, forget }
}

/** Waits for the end of an action also when the line breaks in between. @throws ApiError */
async function asked(machineId: string, action: MachineAction, isOver: () => boolean): Promise<ActionResult> {
  const actionId = newPressId()
  let isRepeat = false
  for (let again = 0; ; again += 1) {
    try {
      return await call(actOnMachine, { params: { machineId }, body: { action, actionId, ...(isRepeat ? { isRepeat } : {}) } })
    } catch (error) {
      const isBroken = error instanceof ApiError && error.code === 'unreachable'
      if (!isBroken || again >= MOST_AGAIN || isOver()) throw error
      isRepeat = true
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    }
  }
}
