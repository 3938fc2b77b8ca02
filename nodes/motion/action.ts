/**
 * What may be asked of a machine without a program: one typed union for the guard, the API, the flow nodes and the
 * pages. Millimetres, mm/min, rpm, seconds, degrees. Browser-safe.
 */
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false }
const Feed = Type.Number({ exclusiveMinimum: 0, maximum: 100_000, description: 'mm/min' })
const Axis = Type.Enum(['X', 'Y', 'Z', 'A', 'B', 'C'])
const Side = Type.Enum(['-', '+'], { description: 'Which way the tool moves to touch' })

/** Axis letter to a number. */
export const AxisValues = Type.Object(
  Object.fromEntries(['X', 'Y', 'Z', 'A', 'B', 'C'].map((letter) => [letter, Type.Optional(Type.Number({ minimum: -100_000, maximum: 100_000 }))])) as Record<
    'X' | 'Y' | 'Z' | 'A' | 'B' | 'C',
    ReturnType<typeof Type.Optional<ReturnType<typeof Type.Number>>>
  >,
  { ...closed, minProperties: 1 },
)
export type AxisValues = Partial<Record<'X' | 'Y' | 'Z' | 'A' | 'B' | 'C', number>>

export const WorkOffsetName = Type.Enum(['G54', 'G55', 'G56', 'G57', 'G58', 'G59', 'G59.1', 'G59.2', 'G59.3'])
export type WorkOffsetName = Static<typeof WorkOffsetName>

/** How a touch is made: fast until it touches, back, slowly again. */
const touch = {
  feedMmPerMin: Type.Number({ exclusiveMinimum: 0, maximum: 2000, default: 100 }),
  /** Second, slow touch; 0 leaves it out. */
  fineFeedMmPerMin: Type.Number({ minimum: 0, maximum: 500, default: 25 }),
  /** Nothing touched within so far: the cycle ends with an error and the tool goes back. */
  maxTravelMm: Type.Number({ exclusiveMinimum: 0, maximum: 1000, default: 20 }),
  retractMm: Type.Number({ exclusiveMinimum: 0, maximum: 100, default: 2 }),
}
const tip = { tipDiameterMm: Type.Number({ minimum: 0, maximum: 100, description: 'Diameter of the probe tip or tool' }) }
/** Where the result goes: absent, nothing is set and the result is only told. */
const into = { workOffset: Type.Optional(WorkOffsetName) }

/** Every cycle begins where the tool stands. */
export const ProbeCycle = Type.Union([
  /** Down to a plate of known thickness on the work: sets Z0 at the work's top. */
  Type.Object({ cycle: Type.Literal('touch-plate'), plateThicknessMm: Type.Number({ minimum: 0, maximum: 200 }), ...touch, ...into }, closed),
  /** One touch along one axis, as a measurement. */
  Type.Object(
    { cycle: Type.Literal('surface'), axis: Axis, side: Side, tipDiameterMm: Type.Number({ minimum: 0, maximum: 100, default: 0 }), ...touch, ...into },
    closed,
  ),
  /** One edge in X or Y: its place becomes 0 of that axis. */
  Type.Object({ cycle: Type.Literal('edge'), axis: Type.Enum(['X', 'Y']), side: Side, ...tip, ...touch, ...into }, closed),
  /** An outside corner: stands over the work near it; goes out, down, touches X and Y. */
  Type.Object(
    {
      cycle: Type.Literal('corner'),
      /** Which corner: the side of the work it is at. */
      x: Type.Enum(['left', 'right']),
      y: Type.Enum(['front', 'back']),
      /** From the start to beside the work. */
      clearanceMm: Type.Number({ exclusiveMinimum: 0, maximum: 200, default: 10 }),
      /** How far below the start it touches. */
      depthMm: Type.Number({ exclusiveMinimum: 0, maximum: 200, default: 5 }),
      ...tip,
      ...touch,
      ...into,
    },
    closed,
  ),
  /** Centre of a hole: stands inside it. */
  Type.Object({ cycle: Type.Literal('bore'), diameterMm: Type.Number({ exclusiveMinimum: 0, maximum: 1000 }), ...tip, ...touch, ...into }, closed),
  /** Centre of a round or square boss: stands above it. */
  Type.Object(
    {
      cycle: Type.Literal('boss'),
      diameterMm: Type.Number({ exclusiveMinimum: 0, maximum: 1000 }),
      clearanceMm: Type.Number({ exclusiveMinimum: 0, maximum: 200, default: 10 }),
      depthMm: Type.Number({ exclusiveMinimum: 0, maximum: 200, default: 5 }),
      ...tip,
      ...touch,
      ...into,
    },
    closed,
  ),
  /** The angle of an edge to an axis, from two touches. */
  Type.Object(
    {
      cycle: Type.Literal('angle'),
      along: Type.Enum(['X', 'Y']),
      side: Side,
      distanceMm: Type.Number({ exclusiveMinimum: 0, maximum: 1000 }),
      ...tip,
      ...touch,
    },
    closed,
  ),
  /** At the tool setter of the machine's settings; the first tool measured after `isReference` is what the others are compared with. */
  Type.Object({ cycle: Type.Literal('tool-length'), isReference: Type.Boolean({ default: false }) }, closed),
  /** A grid over the work, in work coordinates; the result levels programs. */
  Type.Object(
    {
      cycle: Type.Literal('height-map'),
      minMm: Type.Tuple([Type.Number(), Type.Number()]),
      maxMm: Type.Tuple([Type.Number(), Type.Number()]),
      columns: Type.Integer({ minimum: 2, maximum: 100 }),
      rows: Type.Integer({ minimum: 2, maximum: 100 }),
      /** Between two points it travels at this height over the work zero. */
      clearanceZMm: Type.Number({ exclusiveMinimum: 0, maximum: 100, default: 3 }),
      ...touch,
    },
    closed,
  ),
])
export type ProbeCycle = Static<typeof ProbeCycle>

