/** Keys as they stand on the person's keyboard: `Strg` on a German one, `⌘` on a Mac. */
import { stepsOf } from './key-handler.ts'

export type KeyNames = Readonly<Record<string, string>>

const MAC: KeyNames = { Ctrl: '⌘', Alt: '⌥', Shift: '⇧', Enter: '↩', Delete: '⌦', Backspace: '⌫', Escape: 'esc' }
const SIGNS: KeyNames = { Up: '↑', Down: '↓', Left: '←', Right: '→', Plus: '+', '-': '−' }

const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.userAgent ?? '')

/** The steps, each a list of keys held together. */
export function keyWords(keys: string, names: KeyNames, onMac: boolean = isMac): string[][] {
  return stepsOf(keys).map((step) => {
    const parts = step === '+' ? ['+'] : step.split('+')
    return parts.map((part) => (onMac ? MAC[part] : undefined) ?? SIGNS[part] ?? names[part] ?? part)
  })
}

/** In one line, as it is read: `Ctrl+G D`. */
export function keyText(keys: string, names: KeyNames): string {
  return keyWords(keys, names)
    .map((step) => step.join(isMac ? '' : '+'))
    .join(' ')
}

/** `Control+Shift+P`, as `aria-keyshortcuts` wants it; only for keys held together. */
export function ariaKeys(keys: readonly string[] | undefined): string | undefined {
  const simple = (keys ?? []).filter((one) => stepsOf(one).length === 1)
  return simple.length === 0 ? undefined : simple.map((one) => one.replace('Ctrl', isMac ? 'Meta' : 'Control')).join(' ')
}
