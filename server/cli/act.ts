/** Asks one thing of a machine and waits until it is done. Who leaves meanwhile (Ctrl-C) must not leave the machine moving unseen. */
import { setTimeout as wait } from 'node:timers/promises'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { type ActionResult, actOnMachine, getMachine, holdMachine, type MachineAction } from '../api/index.ts'
import type { Client } from './client.ts'
import { watchInterrupt } from './interrupt.ts'
import type { Output } from './output.ts'

const LOOK_EVERY_MS = 1000
const ANSWER_MS = 5000
/** A connection that waits for an answer is cut off by its own rules after some minutes: asked again, the same id waits on. */
const WAIT_MS = 240_000

/** The server is there, and only this connection has ended. */
const brokeOff = (error: unknown) => error instanceof OperationalError && (error.code === 'server-lost' || error.code === 'server-slow')

/** @throws what the server says; UserError `held`, OperationalError `not-held` after Ctrl-C */
export async function actAndWait(client: Client, asked: { machineId: string; action: MachineAction }, out: Output): Promise<ActionResult> {
  const { machineId, action } = asked
  const params = { machineId }
  const interrupt = watchInterrupt()
  const actionId = crypto.randomUUID()
  const ended = new AbortController()
  const ask = async (): Promise<ActionResult> => {
    for (let isRepeat = false; ; isRepeat = true) {
      try {
        return await client.call(actOnMachine, { params, body: { action, actionId, isRepeat } }, { timeoutMs: WAIT_MS })
      } catch (error) {
        if (!brokeOff(error)) throw error
      }
    }
  }
  const watch = async () => {
    while (!ended.signal.aborted) {
      await wait(LOOK_EVERY_MS, undefined, { signal: ended.signal }).catch(() => {})
      if (ended.signal.aborted) return
      try {
        const { state } = await client.call(getMachine, { params }, { timeoutMs: ANSWER_MS, signal: ended.signal })
        if (state) out.progress(`${state.controller} at ${state.machinePositionMm.map((v) => v.toFixed(3)).join(' ')} mm`)
      } catch {
        // only for show: the action itself says what goes wrong
      }
    }
  }
  const left = new Promise<never>((_, reject) => {
    interrupt.asked.addEventListener('abort', () => {
      client.call(holdMachine, { params }, { timeoutMs: ANSWER_MS, signal: interrupt.insisted }).then(
        ({ sentAt }) =>
          reject(
            new UserError({
              code: 'held',
              message: `The machine was told to hold. Go on with "cellwright resume ${machineId}", end it with "cellwright stop ${machineId}".`,
              details: { sentAt },
            }),
          ),
        (error: unknown) =>
          reject(
            new OperationalError({
              code: 'not-held',
              message: `The machine could NOT be held: ${messageOf(error)} It may still be moving. Use its own feed hold or its emergency stop.`,
              cause: error,
            }),
          ),
      )
    })
  })
  try {
    void watch()
    return await Promise.race([ask(), left])
  } finally {
    ended.abort()
    interrupt.close()
  }
}