export const HeightMap = Type.Object({
  minMm: Type.Tuple([Type.Number(), Type.Number()]),
  maxMm: Type.Tuple([Type.Number(), Type.Number()]),
  columns: Type.Integer({ minimum: 2 }),
  rows: Type.Integer({ minimum: 2 }),
  /** Row by row from (min, min): height over the work zero in mm. */
  heightsMm: Type.Array(Type.Number()),
})
export type HeightMap = Static<typeof HeightMap>

/** What a probing cycle found. Points are machine coordinates. */
export const ProbeResult = Type.Object({
  cycle: Type.String(),
  pointsMm: Type.Array(Type.Array(Type.Number())),
  /** The place found, in work coordinates before anything was set. */
  foundMm: Type.Optional(AxisValues),
  diameterMm: Type.Optional(Type.Number()),
  angleDeg: Type.Optional(Type.Number()),
  toolLengthMm: Type.Optional(Type.Number()),
  heightMap: Type.Optional(HeightMap),
  /** What was set, in words; absent when nothing was. */
  setText: Type.Optional(Type.String()),
})
export type ProbeResult = Static<typeof ProbeResult>

export const MachineAction = Type.Union([
  /** One jog move (`$J=`); it can be cancelled and changes no modal state. */
  Type.Object({ kind: Type.Literal('jog'), by: AxisValues, feedMmPerMin: Feed }, closed),
  /** To a place: in work coordinates, or in machine coordinates. */
  Type.Object({ kind: Type.Literal('go-to'), to: AxisValues, frame: Type.Enum(['work', 'machine'], { default: 'work' }), feedMmPerMin: Feed }, closed),
  Type.Object(
    {
      kind: Type.Literal('home'),
      axes: Type.Optional(Type.Array(Axis, { uniqueItems: true, maxItems: 6, description: 'All when absent; single axes only where the controller can' })),
    },
    closed,
  ),
  Type.Object({ kind: Type.Literal('probe'), probe: ProbeCycle }, closed),
  /** The place where the tool stands becomes these coordinates of the work offset. */
  Type.Object({ kind: Type.Literal('set-here'), workOffset: WorkOffsetName, here: AxisValues }, closed),
  /** The work offset itself, in machine coordinates. */
  Type.Object(
    {
      kind: Type.Literal('set-offset'),
      workOffset: WorkOffsetName,
      offsetMm: AxisValues,
      /** Where it must still be: what was reckoned from another place is refused (`offset-moved`). */
      expectedMm: Type.Optional(AxisValues),
    },
    closed,
  ),
  Type.Object({ kind: Type.Literal('select-offset'), workOffset: WorkOffsetName }, closed),
  Type.Object({ kind: Type.Literal('clear-g92') }, closed),
  Type.Object({ kind: Type.Literal('tool-length'), lengthMm: Type.Union([Type.Number(), Type.Null()], { description: 'G43.1 with this; null: G49' }) }, closed),
  /** Percent; what is absent stays. Rapid: 25, 50 or 100. */
  Type.Object(
    {
      kind: Type.Literal('override'),
      feed: Type.Optional(Type.Integer({ minimum: 10, maximum: 200 })),
      rapid: Type.Optional(Type.Enum([25, 50, 100])),
      spindle: Type.Optional(Type.Integer({ minimum: 10, maximum: 200 })),
    },
    closed,
  ),
  Type.Object(
    { kind: Type.Literal('spindle'), turn: Type.Enum(['off', 'cw', 'ccw']), rpm: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000_000 })) },
    closed,
  ),
  Type.Object({ kind: Type.Literal('coolant'), isFloodOn: Type.Boolean(), isMistOn: Type.Boolean({ default: false }) }, closed),
  /** The tool in the spindle, as a person says: no motion. */
  Type.Object({ kind: Type.Literal('tool-is'), tool: Type.Integer({ minimum: 0, maximum: 9999 }) }, closed),
  /** One line, checked like a program line. */
  Type.Object({ kind: Type.Literal('line'), line: Type.String({ minLength: 1, maxLength: 256, pattern: '^[^\\r\\n]*$' }) }, closed),
  Type.Object({ kind: Type.Literal('unlock') }, closed),
  /** The safety-door byte: parks as the controller is set up to. */
  Type.Object({ kind: Type.Literal('safety-door') }, closed),
  Type.Object({ kind: Type.Literal('reset-parts-count') }, closed),
])
export type MachineAction = Static<typeof MachineAction>

/** What an action brought. */
export const ActionResult = Type.Object({
  /** What was done, in words. */
  text: Type.String(),
  /** What the controller answered, where it said more than `ok`. */
  answer: Type.Optional(Type.String()),
  probe: Type.Optional(ProbeResult),
})
export type ActionResult = Static<typeof ActionResult>
