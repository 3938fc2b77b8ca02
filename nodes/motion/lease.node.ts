import { setTimeout as pause } from 'node:timers/promises'
import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { Choice, ConfigNode, defineNode, type Message, Quantity } from '../define-node/index.ts'
import type { HeldMachine } from '../services.ts'
import { runOf } from './asking.ts'
import machine from './machine.node.ts'

const RETRY_MS = 500

export default defineNode({
  type: 'cw-lease',
  family: 'motion',
  label: 'lease hold',
  summary: 'Keeps a machine for this flow between several steps, so that nobody else moves it, and gives it back.',
  icon: 'lease',
  inputs: 1,
  outputs: ['done', 'somebody else has it'],
  labelFrom: 'action',
  config: Type.Object({
    machine: ConfigNode(machine, { title: 'Machine' }),
    action: Choice(['take', 'release'], { title: 'Do', labels: { take: 'take the machine', release: 'give it back' }, default: 'take' }),
    waitFor: Quantity({
      title: 'Wait for it',
      unit: 's',
      help: 'While somebody else has it.',
      minimum: 0,
      maximum: 86_400,
      default: 0,
      when: { field: 'action', is: ['take'] },
    }),
    timeToLive: Quantity({
      title: 'Without news it is free after',
      unit: 's',
      help: 'When the flows hang or end.',
      minimum: 1,
      maximum: 60,
      default: 5,
      when: { field: 'action', is: ['take'] },
    }),
    longest: Quantity({
      title: 'Given back at the latest after',
      unit: 's',
      minimum: 1,
      maximum: 86_400,
      default: 3600,
      when: { field: 'action', is: ['take'] },
    }),
  }),
  setup(context) {
    const { action, waitFor, timeToLive, longest } = context.config
    const { machineId } = context.referenced('machine')
    const mine = new Map<number, { held: HeldMachine; timer: NodeJS.Timeout }>()

    const giveBack = async (held: HeldMachine) => {
      clearTimeout(mine.get(held.token)?.timer)
      mine.delete(held.token)
      await context.services.releaseMachine(held)
    }
    const take = async (message: Message): Promise<HeldMachine | undefined> => {
      const until = performance.now() + waitFor * 1000
      for (;;) {
        try {
          const held = await context.services.holdMachine(
            { machineId, holder: context.name.slice(0, 100), ttlMs: timeToLive * 1000, nodeId: context.id, ...runOf(message) },
            (why) => {
              for (const [token, { timer }] of mine) {
                if (token !== held.token) continue
                clearTimeout(timer)
                mine.delete(token)
                context.status({ alarm: `lost ${machineId}: ${why}` })
              }
            },
          )
          const timer = setTimeout(() => {
            context.status({ alarm: `gave ${machineId} back after ${longest} s` })
            giveBack(held).catch((error) => context.fail(error))
          }, longest * 1000)
          mine.set(held.token, { held, timer })
          return held
        } catch (error) {
          if ((error as { code?: unknown }).code !== 'machine-busy') throw error
          if (performance.now() >= until) return undefined
          context.status({ waiting: `${machineId} is taken: ${(error as Error).message}` })
          await pause(RETRY_MS, undefined, { signal: context.signal })
        }
      }
    }
    return {
      async input(message) {
        if (action === 'release') {
          const held = message.lease as HeldMachine | undefined
          if (typeof held !== 'object' || held === null || held.machineId !== machineId || !Number.isInteger(held.token))
            throw new UserError({ code: 'not-held', message: `This message does not hold ${machineId}: msg.lease, which "take" puts there, is missing.` })
          await giveBack(held)
          const { lease: _, ...rest } = message
          context.status({ info: `gave ${machineId} back` })
          context.send(0, rest)
          return
        }
        const held = await take(message)
        if (!held) {
          context.status({ alarm: `${machineId} is taken by somebody else` })
          context.send(1, message)
          return
        }
        context.status({ info: `has ${machineId}` })
        context.send(0, { ...message, lease: held })
      },
      async close() {
        await Promise.all([...mine.values()].map(({ held }) => giveBack(held)))
      },
    }
  },
})
