/** How far the worker is with loading and reading a program. */
import { useEffect, useState, useSyncExternalStore } from 'react'
import { useProgramsText } from '../use-programs-text.ts'
import type { Progress } from '../worker/use-program.ts'

/** A short work tells nothing: a bar that flashes only disturbs. */
const TELL_AFTER_MS = 300

export function ProgressBar({ progress }: { progress: Progress }) {
  const text = useProgramsText().picture
  const now = useSyncExternalStore(progress.watch, progress.now)
  const isWorking = now !== undefined
  const [isLong, setLong] = useState(false)
  useEffect(() => {
    if (!isWorking) return setLong(false)
    const timer = setTimeout(() => setLong(true), TELL_AFTER_MS)
    return () => clearTimeout(timer)
  }, [isWorking])
  if (!now || !isLong) return null
  return (
    <div className="program-progress" role="status">
      <span>
        {now.what === 'load' ? text.loading : text.reading} <span className="cw-numbers">{Math.round(now.share * 100)} %</span>
      </span>
      <progress max={1} value={now.share} />
    </div>
  )
}
