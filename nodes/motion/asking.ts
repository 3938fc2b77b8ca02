/** What the nodes share that ask something of a machine. */

import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { type Message, MessageValue, type NodeContext } from '../define-node/index.ts'
import type { CellwrightServices } from '../services.ts'
import type { ActionResult, AxisValues, MachineAction } from './action.ts'

/** The parts of a node's context that do not depend on its configuration. */
type AnyContext = Pick<NodeContext<Record<string, never>>, 'id' | 'status'> & { services: CellwrightServices }

/** The run that a message brings. */
export const runOf = (message: Message): { runId?: string } => (message._run ? { runId: message._run } : {})

/** The lease on this machine that a "lease hold" node put on the message. */
export function leaseOf(message: Message, machineId: string): { lease?: number } {
  const held = message.lease as { machineId?: unknown; token?: unknown } | null | undefined
  return typeof held === 'object' && held?.machineId === machineId && Number.isInteger(held.token) ? { lease: held.token as number } : {}
}

/** Asks one thing of a machine and says in the node's status what came of it. */
export async function askMachine(
  context: AnyContext,
  asked: { machineId: string; action: MachineAction; message: Message; says: string },
): Promise<ActionResult> {
  const { machineId, action, message, says } = asked
  context.status({ info: `${says} → ${machineId}` })
  const result = await context.services.actOnMachine({ machineId, action, nodeId: context.id, ...leaseOf(message, machineId), ...runOf(message) })
  context.status({ info: result.text })
  return result
}

/** What goes on: the message with what was done, and the controller's own answer where there is one. */
export const answered = (message: Message, { text, answer }: ActionResult): Message => ({ ...message, answer: answer ?? text })

/** A number that may be left out. */
export const optionalNumber = (
  title: string,
  more: { help?: string; when?: { field: string; is: readonly string[] }; minimum?: number; maximum?: number } = {},
) => {
  const { minimum, maximum, ...notes } = more
  return Type.Optional(
    MessageValue(Type.Number({ ...(minimum === undefined ? {} : { minimum }), ...(maximum === undefined ? {} : { maximum }) }), {
      title,
      default: { type: 'num', value: '' },
      ...notes,
    }),
  )
}

const AXES = { axisX: 'X', axisY: 'Y', axisZ: 'Z', axisA: 'A', axisB: 'B', axisC: 'C' } as const
type AxisKey = keyof typeof AXES

/** A field for each axis, each may be left out. */
export const axisFields = (when?: { field: string; is: readonly string[] }) => {
  const field = (title: string) => optionalNumber(title, when ? { when } : {})
  return {
    axisX: field('X (mm)'),
    axisY: field('Y (mm)'),
    axisZ: field('Z (mm)'),
    axisA: field('A (degrees)'),
    axisB: field('B (degrees)'),
    axisC: field('C (degrees)'),
  }
}

/** Is any axis set up? */
export const hasAxis = (config: Partial<Record<AxisKey, unknown>>): boolean => Object.keys(AXES).some((key) => config[key as AxisKey] !== undefined)

/** @throws UserError `value-missing` when the message brings none */
export async function readAxes(read: (key: AxisKey) => Promise<number | undefined>): Promise<AxisValues> {
  const values: AxisValues = {}
  for (const [key, axis] of Object.entries(AXES) as [AxisKey, (typeof AXES)[AxisKey]][]) {
    const value = await read(key)
    if (value !== undefined) values[axis] = value
  }
  if (!Object.keys(values).length)
    throw new UserError({ code: 'value-missing', message: 'No axis has a value: this message brings none of those that this node reads.' })
  return values
}

/** `X 10, Z -2` for status texts. */
export const axesInWords = (values: AxisValues): string =>
  Object.entries(values)
    .map(([axis, value]) => `${axis} ${Number(value.toFixed(3))}`)
    .join(', ')

export const WORK_OFFSETS = ['G54', 'G55', 'G56', 'G57', 'G58', 'G59', 'G59.1', 'G59.2', 'G59.3'] as const
export const WORK_OFFSET_LABELS = Object.fromEntries(WORK_OFFSETS.map((name) => [name, name])) as Record<(typeof WORK_OFFSETS)[number], string>
