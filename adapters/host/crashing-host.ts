/** A host process for a test: one connector that keeps well and one that throws where no call can catch it. */
import { Type } from 'typebox'
import { createLog } from '../../base/log.ts'
import { defineConnector } from '../contract.ts'
import type { AnyConnector } from '../index.ts'
import { containFaults, serveGateway } from './gateway-link.ts'

const steady = defineConnector({
  id: 'steady',
  label: 'Steady',
  summary: 'Offers one order again and again.',
  use: 'For a test.',
  promises: [],
  settings: Type.Object({}),
  secrets: [],
  secretsAreFor: [],
  distinctBy: [],
  check: async () => [{ code: 'seen', text: 'Seen.' }],
  async start({ context }) {
    const timer = setInterval(() => {
      context.offer([{ kind: 'workOrder', key: 'S1', source: 'steady', payload: { number: 'S1', part: 'Pin', quantity: 1 } }]).catch(() => {})
    }, 50)
    return {
      confirm: async ({ key }) => ({ reference: key }),
      async close() {
        clearInterval(timer)
      },
    }
  },
})
const crashing = defineConnector({
  id: 'crashing',
  label: 'Crashing',
  summary: 'Throws out of a timer.',
  use: 'For a test.',
  promises: [],
  settings: Type.Object({}),
  secrets: [],
  secretsAreFor: [],
  distinctBy: [],
  check: async () => [{ code: 'seen', text: 'Seen.' }],
  async start() {
    setTimeout(() => {
      throw new Error('a bug in a connector')
    }, 50)
    return { confirm: async ({ key }) => ({ reference: key }), async close() {} }
  },
})

const [socket = '', token = ''] = process.argv.slice(2)
const connectors = [steady, crashing] as unknown as AnyConnector[]
containFaults(serveGateway({ socket, token, connectors, log: createLog('test-host', 'silent') }))
