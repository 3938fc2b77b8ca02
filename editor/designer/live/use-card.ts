/** When a card is open: the pointer rests on a wire or a node for a while, or somebody asks for it. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { useCanvas } from '../host/use-canvas.ts'
import type { CardTarget, OpenCard } from './card.tsx'

const WIRE_REST_MS = 350
const NODE_REST_MS = 900
const LEAVE_MS = 250

export function useCard(): {
  card: OpenCard | undefined
  open(target: CardTarget, at: { x: number; y: number }): void
  pin(): void
  close(): void
  near(isNear: boolean): void
} {
  const canvas = useCanvas()
  const [card, setCard] = useState<OpenCard>()
  const current = useRef<OpenCard>(undefined)
  current.current = card
  const timers = useRef<{ show?: ReturnType<typeof setTimeout>; hide?: ReturnType<typeof setTimeout> }>({})
  const isNear = useRef(false)

  const close = useCallback(() => {
    clearTimeout(timers.current.show)
    isNear.current = false
    setCard(undefined)
  }, [])
  const leave = useCallback(() => {
    clearTimeout(timers.current.hide)
    timers.current.hide = setTimeout(() => {
      if (!isNear.current) setCard((before) => (before?.isPinned ? before : undefined))
    }, LEAVE_MS)
  }, [])

  useEffect(() => {
    if (!canvas) return
    let resting: string | undefined
    const end = canvas.onHover((hit, event) => {
      const target: CardTarget | undefined = hit?.on === 'wire' || hit?.on === 'node' ? { on: hit.on, id: hit.id } : undefined
      const key = target && `${target.on} ${target.id}`
      const shown = current.current
      const isShown = shown !== undefined && key === `${shown.target.on} ${shown.target.id}`
      if (isShown) clearTimeout(timers.current.hide)
      else if (shown && !shown.isPinned) leave()
      // it must rest: passing over wires on the way to something else opens nothing
      clearTimeout(timers.current.show)
      resting = key
      if (!target || isShown || shown?.isPinned || isPressed(event)) return
      const at = { x: event.clientX, y: event.clientY }
      timers.current.show = setTimeout(
        () => {
          if (resting === key && !isNear.current) setCard({ target, at, isPinned: false })
        },
        target.on === 'wire' ? WIRE_REST_MS : NODE_REST_MS,
      )
    })
    // whoever does something on the canvas wants to see the canvas
    const done = (event: Event) => {
      clearTimeout(timers.current.show)
      resting = undefined
      const isEscape = event instanceof KeyboardEvent && event.key === 'Escape'
      if (isEscape || !current.current?.isPinned) setCard(undefined)
    }
    const place = canvas.workspace.on('place', close)
    const element = document.querySelector('.flow-canvas')
    const abort = new AbortController()
    for (const name of ['pointerdown', 'wheel', 'keydown'] as const) element?.addEventListener(name, done, { signal: abort.signal, passive: true })
    const pending = timers.current
    return () => {
      end()
      place()
      abort.abort()
      clearTimeout(pending.show)
      clearTimeout(pending.hide)
    }
  }, [canvas, leave, close])

  return {
    card,
    open: useCallback((target, at) => setCard({ target, at, isPinned: true }), []),
    pin: useCallback(() => setCard((before) => before && { ...before, isPinned: true }), []),
    close,
    near: useCallback(
      (next: boolean) => {
        isNear.current = next
        if (next) clearTimeout(timers.current.hide)
        else leave()
      },
      [leave],
    ),
  }
}

const isPressed = (event: { clientX: number }): boolean => event instanceof MouseEvent && event.buttons !== 0
