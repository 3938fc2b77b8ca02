import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'
import { Choice, ConfigNode, defineNode, type Message, type NodeContext, Quantity } from '../define-node/index.ts'
import { ProbeCycle } from './action.ts'
import { askMachine, optionalNumber, WORK_OFFSET_LABELS, WORK_OFFSETS } from './asking.ts'
import machine from './machine.node.ts'

const CYCLES = {
  'touch-plate': 'touch plate: top of the work',
  surface: 'one touch, as a measurement',
  edge: 'edge in X or Y',
  corner: 'outside corner',
  bore: 'centre of a bore',
  boss: 'centre of a boss',
  angle: 'angle of an edge',
  'tool-length': 'tool length at the setter',
  'height-map': 'height map',
} as const
type Cycle = keyof typeof CYCLES
const CYCLE_NAMES = Object.keys(CYCLES) as [Cycle, ...Cycle[]]

const forCycles = (...is: Cycle[]) => ({ field: 'cycle', is })
const TOUCHING = forCycles('touch-plate', 'surface', 'edge', 'corner', 'bore', 'boss', 'angle', 'height-map')
const WITH_TIP = forCycles('surface', 'edge', 'corner', 'bore', 'boss', 'angle')

const config = Type.Object({
  machine: ConfigNode(machine, { title: 'Machine' }),
  cycle: Choice(CYCLE_NAMES, { title: 'Cycle', labels: CYCLES, default: 'touch-plate', help: 'Each begins where the tool stands.' }),
  plateThickness: optionalNumber('Plate thickness (mm)', { minimum: 0, maximum: 200, when: forCycles('touch-plate') }),
  axis: Choice(['X', 'Y', 'Z'], {
    title: 'Axis',
    help: 'For an angle: the axis along which the edge lies.',
    labels: { X: 'X', Y: 'Y', Z: 'Z (one touch only)' },
    default: 'X',
    when: forCycles('surface', 'edge', 'angle'),
  }),
  side: Choice(['-', '+'], {
    title: 'Direction',
    labels: { '-': 'moves towards minus to touch', '+': 'moves towards plus to touch' },
    default: '+',
    when: forCycles('surface', 'edge', 'angle'),
  }),
  cornerX: Choice(['left', 'right'], { title: 'Corner in X', labels: { left: 'left', right: 'right' }, default: 'left', when: forCycles('corner') }),
  cornerY: Choice(['front', 'back'], { title: 'Corner in Y', labels: { front: 'front', back: 'back' }, default: 'front', when: forCycles('corner') }),
  diameter: optionalNumber('Diameter (mm)', { minimum: 0, maximum: 1000, when: forCycles('bore', 'boss') }),
  distance: optionalNumber('Distance of the touches (mm)', { minimum: 0, maximum: 1000, when: forCycles('angle') }),
  clearance: Quantity({
    title: 'Clearance',
    unit: 'mm',
    help: 'From the start to beside the work; above it between the points of a height map.',
    default: 10,
    when: forCycles('corner', 'boss', 'height-map'),
  }),
  depth: Quantity({ title: 'Depth', unit: 'mm', help: 'How far below the start it touches.', default: 5, when: forCycles('corner', 'boss') }),
  tipDiameter: optionalNumber('Tip diameter (mm)', { minimum: 0, maximum: 100, when: WITH_TIP }),
  fromX: optionalNumber('From X (mm)', { when: forCycles('height-map') }),
  fromY: optionalNumber('From Y (mm)', { when: forCycles('height-map') }),
  toX: optionalNumber('To X (mm)', { when: forCycles('height-map') }),
  toY: optionalNumber('To Y (mm)', { when: forCycles('height-map') }),
  columns: Quantity({ title: 'Points in X', minimum: 2, maximum: 100, isWhole: true, default: 5, when: forCycles('height-map') }),
  rows: Quantity({ title: 'Points in Y', minimum: 2, maximum: 100, isWhole: true, default: 5, when: forCycles('height-map') }),
  isReference: Type.Boolean({ title: 'Reference tool', help: 'The tool that the others are compared with.', default: false, when: forCycles('tool-length') }),
  workOffset: Choice(['none', ...WORK_OFFSETS], {
    title: 'Set in',
    labels: { none: 'nothing is set', ...WORK_OFFSET_LABELS },
    default: 'none',
    help: 'What was found becomes zero of this work offset.',
    when: forCycles('touch-plate', 'surface', 'edge', 'corner', 'bore', 'boss'),
  }),
  feed: Quantity({ title: 'Feed', unit: 'mm/min', minimum: 1, maximum: 2000, default: 100, when: TOUCHING }),
  fineFeed: Quantity({
    title: 'Fine feed',
    unit: 'mm/min',
    help: 'Of the second touch; 0 leaves it out.',
    minimum: 0,
    maximum: 500,
    default: 25,
    when: TOUCHING,
  }),
  maxTravel: Quantity({
    title: 'Longest way',
    unit: 'mm',
    help: 'Nothing touched within it: the cycle ends as failed.',
    minimum: 0.1,
    maximum: 1000,
    default: 20,
    when: TOUCHING,
  }),
  retract: Quantity({ title: 'Retract', unit: 'mm', minimum: 0.1, maximum: 100, default: 2, when: TOUCHING }),
})
type Context = NodeContext<(typeof config)['properties']>
const probeCycle = checker(ProbeCycle)

