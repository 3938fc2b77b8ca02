/** What may happen to a machine, in any order: what people and flows ask for, and what goes wrong. */
import fc from '../../../../../test/property.ts'

/** Feeds tell apart whose lines they are: every request has its own. */
export type Step =
  | { do: 'start'; lines: number; shape: 'lines' | 'arcs' | 'relative' | 'stops' | 'far'; lease: LeaseUse; isHurried: boolean }
  | { do: 'jog'; by: { X?: number; Y?: number; Z?: number }; lease: LeaseUse }
  | { do: 'go-to'; to: { X?: number; Y?: number; Z?: number }; frame: 'work' | 'machine'; lease: LeaseUse }
  | { do: 'jog-start'; x: number; y: number; ttlMs: number }
  | { do: 'jog-beat' | 'jog-end' }
  | { do: 'hold' | 'stop' | 'hard-stop' | 'resume' | 'home' | 'unlock' | 'safety-door' | 'connect' }
  | { do: 'line'; line: string; lease: LeaseUse }
  | { do: 'set-offset'; x: number; y: number }
  | { do: 'set-here' }
  | { do: 'override'; feed: number; rapid: 25 | 50 | 100 }
  | { do: 'spindle'; isOn: boolean }
  | { do: 'probe' }
  | { do: 'take-lease'; holder: 'A' | 'B'; ttlMs: number }
  | { do: 'beat-lease' | 'drop-lease' }
  | { do: 'interlock'; isSafe: boolean }
  | { do: 'answer'; answer: 'go-on' | 'skip-line' | 'stop' }
  | { do: 'requester-gone' }
  /** Somebody puts the machine right: out of alarm and hold, homed, nobody's. */
  | { do: 'ready' }
  | { do: 'wait'; ms: number }
  | { do: 'fault'; fault: Fault; ms: number }

/** `current`: the lease that is held; `stale`: the one before it, or one that never was. */
export type LeaseUse = 'none' | 'current' | 'stale'

export type Fault =
  | 'restart'
  | 'brown-out'
  | 'limit'
  | 'alarm'
  | 'lose-answer'
  | 'double-answer'
  | 'late-answers'
  | 'flood'
  | 'noise'
  /** Another position, in a report that reads well. */
  | 'spoilt'
  | 'silence'
  | 'unplug'
  | 'door'
  | 'guard-restart'

const FAULTS: readonly Fault[] = [
  'restart',
  'brown-out',
  'limit',
  'alarm',
  'lose-answer',
  'double-answer',
  'late-answers',
  'flood',
  'noise',
  'spoilt',
  'silence',
  'unplug',
  'door',
  'guard-restart',
]

const lease = fc.constantFrom<LeaseUse>('none', 'none', 'none', 'current', 'current', 'stale')
const place = { X: fc.integer({ min: -20, max: 420 }), Y: fc.integer({ min: -20, max: 320 }), Z: fc.integer({ min: -90, max: 30 }) }
const way = { X: fc.integer({ min: -150, max: 150 }), Y: fc.integer({ min: -150, max: 150 }), Z: fc.integer({ min: -40, max: 40 }) }
const some = { requiredKeys: [] as [] }
/** `%` becomes the feed of the request. */
const line = fc.constantFrom(
  'G0 X12.5',
  'G90 G1 X40 Y20 F%',
  'G91 G1 X7.125 F%',
  'G90',
  'G20',
  'G21',
  'G1 X1 F%',
  'G92 X5 Y5',
  'G92.1',
  'G55',
  'G54',
  'G10 L2 P1 X15 Y10',
  'G10 L20 P2 X0',
  'G4 P0.5',
  'G2 X30 Y30 I10 J10 F%',
  'G53 G0 Z-5',
  'G28',
  'M3 S500',
  'M5',
  'M8',
  'G0 X1000',
  'G0 X1~',
  '$G',
  '$#',
  '$J=G91 X9.5 F%',
  '$J=G91 X-900 F%',
  '$H',
  '$X',
  '$RST=*',
  'G64',
  '',
)

