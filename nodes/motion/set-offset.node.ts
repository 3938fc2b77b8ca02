import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { Choice, ConfigNode, defineNode, type Message, type NodeContext } from '../define-node/index.ts'
import type { AxisValues, MachineAction } from './action.ts'
import { answered, askMachine, axesInWords, axisFields, hasAxis, optionalNumber, readAxes, WORK_OFFSET_LABELS, WORK_OFFSETS } from './asking.ts'
import machine from './machine.node.ts'

const AXES_FOR = ['here', 'offset'] as const

const config = Type.Object({
  machine: ConfigNode(machine, { title: 'Machine' }),
  what: Choice(['here', 'offset', 'select', 'clear-g92', 'tool-length', 'no-tool-length'], {
    title: 'Set',
    labels: {
      here: 'where the tool stands becomes these work coordinates',
      offset: 'the work offset, in machine coordinates',
      select: 'which work offset is in force',
      'clear-g92': 'G92 back to nothing',
      'tool-length': 'the tool length (G43.1)',
      'no-tool-length': 'the tool length back to nothing (G49)',
    },
    default: 'here',
  }),
  workOffset: Choice([...WORK_OFFSETS], {
    title: 'Work offset',
    labels: WORK_OFFSET_LABELS,
    default: 'G54',
    when: { field: 'what', is: ['here', 'offset', 'select'] },
  }),
  ...axisFields({ field: 'what', is: AXES_FOR }),
  toolLength: optionalNumber('Length (mm)', { when: { field: 'what', is: ['tool-length'] } }),
})
type Context = NodeContext<(typeof config)['properties']>

export default defineNode({
  type: 'cw-set-offset',
  family: 'motion',
  label: 'set offset',
  summary: 'Sets a work offset, chooses the one in force, or sets the tool length. Nothing moves.',
  icon: 'set-offset',
  inputs: 1,
  outputs: ['set'],
  labelFrom: 'what',
  config,
  check(config) {
    if ((AXES_FOR as readonly string[]).includes(config.what) && !hasAxis(config))
      return [{ path: '/axisX', message: 'No axis is set: give at least one a value.' }]
    if (config.what === 'tool-length' && !config.toolLength) return [{ path: '/toolLength', message: 'Length is missing.' }]
    return []
  },
  setup(context) {
    return {
      async input(message) {
        const { machineId } = context.referenced('machine')
        const { action, says } = await actionOf(context, message)
        context.send(0, answered(message, await askMachine(context, { machineId, action, message, says })))
      },
    }
  },
})

async function actionOf(context: Context, message: Message): Promise<{ action: MachineAction; says: string }> {
  const { what, workOffset } = context.config
  const axes = () => readAxes((key) => context.value(key, message))
  switch (what) {
    case 'here': {
      const here = await axes()
      return { action: { kind: 'set-here', workOffset, here }, says: `${workOffset}: here is ${axesInWords(here)}` }
    }
    case 'offset': {
      const offsetMm = await axes()
      const expectedMm = reckonedFrom(message, { machineId: context.referenced('machine').machineId, workOffset })
      return { action: { kind: 'set-offset', workOffset, offsetMm, ...(expectedMm ? { expectedMm } : {}) }, says: `${workOffset} at ${axesInWords(offsetMm)}` }
    }
    case 'select':
      return { action: { kind: 'select-offset', workOffset }, says: workOffset }
    case 'clear-g92':
      return { action: { kind: 'clear-g92' }, says: 'no G92' }
    case 'tool-length': {
      const lengthMm = await context.value('toolLength', message)
      // never the same as "no length", which is G49
      if (lengthMm === undefined) throw new UserError({ code: 'value-missing', message: 'Length is missing in this message. Nothing was set.' })
      return { action: { kind: 'tool-length', lengthMm }, says: `tool length ${lengthMm} mm` }
    }
    case 'no-tool-length':
      return { action: { kind: 'tool-length', lengthMm: null }, says: 'no tool length' }
    default:
      return what satisfies never
  }
}

/**
 * Where the offset was when a "correction" node proposed to move it: the guard sets it from there alone.
 * @throws UserError `proposal-differs` when it is a proposal for another offset
 */
function reckonedFrom({ payload }: Message, { machineId, workOffset }: { machineId: string; workOffset: string }): AxisValues | undefined {
  const proposal = payload as Partial<Record<'proposalId' | 'machineId' | 'workOffset' | 'axis' | 'fromMm', unknown>> | null | undefined
  if (typeof proposal !== 'object' || typeof proposal?.proposalId !== 'string') return undefined
  if (proposal.machineId !== machineId || proposal.workOffset !== workOffset)
    throw new UserError({
      code: 'proposal-differs',
      message: `The proposal is for ${String(proposal.workOffset)} of ${String(proposal.machineId)}, and this node sets ${workOffset} of ${machineId}. Nothing was set.`,
    })
  const { axis, fromMm } = proposal
  return typeof fromMm === 'number' && (axis === 'X' || axis === 'Y' || axis === 'Z') ? { [axis]: fromMm } : undefined
}
