import { WifiOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useLine } from '../shared/live.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { useWaiting } from './entry/use-outbox.ts'
import { useEntryText } from './entry/words.ts'
import { usePanelText } from './use-operator-text.ts'

/** A lost connection cannot be overlooked: it lies over everything but the stops, with the time of what is still shown. */
export function LostLine() {
  const panel = usePanelText()
  const format = formats(useLanguage())
  const line = useLine()
  const entry = useEntryText().waiting
  const waiting = useWaiting().filter(({ refusal }) => refusal === undefined).length
  const [now, setNow] = useState(() => Date.now())
  const isLost = line.state === 'lost'
  useEffect(() => {
    if (!isLost) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [isLost])
  if (!isLost) return null
  const since = line.lostAt ?? new Date()
  return (
    <div className="op-lost" role="alert" data-testid="lost">
      <WifiOff size={64} aria-hidden />
      <strong>{panel.lost.title}</strong>
      <p>{panel.lost.since(format.time(since), format.span(Math.max(0, (now - since.getTime()) / 1000)))}</p>
      <p>{panel.lost.what}</p>
      {waiting > 0 && (
        <p>
          {waiting === 1 ? entry.one : entry.many(String(waiting))}. {entry.text}
        </p>
      )}
    </div>
  )
}
