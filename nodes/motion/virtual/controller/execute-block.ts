/**
 * What a checked block does, in the order RS274/NGC and GRBL give it. Each `yield` is a place where the
 * firmware looks for real-time commands; after a reset (`core.isAborting`) it runs to its end and the line
 * is answered `ok` all the same: the stray `ok` before the banner (grbl 1.1: motion_control.c, gcode.c).
 */
import { arcPoints } from './arc.ts'
import type { Core } from './core.ts'
import { ALARM, ERROR, LineError } from './errors.ts'
import { type Block, readBlock } from './read-block.ts'
import { coordinateIndex } from './settings.ts'
import { printVector } from './status-report.ts'
import { checkpoint, storeEeprom, synchronise } from './steps.ts'
import { AXES, type Vector, zero } from './vector.ts'
import type { Step } from './wait.ts'

const COORDINATE_BYTES = 13

/** Reads and executes one line of G-code, or what follows `$J=`. @throws LineError */
export function* executeGcode(core: Core, text: string, isJog = false): Step {
  const reading = { personality: core.personality, axisCount: core.machine.axisCount }
  const block = readBlock({ text, state: core.parser, coordinates: core.eeprom.coordinates, isJog, reading })
  if (isJog) return yield* jog(core, block)
  const { parser } = core
  parser.lineNumber = block.lineNumber
  parser.modal.feedMode = block.modal.feedMode
  parser.feed = block.feed
  yield* switchOutputs(core, block)
  yield* takeTool(core, block)
  if (core.isAborting) return
  if (block.nonModal.kind === 'dwell') yield* dwell(core, block.nonModal.seconds)
  parser.modal.plane = block.modal.plane
  parser.modal.units = block.modal.units
  yield* changeOffsets(core, block)
  parser.modal.distance = block.modal.distance
  parser.modal.motion = block.modal.motion
  yield* move(core, block)
  yield* endOfBlock(core, block)
}

/** S, M3 M4 M5, M7 M8 M9: each waits for the queue when it changes something. */
function* switchOutputs(core: Core, block: Block): Step {
  const { parser } = core
  const isLaser = core.eeprom.settings[32] !== 0
  const isCheck = () => core.state.kind === 'check'
  if (parser.spindleRpm !== block.spindleRpm) {
    if (parser.modal.spindle !== 5 && !(isLaser && block.hasAxisMotion) && !isCheck()) {
      yield* synchronise(core)
      core.outputs.turn(parser.modal.spindle, block.spindleRpm)
    }
    parser.spindleRpm = block.spindleRpm
  }
  if (parser.modal.spindle !== block.modal.spindle) {
    if (!isCheck()) {
      yield* synchronise(core)
      core.outputs.turn(block.modal.spindle, block.spindleRpm)
    }
    parser.modal.spindle = block.modal.spindle
  }
  const { coolant } = block.modal
  if (parser.modal.coolant.hasFlood !== coolant.hasFlood || parser.modal.coolant.hasMist !== coolant.hasMist) {
    if (!isCheck()) {
      yield* synchronise(core)
      core.outputs.cool(coolant.hasMist, coolant.hasFlood)
    }
    parser.modal.coolant = coolant
  }
}

/** T, M6, M61. In GRBL and FluidNC the tool chosen is the tool; grblHAL changes it with M6 and waits for a person. */
function* takeTool(core: Core, block: Block): Step {
  const { parser } = core
  parser.nextTool = block.tool
  if (block.toolInSpindle !== null) {
    parser.tool = block.toolInSpindle
    parser.nextTool = block.toolInSpindle
  } else if (!core.personality.hasToolState) parser.tool = block.tool
  if (!block.isToolChange) return
  if (core.state.kind !== 'check') {
    yield* synchronise(core)
    if (core.isAborting) return
    core.outputs.off()
    parser.modal.spindle = 5
    parser.modal.coolant = { hasMist: false, hasFlood: false }
    core.state = { kind: 'tool' }
    yield* checkpoint()
    if (core.isAborting) return
  }
  parser.tool = parser.nextTool
}

function* dwell(core: Core, seconds: number): Step {
  if (core.state.kind === 'check') return
  yield* synchronise(core)
  yield { kind: 'dwell', secondsLeft: seconds }
}

/** G43.1 G49, G54..G59, G10, G28.1 G30.1, G92: they wait for the queue (config.h: FORCE_BUFFER_SYNC_DURING_WCO_CHANGE). */
function* changeOffsets(core: Core, block: Block): Step {
  const { parser } = core
  if (block.toolLength !== null) {
    parser.modal.hasToolLength = block.modal.hasToolLength
    if (parser.toolLength !== block.toolLength) {
      parser.toolLength = block.toolLength
      yield* offsetChanged(core)
    }
  }
  if (block.workOffset) {
    parser.modal.coordinateSystem = block.modal.coordinateSystem
    parser.workOffset = block.workOffset
    yield* offsetChanged(core)
  }
  const { nonModal } = block
  switch (nonModal.kind) {
    case 'store-coordinates':
      yield* storeCoordinates(core, nonModal.index, nonModal.value)
      if (coordinateIndex(parser.modal.coordinateSystem) === nonModal.index) {
        parser.workOffset = [...nonModal.value]
        yield* offsetChanged(core)
      }
      return
    case 'store-home':
      yield* storeCoordinates(core, nonModal.index, parser.position)
      return
    case 'shift':
      parser.shift = nonModal.value
      yield* offsetChanged(core)
      return
    case 'dwell':
    case 'none':
  }
}

