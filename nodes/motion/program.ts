/**
 * What is known of a program before it runs, and how one is started: shared by the guard, the API, the command line
 * and the pages. Machine coordinates in mm unless said otherwise. Browser-safe.
 */
import { type Static, Type } from 'typebox'
import { HeightMap } from './action.ts'

const Point = Type.Array(Type.Number(), { description: 'X, Y, Z, … in mm' })

/** One thing found in a program. An `error` keeps it from starting. */
export const ProgramFinding = Type.Object({
  severity: Type.Enum(['error', 'warning', 'note']),
  /** Stable: line-refused, outside-envelope, keep-out, feed-too-high, spindle-speed, forbidden-code, dwell-too-long, units-unclear, … */
  code: Type.String(),
  line: Type.Integer(),
  column: Type.Integer(),
  /** A whole sentence with numbers. */
  text: Type.String(),
})
export type ProgramFinding = Static<typeof ProgramFinding>

/** What a program does with one tool; a program that names none has tool 0. */
export const ToolUse = Type.Object({
  tool: Type.Integer(),
  firstLine: Type.Integer(),
  cuttingMm: Type.Number(),
  rapidMm: Type.Number(),
  seconds: Type.Number(),
  feedMmPerMin: Type.Object({ min: Type.Number(), max: Type.Number() }),
  spindleRpm: Type.Object({ min: Type.Number(), max: Type.Number() }),
  /** Lowest Z of its cutting moves, work coordinates of the offset in force. */
  minZMm: Type.Number(),
})
export type ToolUse = Static<typeof ToolUse>

export const ProgramReport = Type.Object({
  isRunnable: Type.Boolean(),
  /** Lines in the file, and lines that will be sent. */
  sourceLines: Type.Integer(),
  totalLines: Type.Integer(),
  /** The controller does not know everything the program uses: subprograms, expressions or cycles are written out for it. */
  isExpanded: Type.Boolean(),
  /** In which units the program is written, by its own G20 and G21; absent: it names none, and what is in force at the machine counts. */
  units: Type.Optional(Type.Enum(['mm', 'inch', 'both'])),
  extentsMm: Type.Optional(Type.Object({ min: Point, max: Point })),
  /** The same in work coordinates of the offset in force at each move. */
  workExtentsMm: Type.Optional(Type.Object({ min: Point, max: Point })),
  /** With the acceleration and junction limits of the machine, without overrides and waits for people. */
  estimateS: Type.Number(),
  cuttingMm: Type.Number(),
  rapidMm: Type.Number(),
  tools: Type.Array(ToolUse),
  /** At most 200, errors first; `findingsTotal` counts all. */
  findings: Type.Array(ProgramFinding),
  findingsTotal: Type.Integer(),
})
export type ProgramReport = Static<typeof ProgramReport>

/** What a start in mid-program would do before the line, shown to a person first. */
export const StartPlan = Type.Object({
  planId: Type.String(),
  fromLine: Type.Integer(),
  /** The lines the guard will send first: modes, spindle, coolant, the approach. */
  lines: Type.Array(Type.Object({ text: Type.String(), /** What it does, in words. */ says: Type.String() })),
  /** Where the tool goes, from where it stands, machine coordinates. */
  approachMm: Type.Array(Point),
  /** Modal words in force at the line. */
  modal: Type.Array(Type.String()),
  tool: Type.Integer(),
  spindle: Type.Object({ turn: Type.Enum(['off', 'cw', 'ccw']), rpm: Type.Number() }),
  /** What a person should look at before saying yes. */
  warnings: Type.Array(Type.String()),
  expiresAt: Type.String({ format: 'date-time' }),
})
export type StartPlan = Static<typeof StartPlan>

/** How a program is to be started. */
export const StartOptions = Type.Object(
  {
    /** Stop at M1. */
    optionalStop: Type.Optional(Type.Boolean({ default: false })),
    /** Leave out lines that begin with `/`. */
    blockDelete: Type.Optional(Type.Boolean({ default: false })),
    /** A plan a person has seen and agreed to; it goes stale when the machine moved or was changed. */
    planId: Type.Optional(Type.String()),
    /** The tool that must be in the spindle where the program names one before any M6. */
    expectedTool: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: false },
)
export type StartOptions = Static<typeof StartOptions>

/** A change to a program that makes a new one. Work coordinates, mm, degrees. */
export const ProgramTransform = Type.Union([
  Type.Object({ kind: Type.Literal('offset'), byMm: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]) }, { additionalProperties: false }),
  /** About a point in XY, counter-clockwise. */
  Type.Object(
    { kind: Type.Literal('rotate'), angleDeg: Type.Number(), aboutMm: Type.Tuple([Type.Number(), Type.Number()], { default: [0, 0] }) },
    { additionalProperties: false },
  ),
  /** `X` turns X into -X, at the line X = `atMm`. */
  Type.Object({ kind: Type.Literal('mirror'), axis: Type.Enum(['X', 'Y']), atMm: Type.Number({ default: 0 }) }, { additionalProperties: false }),
  Type.Object(
    {
      kind: Type.Literal('scale'),
      factor: Type.Tuple([Type.Number({ exclusiveMinimum: 0 }), Type.Number({ exclusiveMinimum: 0 }), Type.Number({ exclusiveMinimum: 0 })]),
      aboutMm: Type.Tuple([Type.Number(), Type.Number(), Type.Number()], { default: [0, 0, 0] }),
    },
    { additionalProperties: false },
  ),
  /** Follows a surface: Z is corrected by the map, bilinear; long moves are cut so that the error stays within `toleranceMm`. */
  Type.Object(
    { kind: Type.Literal('level'), map: HeightMap, toleranceMm: Type.Number({ exclusiveMinimum: 0, maximum: 1, default: 0.01 }) },
    { additionalProperties: false },
  ),
  /** Fewer words and lines, the same path within the tolerance. */
  Type.Object(
    {
      kind: Type.Literal('optimise'),
      toleranceMm: Type.Number({ minimum: 0, maximum: 0.5, default: 0.005 }),
      dropsRedundantWords: Type.Boolean({ default: true }),
      mergesLines: Type.Boolean({ default: true }),
      fitsArcs: Type.Boolean({ default: false }),
    },
    { additionalProperties: false },
  ),
])
export type ProgramTransform = Static<typeof ProgramTransform>

/** What a transform did, with the proof: both programs are interpreted again and their paths compared. */
export const TransformReport = Type.Object({
  linesBefore: Type.Integer(),
  linesAfter: Type.Integer(),
  bytesBefore: Type.Integer(),
  bytesAfter: Type.Integer(),
  /** The largest distance found between the path asked for and the path made. */
  largestDeviationMm: Type.Number(),
  toleranceMm: Type.Number(),
  /** What a person should know, in whole sentences. */
  notes: Type.Optional(Type.Array(Type.String())),
})
export type TransformReport = Static<typeof TransformReport>
