/** The panel as it would look elsewhere: the page itself in a frame of that size, made smaller to fit, in which nothing can be pressed. */
import { ArrowLeft } from 'lucide-react'
import { useLayoutEffect, useRef, useState } from 'react'
import type { PanelLayout } from '../../../server/api/panel-layouts.ts'
import { useArrangeText } from './words.ts'

const SIZES = { panel: [1024, 768], phone: [390, 844], wall: [1920, 1080] } as const
type Size = keyof typeof SIZES
const KEY = 'cellwright-panel-preview'

/** In the page inside of the frame: the layout to show; undefined where this is no preview. */
export const previewedLayout: PanelLayout | undefined = (() => {
  if (window.parent === window || !new URLSearchParams(location.search).has('preview')) return undefined
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '') as PanelLayout
  } catch {
    return undefined
  }
})()

export function Preview({ layout, hash, onClose }: { layout: PanelLayout; hash: string; onClose: () => void }) {
  const text = useArrangeText().preview
  const room = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState<Size>('panel')
  const [scale, setScale] = useState(0)
  const [width, height] = SIZES[size]
  // the frame reads it when it starts
  sessionStorage.setItem(KEY, JSON.stringify(layout))
  useLayoutEffect(() => {
    const element = room.current
    if (!element) return
    const refit = () => setScale(Math.min(1, element.clientWidth / width, element.clientHeight / height))
    refit()
    const watch = new ResizeObserver(refit)
    watch.observe(element)
    return () => watch.disconnect()
  }, [width, height])
  return (
    <div className="op-preview" data-testid="preview">
      <div className="op-preview-bar">
        <button type="button" className="op-plain" onClick={onClose} data-testid="preview-back">
          <ArrowLeft size={22} aria-hidden /> {text.back}
        </button>
        <div className="op-row op-preview-sizes">
          {(Object.keys(SIZES) as Size[]).map((name) => (
            <button key={name} type="button" className="op-plain" aria-pressed={name === size} onClick={() => setSize(name)} data-testid={`preview-${name}`}>
              {text.sizes[name]}
            </button>
          ))}
        </div>
        <p>{text.note}</p>
      </div>
      <div className="op-preview-room" ref={room}>
        <div style={{ width: width * scale, height: height * scale }}>
          <iframe
            key={size}
            title={text.frame(text.sizes[size])}
            src={`/operator?preview#${hash}`}
            width={width}
            height={height}
            style={{ transform: `scale(${scale})` }}
            inert
            tabIndex={-1}
          />
        </div>
      </div>
    </div>
  )
}