/** The values that each cycle cannot do without. */
const NEEDED: Partial<Record<Cycle, readonly (keyof (typeof config)['properties'] & string)[]>> = {
  'touch-plate': ['plateThickness'],
  edge: ['tipDiameter'],
  corner: ['tipDiameter'],
  bore: ['diameter', 'tipDiameter'],
  boss: ['diameter', 'tipDiameter'],
  angle: ['distance', 'tipDiameter'],
  'height-map': ['fromX', 'fromY', 'toX', 'toY'],
}

export default defineNode({
  type: 'cw-probe',
  family: 'motion',
  label: 'probe',
  summary: 'Finds a surface, an edge, a corner, a centre, an angle, a tool length or a height map. The machine moves.',
  icon: 'probe',
  inputs: 1,
  outputs: ['found', 'nothing touched'],
  labelFrom: 'cycle',
  config,
  check(config) {
    const problems = (NEEDED[config.cycle] ?? [])
      .filter((key) => config[key] === undefined)
      .map((key) => ({ path: `/${key}`, message: `${TITLES[key] ?? key} is missing.` }))
    if (config.axis === 'Z' && (config.cycle === 'edge' || config.cycle === 'angle'))
      problems.push({ path: '/axis', message: 'Axis must be X or Y for this cycle.' })
    return problems
  },
  setup(context) {
    const { cycle } = context.config
    return {
      async input(message) {
        const { machineId } = context.referenced('machine')
        const probe = await probeOf(context, message)
        const remove = context.services.onMachineEvent(machineId, ({ kind, text }) => {
          if (kind === 'probe') context.status({ info: text })
        })
        try {
          const result = await askMachine(context, { machineId, message, action: { kind: 'probe', probe }, says: CYCLES[cycle] })
          context.status({ ok: result.text })
          context.send(0, { ...message, payload: { text: result.text, ...result.probe } })
        } catch (error) {
          // by its code: the node's bundle has a copy of the error classes of its own
          if ((error as { code?: unknown }).code !== 'probe-failed') throw error
          const text = (error as Error).message
          context.status({ alarm: text })
          context.send(1, { ...message, payload: { cycle, text } })
        } finally {
          remove()
        }
      },
    }
  },
})

const TITLES = Object.fromEntries(Object.entries(config.properties).map(([key, schema]) => [key, (schema as { title?: string }).title]))

/** @throws UserError `value-invalid` when the numbers make no cycle */
async function probeOf(context: Context, message: Message): Promise<ProbeCycle> {
  const { cycle, axis, side, cornerX, cornerY, clearance, depth, columns, rows, isReference, workOffset, feed, fineFeed, maxTravel, retract } = context.config
  const value = (key: 'plateThickness' | 'diameter' | 'distance' | 'tipDiameter' | 'fromX' | 'fromY' | 'toX' | 'toY') => context.value(key, message)
  const touch = { feedMmPerMin: feed, fineFeedMmPerMin: fineFeed, maxTravelMm: maxTravel, retractMm: retract }
  const into = workOffset === 'none' ? {} : { workOffset }
  const tip = async () => ({ tipDiameterMm: (await value('tipDiameter')) ?? 0 })
  const asked = async (): Promise<Record<string, unknown>> => {
    switch (cycle) {
      case 'touch-plate':
        return { plateThicknessMm: await value('plateThickness'), ...touch, ...into }
      case 'surface':
      case 'edge':
        return { axis, side, ...(await tip()), ...touch, ...into }
      case 'corner':
        return { x: cornerX, y: cornerY, clearanceMm: clearance, depthMm: depth, ...(await tip()), ...touch, ...into }
      case 'bore':
        return { diameterMm: await value('diameter'), ...(await tip()), ...touch, ...into }
      case 'boss':
        return { diameterMm: await value('diameter'), clearanceMm: clearance, depthMm: depth, ...(await tip()), ...touch, ...into }
      case 'angle':
        return { along: axis, side, distanceMm: await value('distance'), ...(await tip()), ...touch }
      case 'tool-length':
        return { isReference }
      case 'height-map':
        return {
          minMm: [await value('fromX'), await value('fromY')],
          maxMm: [await value('toX'), await value('toY')],
          columns,
          rows,
          clearanceZMm: clearance,
          ...touch,
        }
      default:
        return cycle satisfies never
    }
  }
  const made = { cycle, ...(await asked()) }
  if (probeCycle.is(made)) return made
  const wrong = probeCycle
    .errors(made)
    .filter(({ path }) => path && path !== '/cycle')
    .slice(0, 3)
    .map(({ path, message: text }) => `${path.slice(1)} ${text}`)
  throw new UserError({ code: 'value-invalid', message: `The numbers make no ${CYCLES[cycle]} cycle: ${wrong.join('; ') || 'one of them is out of range'}.` })
}