function* offsetChanged(core: Core): Step {
  yield* synchronise(core)
  core.noteOffsetChange()
}

function* storeCoordinates(core: Core, index: number, value: Vector): Step {
  const coordinates = core.eeprom.coordinates.map((old, i): Vector => (i === index ? [...value] : old))
  yield* storeEeprom(core, { ...core.eeprom, coordinates }, COORDINATE_BYTES)
}

function* move(core: Core, block: Block): Step {
  const { parser } = core
  const { action } = block
  switch (action.kind) {
    case 'none':
      return
    case 'move':
      yield* queueLine(core, block, action.target, action.isRapid)
      parser.position = action.target
      return
    case 'go-home':
      if (action.via) yield* queueLine(core, block, action.via, true)
      yield* queueLine(core, block, action.target, true)
      parser.position = action.target
      return
    case 'arc': {
      const points = arcPoints({ ...action, from: parser.position, tolerance: core.eeprom.settings[12] })
      // the inverse time of a line holds for the whole arc
      const share = { ...block, feed: block.modal.feedMode === 93 ? block.feed * points.length : block.feed }
      for (const point of points) {
        yield* queueLine(core, share, point, false)
        if (core.isAborting) return
      }
      parser.position = action.target
      return
    }
    case 'probe':
      yield* probe(core, block, action)
  }
}

/** Puts a line into the planner, waiting for room; soft limits are looked at here. */
function* queueLine(core: Core, block: Block, target: Vector, isRapid: boolean): Step {
  if (core.eeprom.settings[20] && core.state.kind !== 'jog' && core.isOutsideTravel(target)) yield* softLimit(core)
  if (core.state.kind === 'check') return
  do {
    yield* checkpoint()
    if (core.isAborting) return
    if (!core.motion.isFull) break
    core.startQueued()
    yield { kind: 'room' }
  } while (true)
  core.motion.add({
    target,
    feed: block.feed,
    isRapid,
    isInverseTime: block.modal.feedMode === 93,
    ignoresFeedOverride: block.isJog || block.action.kind === 'probe',
    lineNumber: block.lineNumber,
    spindleRpm: block.spindleRpm,
  })
}

/** Brakes, then locks with ALARM:2 until a reset. The line's own answer comes after that reset. */
function* softLimit(core: Core): Step {
  if (core.state.kind === 'run') {
    core.isSoftLimit = true
    core.feedHold()
    yield { kind: 'idle' }
    if (core.isAborting) return
  }
  core.lock(ALARM.softLimit)
  yield* checkpoint()
}

function* probe(core: Core, block: Block, action: { target: Vector; isAway: boolean; mayMiss: boolean }): Step {
  const { parser } = core
  if (core.state.kind === 'check') {
    parser.position = action.target
    return
  }
  yield* synchronise(core)
  if (core.isAborting) return
  core.probe.isFound = false
  if (core.machine.isTouching(core.motion.position) !== action.isAway) {
    core.alarm(ALARM.probeAtStart)
    return
  }
  core.feeler = { kind: 'probe', isAway: action.isAway }
  yield* queueLine(core, block, action.target, false)
  if (core.isAborting) return
  core.startQueued()
  yield { kind: 'idle' }
  if (core.isAborting) return
  if (core.feeler.kind === 'probe') {
    core.feeler = { kind: 'none' }
    if (action.mayMiss) core.probe.position = core.motion.position
    else core.alarm(ALARM.probeNoContact)
  }
  core.motion.abort()
  core.say(probeLine(core))
  parser.position = core.motion.position
}

/** `[PRB:x,y,z:1]` */
export function probeLine(core: Core): string {
  return `[PRB:${printVector(core.machine.point(core.probe.position), core.eeprom.settings[13] !== 0)}:${Number(core.probe.isFound)}]`
}

/** M0, M2, M30. */
function* endOfBlock(core: Core, block: Block): Step {
  const { parser } = core
  if (block.flow === 'none') return
  yield* synchronise(core)
  if (block.flow === 'pause') {
    if (core.state.kind === 'check') return
    core.feedHold()
    yield* checkpoint()
    return
  }
  // G1 G17 G90 G94 G54 M5 M9; units, feed and speed stay
  parser.modal = {
    ...parser.modal,
    motion: 1,
    plane: 17,
    distance: 90,
    feedMode: 94,
    coordinateSystem: 0,
    spindle: 5,
    coolant: { hasMist: false, hasFlood: false },
  }
  if (core.state.kind !== 'check') {
    parser.workOffset = [...(core.eeprom.coordinates[0] ?? zero())]
    core.changeOverrides({ feed: 100, rapid: 100, spindle: 100 })
    core.noteOffsetChange()
    core.outputs.off()
  }
  core.message(core.personality.programEnd)
}

/** @throws LineError 15 outside the travel */
function* jog(core: Core, block: Block): Step {
  if (block.action.kind !== 'move') return
  const { target } = block.action
  if (core.eeprom.settings[20] && core.isOutsideTravel(target)) throw new LineError(ERROR.travelExceeded)
  yield* queueLine(core, block, target, false)
  if (core.isAborting) return
  if (core.state.kind === 'idle' && !core.motion.isEmpty) {
    core.cycleStart()
    core.state = { kind: 'jog', isCancelling: false, doorPending: false }
  }
  if (AXES.some((axis) => core.parser.position[axis] !== target[axis])) core.parser.position = target
}
