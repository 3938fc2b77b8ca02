import { Type } from 'typebox'
import { messageOf } from '../../base/errors.ts'
import { ConfigNode, defineNode, MessageValue, Quantity, Text } from '../define-node/index.ts'
import machine from './machine.node.ts'

/** News are told again this often while a message still counts. */
const AGAIN_MS = 500

export default defineNode({
  type: 'cw-interlock',
  family: 'motion',
  label: 'interlock input',
  summary: 'Tells a machine whether something outside is safe: a door, a clamp, a coolant level. Silence counts as unsafe.',
  icon: 'interlock',
  inputs: 1,
  outputs: [],
  labelFrom: 'interlock',
  config: Type.Object({
    machine: ConfigNode(machine, { title: 'Machine' }),
    interlock: Text({
      title: 'Interlock',
      help: 'Id of one that is set up at the machine.',
      placeholder: 'door',
      minLength: 1,
      maxLength: 40,
      pattern: '^[a-z0-9][a-z0-9-]*$',
      default: '',
    }),
    isSafe: MessageValue(Type.Boolean(), {
      title: 'Safe',
      help: 'true: safe. Anything but true or false counts as an error, and is not told.',
      default: { type: 'msg', value: 'payload' },
    }),
    countsFor: Quantity({
      title: 'A message counts for',
      unit: 's',
      help: '0: only at its moment, then the time to live set up at the machine. More: for a source that speaks only at changes.',
      minimum: 0,
      maximum: 3600,
      default: 0,
    }),
  }),
  setup(context) {
    const { interlock, countsFor } = context.config
    const { machineId } = context.referenced('machine')
    let last: { isSafe: boolean; until: number } | undefined
    let timer: NodeJS.Timeout | undefined

    const tell = (isSafe: boolean) => context.services.setInterlock({ machineId, id: interlock, isSafe, nodeId: context.id })
    const show = (isSafe: boolean) => context.status(isSafe ? { ok: `${interlock} is safe` } : { alarm: `${interlock} is unsafe` })
    const again = () => {
      if (!last) return
      if (performance.now() >= last.until) {
        last = undefined
        context.status({ waiting: `${interlock}: no news, unknown` })
        return
      }
      const { isSafe } = last
      tell(isSafe)
        .then(() => last && show(isSafe))
        // untold it runs out by itself: unknown, which is unsafe
        .catch((error) => context.status({ alarm: messageOf(error) }))
        .finally(plan)
    }
    const plan = () => {
      clearTimeout(timer)
      if (last && !context.signal.aborted) timer = setTimeout(again, AGAIN_MS)
    }
    context.status({ waiting: `${interlock}: no news yet` })
    return {
      async input(message) {
        let isSafe: boolean
        try {
          isSafe = await context.value('isSafe', message)
        } catch (error) {
          // a source that speaks nonsense is not known to be safe
          last = undefined
          clearTimeout(timer)
          throw error
        }
        last = countsFor > 0 ? { isSafe, until: performance.now() + countsFor * 1000 } : undefined
        await tell(isSafe)
        show(isSafe)
        plan()
      },
      close() {
        last = undefined
        clearTimeout(timer)
      },
    }
  },
})
