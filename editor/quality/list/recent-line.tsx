/** The newest points of a characteristic as a small line; fetched when its place comes into sight. */
import { type RefObject, useEffect, useRef, useState } from 'react'
import { Sparkline } from '../../shared/sparkline.tsx'
import { useRecent } from './recent.ts'
import type { ListedCharacteristic } from './use-characteristics.ts'

export function RecentLine({ characteristic, isSeen, label }: { characteristic: ListedCharacteristic; isSeen: boolean; label: string }) {
  const chart = useRecent(characteristic, isSeen)?.charts[0]
  const values = chart?.value.filter((value) => value !== null) ?? []
  const lines = chart?.lines.at(-1)
  if (values.length === 0) return null
  return <Sparkline values={values} lower={lines?.lower ?? undefined} upper={lines?.upper ?? undefined} label={label} />
}

/** Whether an element has ever come near the window. */
export function useIsSeen(): { ref: RefObject<HTMLTableRowElement | null>; isSeen: boolean } {
  const ref = useRef<HTMLTableRowElement>(null)
  const [isSeen, setSeen] = useState(false)
  useEffect(() => {
    const element = ref.current
    if (isSeen || !element) return
    const observer = new IntersectionObserver((entries) => entries.some(({ isIntersecting }) => isIntersecting) && setSeen(true), { rootMargin: '200px' })
    observer.observe(element)
    return () => observer.disconnect()
  }, [isSeen])
  return { ref, isSeen }
}
