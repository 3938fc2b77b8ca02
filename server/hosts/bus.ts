/**
 * Messages between hosts over whatever carries text to all of them. Nothing is kept for later: what only stops may come
 * late, what moves must never, so a message that cannot be sent now is not sent.
 */
import { randomBytes } from 'node:crypto'
import { Type } from 'typebox'
import { type ErrorMessage, fromErrorMessage, messageOf, OperationalError, toErrorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { checker } from '../../base/schema.ts'
import type { Bus } from './contract.ts'

/** Carries text to every host, this one too. */
export interface Carrier {
  /** Resolves when it is on its way. @throws when it is not */
  send(text: string): Promise<void>
  onText(listener: (text: string) => void): void
  close(): Promise<void>
}

const Envelope = Type.Object({
  from: Type.String(),
  to: Type.Optional(Type.String()),
  subject: Type.String(),
  /** Of a question, and of its answer. */
  id: Type.Optional(Type.String()),
  isAnswer: Type.Optional(Type.Boolean()),
  body: Type.Optional(Type.Unknown()),
  error: Type.Optional(Type.Unknown()),
})
const envelope = checker(Envelope)

export function createBus({ name, carrier, log }: { name: string; carrier: Carrier; log: Logger }): Bus {
  const listeners = new Map<string, ((body: unknown, from: string) => void)[]>()
  const answers = new Map<string, (body: unknown, from: string) => unknown>()
  const asked = new Map<string, { resolve: (body: unknown) => void; reject: (error: unknown) => void }>()
  let isTold = false
  let isClosed = false

  const sendQuietly = (text: string) => {
    carrier.send(text).then(
      () => {
        isTold = false
      },
      (error) => {
        if (!isTold && !isClosed) log.warn({ reason: messageOf(error) }, 'other hosts cannot be told of anything just now')
        isTold = true
      },
    )
  }
  const answer = async (subject: string, id: string, body: unknown, from: string) => {
    const reply = { from: name, to: from, subject, id, isAnswer: true }
    try {
      const handler = answers.get(subject)
      if (!handler) throw new OperationalError({ code: 'not-supported', message: `Host "${name}" does not answer "${subject}": it has another version.` })
      sendQuietly(JSON.stringify({ ...reply, body: (await handler(body, from)) ?? null }))
    } catch (error) {
      const message = toErrorMessage(error)
      if (message.kind === 'bug') log.error({ err: error, subject, from }, 'a question of another host failed')
      sendQuietly(JSON.stringify({ ...reply, error: message }))
    }
  }

  carrier.onText((text) => {
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch {
      message = undefined
    }
    if (!envelope.is(message)) {
      log.warn({ bytes: text.length }, 'something that is no message of a host came over the line of the hosts')
      return
    }
    const { from, to, subject, id, body, isAnswer, error } = message
    if (from === name || (to !== undefined && to !== name)) return
    if (isAnswer) {
      const waiting = asked.get(id ?? '')
      if (error === undefined) waiting?.resolve(body)
      else waiting?.reject(fromErrorMessage(error as ErrorMessage))
      return
    }
    if (id !== undefined) {
      void answer(subject, id, body, from)
      return
    }
    for (const listener of listeners.get(subject) ?? []) {
      try {
        listener(body, from)
      } catch (failure) {
        log.error({ err: failure, subject, from }, 'a message of another host could not be taken')
      }
    }
  })

  return {
    tell(subject, body) {
      if (!isClosed) sendQuietly(JSON.stringify({ from: name, subject, body }))
    },
    on(subject, listener) {
      listeners.set(subject, [...(listeners.get(subject) ?? []), listener])
    },
    ask(host, subject, body, { timeoutMs }) {
      const id = randomBytes(9).toString('base64url')
      return new Promise((resolve, reject) => {
        const end = () => {
          clearTimeout(timer)
          asked.delete(id)
        }
        const timer = setTimeout(() => {
          end()
          reject(
            new OperationalError({
              code: 'host-silent',
              status: 504,
              message: `Host "${host}" has not answered within ${timeoutMs / 1000} s. Whether it heard is not known.`,
            }),
          )
        }, timeoutMs)
        asked.set(id, {
          resolve(value) {
            end()
            resolve(value)
          },
          reject(error) {
            end()
            reject(error)
          },
        })
        carrier.send(JSON.stringify({ from: name, to: host, subject, id, body })).catch((error) => {
          if (!asked.has(id)) return
          end()
          reject(
            new OperationalError({
              code: 'host-unreachable',
              message: `Nothing can be sent to host "${host}" just now (${messageOf(error)}). It was not asked.`,
              cause: error,
            }),
          )
        })
      })
    },
    answer(subject, handler) {
      answers.set(subject, handler)
    },
    async close() {
      isClosed = true
      for (const { reject } of [...asked.values()]) reject(new OperationalError({ code: 'closing', message: 'The gateway is ending.' }))
      await carrier.close()
    },
  }
}