const request: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('start' as const),
      lines: fc.integer({ min: 1, max: 90 }),
      shape: fc.constantFrom('lines' as const, 'lines' as const, 'arcs' as const, 'relative' as const, 'stops' as const, 'far' as const),
      lease,
      isHurried: fc.constantFrom(false, false, true),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('jog' as const), by: fc.record(way, some).filter((by) => Object.keys(by).length > 0), lease }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('go-to' as const),
      to: fc.record(place, some).filter((to) => Object.keys(to).length > 0),
      frame: fc.constantFrom('work' as const, 'machine' as const),
      lease,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('jog-start' as const),
      x: fc.constantFrom(-1, 1),
      y: fc.constantFrom(-1, 0, 1),
      ttlMs: fc.integer({ min: 100, max: 300 }),
    }),
  },
  { weight: 3, arbitrary: fc.constantFrom<Step>({ do: 'jog-beat' }, { do: 'jog-end' }) },
  {
    weight: 8,
    arbitrary: fc.constantFrom<Step>(
      { do: 'hold' },
      { do: 'hold' },
      { do: 'stop' },
      { do: 'hard-stop' },
      { do: 'resume' },
      { do: 'resume' },
      { do: 'home' },
      { do: 'unlock' },
      { do: 'unlock' },
      { do: 'safety-door' },
      { do: 'connect' },
    ),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('line' as const), line, lease }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('set-offset' as const), x: fc.integer({ min: -30, max: 390 }), y: fc.integer({ min: -30, max: 290 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('override' as const),
      feed: fc.integer({ min: 10, max: 200 }),
      rapid: fc.constantFrom(25 as const, 50 as const, 100 as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('spindle' as const), isOn: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ do: 'probe' }, { do: 'set-here' }, { do: 'requester-gone' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('take-lease' as const),
      holder: fc.constantFrom('A' as const, 'B' as const),
      ttlMs: fc.integer({ min: 500, max: 900 }),
    }),
  },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ do: 'beat-lease' }, { do: 'drop-lease' }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('interlock' as const), isSafe: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('answer' as const), answer: fc.constantFrom('go-on' as const, 'skip-line' as const, 'stop' as const) }) },
)

const step = fc.oneof(
  { weight: 10, arbitrary: request },
  { weight: 4, arbitrary: fc.constant<Step>({ do: 'ready' }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fault' as const), fault: fc.constantFrom(...FAULTS), ms: fc.integer({ min: 5, max: 500 }) }) },
)

/** A program that really runs, and what comes in its way. */
const run = fc
  .tuple(
    fc.record({
      do: fc.constant('start' as const),
      lines: fc.integer({ min: 20, max: 90 }),
      shape: fc.constantFrom('lines' as const, 'lines' as const, 'arcs' as const, 'relative' as const, 'stops' as const),
      lease: fc.constant<LeaseUse>('current'),
      isHurried: fc.constant(false),
    }),
    fc.array(step, { minLength: 1, maxLength: 4 }),
  )
  .map(([start, then]): Step[] => [{ do: 'ready' }, start, ...then])
const scene = fc.oneof({ weight: 4, arbitrary: step.map((one) => [one]) }, { weight: 1, arbitrary: run })

/** A machine and what happens to it. */
export interface Sequence {
  personality: 'grbl' | 'grblhal' | 'fluidnc'
  /** It has switches, starts locked and must be homed. */
  hasHoming: boolean
  /** Simulated seconds a second. */
  timeScale: number
  steps: Step[]
}

export const sequence: fc.Arbitrary<Sequence> = fc.record({
  personality: fc.constantFrom('grbl' as const, 'grbl' as const, 'grblhal' as const, 'fluidnc' as const),
  hasHoming: fc.boolean(),
  timeScale: fc.constantFrom(20, 60, 200),
  steps: fc.array(scene, { minLength: 2, maxLength: 11 }).map((scenes) => scenes.flat()),
})
