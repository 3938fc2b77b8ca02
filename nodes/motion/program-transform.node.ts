import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { Choice, defineNode, type Message, MessageValue, type NodeContext, Quantity } from '../define-node/index.ts'
import { HeightMap } from './action.ts'
import { optionalNumber, runOf } from './asking.ts'
import type { ProgramTransform } from './program.ts'

const KINDS = {
  offset: 'move',
  rotate: 'turn',
  mirror: 'mirror',
  scale: 'scale',
  level: 'level to a height map',
  optimise: 'optimise',
} as const
type Kind = keyof typeof KINDS
const forKinds = (...is: Kind[]) => ({ field: 'kind', is })

const config = Type.Object({
  program: MessageValue(Type.String({ minLength: 1 }), {
    title: 'Program',
    help: 'Name or id in the program library.',
    default: { type: 'str', value: '' },
    picks: 'program',
  }),
  newName: MessageValue(Type.String({ minLength: 1, maxLength: 200 }), {
    title: 'New name',
    help: 'The result is stored under this name; with the name of a program that is there, as its next revision.',
    default: { type: 'str', value: '' },
  }),
  kind: Choice(Object.keys(KINDS) as [Kind, ...Kind[]], { title: 'Change', labels: KINDS, default: 'offset' }),
  byX: optionalNumber('X (mm, or factor)', { when: forKinds('offset', 'scale') }),
  byY: optionalNumber('Y (mm, or factor)', { when: forKinds('offset', 'scale') }),
  byZ: optionalNumber('Z (mm, or factor)', { when: forKinds('offset', 'scale') }),
  angle: optionalNumber('Angle (degrees)', { help: 'Counter-clockwise.', when: forKinds('rotate') }),
  aboutX: optionalNumber('About X (mm)', { when: forKinds('rotate', 'scale') }),
  aboutY: optionalNumber('About Y (mm)', { when: forKinds('rotate', 'scale') }),
  aboutZ: optionalNumber('About Z (mm)', { when: forKinds('scale') }),
  mirrored: Choice(['X', 'Y'], { title: 'Mirrored in', labels: { X: 'X', Y: 'Y' }, default: 'X', when: forKinds('mirror') }),
  mirrorAt: optionalNumber('At (mm)', { help: 'Where the mirror stands.', when: forKinds('mirror') }),
  map: Type.Optional(
    MessageValue(HeightMap, {
      title: 'Height map',
      help: 'As a probe node finds it.',
      default: { type: 'msg', value: 'payload.heightMap' },
      when: forKinds('level'),
    }),
  ),
  tolerance: Quantity({ title: 'Tolerance', unit: 'mm', minimum: 0, maximum: 1, default: 0.005, when: forKinds('level', 'optimise') }),
  fitsArcs: Type.Boolean({ title: 'Fit arcs', help: 'Rows of short lines become arcs within the tolerance.', default: false, when: forKinds('optimise') }),
})
type Context = NodeContext<(typeof config)['properties']>

export default defineNode({
  type: 'cw-program-transform',
  family: 'motion',
  label: 'program transform',
  summary: 'Makes a new program from one: moved, turned, mirrored, scaled, levelled or optimised, with the proof that its path is right.',
  icon: 'program-transform',
  inputs: 1,
  outputs: ['made'],
  labelFrom: 'newName',
  config,
  check(config) {
    if (config.kind === 'offset' && !config.byX && !config.byY && !config.byZ)
      return [{ path: '/byX', message: 'No distance is set: give at least one axis a value.' }]
    if (config.kind === 'scale' && !config.byX && !config.byY && !config.byZ)
      return [{ path: '/byX', message: 'No factor is set: give at least one axis a value.' }]
    if (config.kind === 'rotate' && !config.angle) return [{ path: '/angle', message: 'Angle is missing.' }]
    if (config.kind === 'level' && !config.map) return [{ path: '/map', message: 'Height map is missing.' }]
    if (config.kind === 'level' && config.tolerance === 0) return [{ path: '/tolerance', message: 'Tolerance must be more than 0 for levelling.' }]
    if (config.kind === 'optimise' && config.tolerance > 0.5) return [{ path: '/tolerance', message: 'Tolerance must be at most 0.5 mm for optimising.' }]
    return []
  },
  setup: (context) => ({
    async input(message) {
      const program = await context.value('program', message)
      const name = await context.value('newName', message)
      const transform = await transformOf(context, message)
      context.status({ info: `${KINDS[transform.kind]}: ${program}` })
      const made = await context.services.transformProgram({ program, name, transform, nodeId: context.id, ...runOf(message) })
      const { report } = made
      context.status({
        ok: `${made.program.name}, revision ${made.program.revision}: ${report.linesAfter} lines, path within ${Number(report.largestDeviationMm.toPrecision(2))} mm`,
      })
      context.send(0, { ...message, payload: { ...made.program, report } })
    },
  }),
})

async function transformOf(context: Context, message: Message): Promise<ProgramTransform> {
  const { kind, mirrored, tolerance, fitsArcs } = context.config
  const value = async (key: 'byX' | 'byY' | 'byZ' | 'angle' | 'aboutX' | 'aboutY' | 'aboutZ' | 'mirrorAt', otherwise = 0) =>
    (await context.value(key, message)) ?? otherwise
  switch (kind) {
    case 'offset':
      return { kind, byMm: [await value('byX'), await value('byY'), await value('byZ')] }
    case 'rotate':
      return { kind, angleDeg: await value('angle'), aboutMm: [await value('aboutX'), await value('aboutY')] }
    case 'mirror':
      return { kind, axis: mirrored, atMm: await value('mirrorAt') }
    case 'scale': {
      const factor: [number, number, number] = [await value('byX', 1), await value('byY', 1), await value('byZ', 1)]
      if (factor.some((one) => one <= 0))
        throw new UserError({ code: 'value-invalid', message: `A factor must be more than 0, but this message says ${factor.join(', ')}.` })
      return { kind, factor, aboutMm: [await value('aboutX'), await value('aboutY'), await value('aboutZ')] }
    }
    case 'level': {
      const map = await context.value('map', message)
      if (!map) throw new UserError({ code: 'value-missing', message: 'Height map is missing in this message.' })
      return { kind, map, toleranceMm: tolerance }
    }
    case 'optimise':
      return { kind, toleranceMm: tolerance, dropsRedundantWords: true, mergesLines: true, fitsArcs }
    default:
      return kind satisfies never
  }
}
