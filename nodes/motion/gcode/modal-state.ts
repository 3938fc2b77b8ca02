/** The modal state a controller is in. */
import type { ModalState } from './contract.ts'
import { codeTenths } from './modal-groups.ts'

/** As a controller is after a reset (grbl 1.1: `G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0`). */
export function freshModalState(): ModalState {
  return {
    motion: 0,
    plane: 170,
    isInches: false,
    isIncremental: false,
    isArcAbsolute: false,
    feedMode: 940,
    workOffset: 0,
    feed: 0,
    spindleRpm: 0,
    spindle: 5,
    isFloodOn: false,
    isMistOn: false,
    selectedTool: 0,
    tool: 0,
    returnsToR: false,
  }
}

/**
 * The modal state that a controller tells.
 * @param words of `[GC:…]`: `G1`, `G54`, `F100`, …; what is missing is as after a reset
 * @param isFeedInches the controller reports in inches (`$13=1`)
 */
export function modalStateOf(words: readonly string[], { isFeedInches = false }: { isFeedInches?: boolean } = {}): ModalState {
  const state = freshModalState()
  let feed = 0
  for (const word of words) {
    const value = Number(word.slice(1))
    const code = codeTenths(word)
    if (code?.letter === 'G') takeG(state, code.tenths)
    else if (code?.letter === 'M') takeM(state, code.tenths)
    else if (!Number.isFinite(value)) continue
    else if (word.startsWith('F')) feed = value
    else if (word.startsWith('S')) state.spindleRpm = value
    else if (word.startsWith('T')) {
      state.selectedTool = value
      state.tool = value
    }
  }
  // in inverse time the next line needs its own feed
  state.feed = state.feedMode === 930 ? 0 : Math.max(0, feed) * (isFeedInches ? 25.4 : 1)
  return state
}

function takeG(state: ModalState, tenths: number): void {
  if (tenths <= 30 || (tenths >= 382 && tenths <= 385) || tenths === 730 || (tenths >= 800 && tenths <= 890)) state.motion = tenths
  else if (tenths === 170 || tenths === 180 || tenths === 190) state.plane = tenths
  else if (tenths === 200 || tenths === 210) state.isInches = tenths === 200
  else if (tenths === 900 || tenths === 910) state.isIncremental = tenths === 910
  else if (tenths === 901 || tenths === 911) state.isArcAbsolute = tenths === 901
  else if (tenths === 930 || tenths === 940 || tenths === 950) state.feedMode = tenths
  else if (tenths >= 540 && tenths <= 590) state.workOffset = (tenths - 540) / 10
  else if (tenths >= 591 && tenths <= 593) state.workOffset = tenths - 591 + 6
  else if (tenths === 980 || tenths === 990) state.returnsToR = tenths === 990
}

function takeM(state: ModalState, tenths: number): void {
  if (tenths === 30 || tenths === 40 || tenths === 50) state.spindle = (tenths / 10) as 3 | 4 | 5
  else if (tenths === 70) state.isMistOn = true
  else if (tenths === 80) state.isFloodOn = true
  else if (tenths === 90) {
    state.isMistOn = false
    state.isFloodOn = false
  }
}
