/** Flows on a canvas to be looked at, moved and zoomed, and nothing else. */
import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from 'react'
import { titleOf } from '../deploy/title-of.ts'
import type { Workspace } from '../workspace.ts'
import { FlowCanvas } from './flow-canvas.ts'

const STEP_PX = 60

export interface LookOnlyProps {
  /** The flows, and which tab is shown. */
  picture: Workspace
  label: string
  className: string
  testId: string
  /** More that is drawn, and what to do when it goes. Made anew when this function is another one. */
  onMade: (canvas: FlowCanvas) => readonly (() => void)[]
  onEscape?: () => void
}

export function LookOnly({ picture, label, className, testId, onMade, onEscape }: LookOnlyProps) {
  const container = useRef<HTMLDivElement>(null)
  const canvas = useRef<FlowCanvas>(undefined)
  const held = useRef<{ x: number; y: number }>(undefined)
  useEffect(() => {
    const element = container.current
    if (!element) return
    const made = new FlowCanvas(element, picture, {
      nameOf(id) {
        const node = picture.model.get(id)
        return node ? titleOf(node, picture.types) : id
      },
      iconOf: (type) => picture.types.get(type)?.icon,
      // nothing is drawn here
      wireDropped: () => {},
    })
    canvas.current = made
    const ends = onMade(made)
    const wheel = (event: WheelEvent) => {
      event.preventDefault()
      made.view.measurePlace()
      if (event.ctrlKey || event.metaKey) void made.view.zoomAt(Math.exp(-event.deltaY * 0.002), event)
      else void made.view.panBy(-event.deltaX, -event.deltaY)
    }
    element.addEventListener('wheel', wheel, { passive: false })
    return () => {
      element.removeEventListener('wheel', wheel)
      for (const end of ends) end()
      made.close()
      canvas.current = undefined
    }
  }, [picture, onMade])
  const down = (event: PointerEvent) => {
    event.stopPropagation()
    container.current?.setPointerCapture(event.pointerId)
    held.current = { x: event.clientX, y: event.clientY }
  }
  const move = (event: PointerEvent) => {
    if (!held.current) return
    void canvas.current?.view.panBy(event.clientX - held.current.x, event.clientY - held.current.y)
    held.current = { x: event.clientX, y: event.clientY }
  }
  const letGo = () => {
    held.current = undefined
  }
  const key = (event: KeyboardEvent) => {
    const by = ({ ArrowLeft: [STEP_PX, 0], ArrowRight: [-STEP_PX, 0], ArrowUp: [0, STEP_PX], ArrowDown: [0, -STEP_PX] } as const)[event.key]
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (by) void canvas.current?.view.panBy(by[0], by[1])
    else if (event.key === '+') void canvas.current?.view.zoomBy(1.25)
    else if (event.key === '-') void canvas.current?.view.zoomBy(0.8)
    else if (event.key === '0') void canvas.current?.zoomToFit()
    else if (event.key === 'Escape' && onEscape) onEscape()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <section
      ref={container}
      className={`flow-canvas ${className}`}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved by keys
      tabIndex={0}
      data-testid={testId}
      onPointerDownCapture={down}
      onPointerMoveCapture={move}
      onPointerUpCapture={letGo}
      onPointerCancelCapture={letGo}
      onClickCapture={(event) => event.stopPropagation()}
      onDoubleClickCapture={(event) => event.stopPropagation()}
      onContextMenuCapture={(event) => event.preventDefault()}
      onKeyDown={key}
    />
  )
}
