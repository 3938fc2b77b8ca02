/** Everything the debugger offers, as actions. Keys as in other debuggers: F9, F10, F8. */
import { CircleDot, CircleHelp, CirclePause, CirclePlay, CircleStop, Eye, FastForward, Flag, Footprints, Play } from 'lucide-react'
import type { BreakpointPlace } from '../../../server/api/debugger.ts'
import type { Action, ActionTarget } from '../host/action.ts'
import type { DesignerHost } from '../host/designer-host.ts'
import type { DebuggerStore } from './debugger-store.ts'
import { placeText, targets, whyNoBreakpoint } from './places.ts'
import type { DebuggerText } from './text.ts'

export const DEBUGGER_PANEL = 'debugger'

export function debuggerActions(parts: {
  host: DesignerHost
  store: DebuggerStore
  text: DebuggerText
  mayDebug: boolean
  askCondition: (at: BreakpointPlace) => void
  openPanel: () => void
}): Action[] {
  const { host, store, text, mayDebug, askCondition, openPanel } = parts
  const { actions, words, whyNot } = text
  const right = mayDebug ? undefined : whyNot.right
  const places = (target: ActionTarget | undefined) => targets(host, target)
  const { workspace } = host

  const toggle = async (target: ActionTarget | undefined) => {
    for (const at of places(target)) {
      const known = store.breakpointAt(at)
      const isDone = known?.isOn ? await store.removeBreakpoint(known.id) : await store.setBreakpoint(at, { condition: known?.condition })
      if (isDone) host.say(known?.isOn ? text.said.removed(placeText(workspace, at, text)) : text.said.set(placeText(workspace, at, text)))
    }
  }
  /** Why the waiting message cannot simply go on. */
  const notNow = () => right ?? (store.current ? (store.current.motion ? whyNot.motion : undefined) : whyNot.nothingWaits)
  const go = (how: 'step' | 'continue') => {
    const { current } = store
    if (current) void store.goOn(current.id, { how })
  }
  const nodeOf = (target: ActionTarget | undefined) => {
    const [at] = places(target)
    return at?.kind === 'node' ? at.nodeId : undefined
  }
  const setPaused = async (isPaused: boolean) => {
    if (workspace.place === undefined) return
    if (await store.pause(workspace.place, isPaused)) host.say(isPaused ? text.said.paused : text.said.resumed)
  }

  return [
    {
      id: 'debug.breakpoint',
      title: actions.breakpoint,
      words: words.breakpoint,
      group: 'debug',
      icon: CircleDot,
      keys: ['F9'],
      isEverywhere: true,
      on: ['node', 'wire', 'port'],
      whyNot: (target) => right ?? whyNoBreakpoint(host, target, text),
      run: (target) => void toggle(target),
    },
    {
      id: 'debug.condition',
      title: actions.condition,
      words: words.condition,
      group: 'debug',
      icon: CircleHelp,
      keys: ['Shift+F9'],
      isEverywhere: true,
      on: ['node', 'wire'],
      whyNot: (target) => right ?? whyNoBreakpoint(host, target, text),
      run(target) {
        const [at] = places(target)
        if (at) askCondition(at)
      },
    },
    {
      id: 'debug.pause',
      title: actions.pause,
      words: words.pause,
      group: 'debug',
      icon: CirclePause,
      keys: ['Shift+F8'],
      isEverywhere: true,
      on: ['nothing'],
      isInMenu: true,
      isShown: () => !store.isPaused(workspace.place),
      whyNot: () => right ?? (workspace.place === undefined ? whyNot.noFlow : undefined),
      run: () => void setPaused(true),
    },
    {
      id: 'debug.resume',
      title: actions.resume,
      words: words.resume,
      group: 'debug',
      icon: CirclePlay,
      keys: ['Shift+F8'],
      isEverywhere: true,
      on: ['nothing'],
      isInMenu: true,
      isShown: () => store.isPaused(workspace.place),
      whyNot: () => right,
      run: () => void setPaused(false),
    },
    {
      id: 'debug.step',
      title: actions.step,
      words: words.step,
      group: 'debug',
      icon: Footprints,
      keys: ['F10'],
      isEverywhere: true,
      whyNot: notNow,
      run: () => go('step'),
    },
    {
      id: 'debug.continue',
      title: actions.continue,
      words: words.continue,
      group: 'debug',
      icon: Play,
      keys: ['F8'],
      isEverywhere: true,
      whyNot: notNow,
      run: () => go('continue'),
    },
    {
      id: 'debug.runTo',
      title: actions.runTo,
      words: words.runTo,
      group: 'debug',
      icon: Flag,
      keys: ['Ctrl+F10'],
      isEverywhere: true,
      on: ['node'],
      isShown: (target) => !target || store.state.waitingCount > 0,
      whyNot: (target) => notNow() ?? (nodeOf(target) === undefined ? whyNot.nothingSelected : undefined),
      run(target) {
        const nodeId = nodeOf(target)
        if (nodeId !== undefined && store.current) void store.goOn(store.current.id, { how: 'run-to', nodeId })
      },
    },
    {
      id: 'debug.inspect',
      title: actions.inspect,
      words: words.inspect,
      group: 'debug',
      icon: Eye,
      keys: ['Ctrl+F9'],
      isEverywhere: true,
      on: ['node'],
      isShown(target) {
        const nodeId = target && nodeOf(target)
        return !target || (nodeId !== undefined && store.waitingAt(nodeId).length > 0)
      },
      whyNot: () => (store.current ? undefined : whyNot.nothingWaits),
      run(target) {
        const nodeId = nodeOf(target)
        const found = nodeId === undefined ? undefined : store.waitingAt(nodeId)[0]
        if (found) store.select(found.id)
        openPanel()
      },
    },
    {
      id: 'debug.all',
      title: actions.all,
      words: words.all,
      group: 'debug',
      icon: FastForward,
      isEverywhere: true,
      whyNot: () => right ?? (store.state.waitingCount === 0 ? whyNot.nothingWaits : undefined),
      run: () => void store.goOnAll(),
    },
    {
      id: 'debug.end',
      title: actions.end,
      words: words.end,
      group: 'debug',
      icon: CircleStop,
      isEverywhere: true,
      isInMenu: true,
      isShown: (target) => !target || store.isActive,
      whyNot: () => right ?? (store.isActive || store.state.breakpoints.length > 0 ? undefined : whyNot.noBreakpoints),
      run: () => void store.end(),
    },
  ]
}
