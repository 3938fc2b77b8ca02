/** Keys as people write them (`Ctrl+Shift+G`) and as the browser tells them. */

const NAMED: Record<string, string> = { Up: 'ArrowUp', Down: 'ArrowDown', Left: 'ArrowLeft', Right: 'ArrowRight', Space: ' ', Plus: '+' }

export interface KeyPress {
  key: string
  code: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
}

/** Ctrl stands for Cmd, too. A sign (`?`) is itself whatever Shift it takes; a letter or a named key needs the Shift that is written. */
export function isPressed(keys: string, event: KeyPress): boolean {
  const parts = keys.split('+')
  const name = parts.pop() ?? ''
  const key = NAMED[name] ?? name
  const hasShift = parts.includes('Shift')
  if (parts.includes('Ctrl') !== (event.ctrlKey || event.metaKey) || parts.includes('Alt') !== event.altKey) return false
  const isSign = key.length === 1 && !/[\p{L}\d ]/u.test(key)
  if (!isSign && hasShift !== event.shiftKey) return false
  // Alt and Shift change what a letter key writes on some keyboards
  if (/^[A-Z]$/.test(key)) return event.key.toUpperCase() === key || ((event.altKey || event.ctrlKey) && event.code === `Key${key}`)
  if (/^\d$/.test(key)) return event.key === key || event.code === `Digit${key}`
  return event.key === key
}
