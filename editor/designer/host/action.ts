/**
 * Everything a person can do in the designer, said once: the command palette, the context menu, the keyboard, the menu and the
 * list of shortcuts are made from these.
 */
import type { ComponentType } from 'react'
import type { Hit } from '../canvas/flow-canvas.ts'

export type ActionGroup = 'edit' | 'insert' | 'arrange' | 'select' | 'view' | 'navigate' | 'debug' | 'deploy' | 'help'

/** What an action is done to, where it was asked for at a place: the context menu of a node, a wire, the canvas. */
export interface ActionTarget {
  hit: Hit
  /** On the canvas. */
  at: { x: number; y: number }
  window: { clientX: number; clientY: number }
}

export interface Action {
  /** `area.verb`, e.g. `arrange.alignLeft`: for tests (`data-testid="action-<id>"`) and recent actions. */
  id: string
  /** In the person's language. */
  title: string
  group: ActionGroup
  icon?: ComponentType<{ size?: number }>
  /** `Ctrl+Shift+G`, `Alt+L`, `F8`, `?`; `Alt+S U` is one after the other. Ctrl stands for Cmd on a Mac. */
  keys?: readonly string[]
  /** The browser or the canvas deals with the keys itself (copy, paste): they are only listed. */
  areKeysNative?: boolean
  /** Its keys work in text fields, too: keys that write nothing. */
  isInFields?: boolean
  /** Keys work wherever the focus is, fields excepted; otherwise only on the canvas. */
  isEverywhere?: boolean
  /** What else people type when they look for it. */
  words?: string
  /** Context menus it stands in; without one it is not in any. */
  on?: readonly Hit['on'][]
  /** In the header's menu. */
  isInMenu?: boolean
  /** Not offered by name: the command palette itself, what only makes sense at a key. */
  isUnlisted?: boolean
  /** Not shown where false. Asked anew each time. */
  isShown?: (target: ActionTarget | undefined) => boolean
  /** Shown, and not to be done now: why. */
  whyNot?: (target: ActionTarget | undefined) => string | undefined
  /** A switch: whether it is on. */
  isOn?: () => boolean
  run: (target: ActionTarget | undefined) => void
}
