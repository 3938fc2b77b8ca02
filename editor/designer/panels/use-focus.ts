import { type RefObject, useEffect, useRef } from 'react'

/**
 * Moves the focus into a panel when it opens: to the field marked with `data-autofocus`, or to the panel itself where
 * a field would bring up the screen keyboard.
 */
export function useFocusOnOpen<E extends HTMLElement>(): RefObject<E | null> {
  const root = useRef<E>(null)
  useEffect(() => {
    const element = root.current
    const field = matchMedia('(pointer: coarse)').matches ? null : element?.querySelector<HTMLElement>('[data-autofocus]')
    ;(field ?? element)?.focus({ preventScroll: true })
  }, [])
  return root
}
