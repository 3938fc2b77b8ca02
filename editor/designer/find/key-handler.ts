/** Which action a key press means, from where the focus is; keys that come one after the other are remembered in between. */
import type { Action } from '../host/action.ts'
import { isPressed, type KeyPress } from '../host/keys.ts'

/** Where a key was pressed. `dialog`: something that keeps the keys to itself. */
export type KeyPlace = 'canvas' | 'page' | 'field' | 'dialog'

export type KeyAnswer =
  | { is: 'nothing' }
  /** The beginning of keys that come one after the other. */
  | { is: 'begun'; steps: readonly string[]; next: readonly Action[] }
  | { is: 'action'; action: Action }
  /** There is an action, and it cannot be done now. */
  | { is: 'refused'; action: Action; why: string }

const NOTHING: KeyAnswer = { is: 'nothing' }
const TOGETHER_MS = 3_000
const MODIFIERS = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead'])

export const stepsOf = (keys: string): string[] => keys.split(' ').filter(Boolean)

export class KeyHandler {
  #begun: string[] = []
  #begunAt = 0

  /** What this press means. Asking is remembering: one call a press. */
  press(actions: readonly Action[], event: KeyPress & { timeStamp: number }, place: KeyPlace): KeyAnswer {
    if (place === 'dialog' || MODIFIERS.has(event.key)) return NOTHING
    if (event.timeStamp - this.#begunAt > TOGETHER_MS) this.#begun = []
    const begun = this.#begun
    this.#begun = []
    const usable = actions.filter((action) => !action.areKeysNative && isUsable(action, place))
    const matching = (depth: number) =>
      usable.flatMap((action) =>
        (action.keys ?? [])
          .map(stepsOf)
          .filter((steps) => steps.length > depth && isPressed(steps[depth] ?? '', event) && begun.slice(0, depth).every((step, at) => step === steps[at]))
          .map((steps) => ({ action, steps })),
      )
    const found = begun.length > 0 ? matching(begun.length) : []
    const hits = found.length > 0 ? found : matching(0)
    const depth = found.length > 0 ? begun.length : 0
    const whole = hits.filter(({ steps }) => steps.length === depth + 1).map(({ action }) => action)
    if (whole.length > 0) return chosen(whole)
    const first = hits[0]
    if (!first) return NOTHING
    this.#begun = first.steps.slice(0, depth + 1)
    this.#begunAt = event.timeStamp
    return { is: 'begun', steps: this.#begun, next: hits.map(({ action }) => action) }
  }
}

function isUsable(action: Action, place: KeyPlace): boolean {
  switch (place) {
    case 'canvas':
      return true
    case 'page':
      return action.isEverywhere === true
    case 'field':
      return action.isInFields === true
    case 'dialog':
      return false
    default:
      return place satisfies never
  }
}

/** The first that can be done now; else why the first of those that are offered cannot. */
function chosen(actions: readonly Action[]): KeyAnswer {
  const shown = actions.filter((action) => action.isShown?.(undefined) !== false)
  let refused: KeyAnswer | undefined
  for (const action of shown) {
    const why = action.whyNot?.(undefined)
    if (why === undefined) return { is: 'action', action }
    refused ??= { is: 'refused', action, why }
  }
  return refused ?? NOTHING
}

// all of a form is one field: Ctrl+Enter on one of its switches ends the form and deploys nothing
const FIELD =
  'input:not([type=checkbox], [type=radio], [type=button], [type=range]), textarea, select, [contenteditable]:not([contenteditable=false]), form, [data-form]'

/** Where the focus is, for keys. Nothing focused counts as the canvas. */
export function placeOf(target: EventTarget | null, canvas: Element | null | undefined): KeyPlace {
  if (!(target instanceof Element) || target === document.body || target === canvas) return 'canvas'
  if (target.closest('[aria-modal=true], [role=menu], [data-own-keys]')) return 'dialog'
  // all of a form is a field to the keys: Ctrl+Enter on one of its switches ends it, as in its texts
  return target.closest(`${FIELD}, form`) ? 'field' : 'page'
}
