/** The canvas, as soon as there is one: areas are there before it is. */
import { useEffect, useState } from 'react'
import type { FlowCanvas } from '../canvas/flow-canvas.ts'
import { useHost } from './use-host.ts'

export function useCanvas(): FlowCanvas | undefined {
  const host = useHost()
  const [canvas, setCanvas] = useState<FlowCanvas>()
  useEffect(() => {
    let frame = 0
    const look = () => {
      if (host.canvas) setCanvas(host.canvas)
      else frame = requestAnimationFrame(look)
    }
    look()
    return () => cancelAnimationFrame(frame)
  }, [host])
  return canvas
}
