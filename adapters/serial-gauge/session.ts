/** A gauge that is listened to: its wire, opened again whenever it was lost, its readings, and what asks for one. */
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import { OperationalError, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { type Told, toldOf } from '../contract.ts'
import { isRefused, type Parse, type Parsed, parserOf } from './formats.ts'
import { createLines } from './lines.ts'
import { lineTold } from './refusals.ts'
import { LONGEST_LINE, type Settings } from './settings.ts'
import { openWire, type Wire } from './wire.ts'

/** What a gauge showed, with the line it sent. */
export interface Reading extends Parsed {
  id: string
  raw: string
  /** ISO: when it was heard. */
  at: string
}

export interface SessionListeners {
  /** @param isAnswer somebody had asked for it */
  onReading(reading: Reading, isAnswer: boolean): void
  /** @param raw what came */
  onRefused(why: Told, isAnswer: boolean): void
  /** The wire is lost, or (without words) there again. */
  onWire(trouble?: Told): void
}

export interface Session {
  /**
   * Asks the gauge and waits for what it says.
   * @throws UserError no-request; OperationalError gauge-lost, no-answer, and what was refused by its code
   */
  ask(signal: AbortSignal): Promise<Reading>
  close(): Promise<void>
}

/**
 * What comes within this time of opening was sent before: a device server empties its buffer, a driver too. It is no reading of now,
 * and may begin in the middle of a line.
 */
const SETTLE_MS = 100
const RETRY_MS = { first: 500, most: 10_000 }

/** What is sent to ask; undefined where the gauge sends by itself only. */
export function requestOf({ request, format }: Pick<Settings, 'request' | 'format'>): string | undefined {
  if (request) return request.replace(/\\r/g, '\r').replace(/\\n/g, '\n')
  return format === 'mark-10' ? '?\r' : undefined
}

/** Resolves when it listens. @throws UserError, OperationalError as {@link openWire} and {@link parserOf} */
export async function startSession(settings: Settings, told: SessionListeners, signal: AbortSignal): Promise<Session> {
  const parse = parserOf(settings)
  const request = requestOf(settings)
  const over = new AbortController()
  const isOver = AbortSignal.any([signal, over.signal])
  let wire: Wire | undefined
  let asking: { done: (reading: Reading) => void; fail: (error: Error) => void } | undefined

  const heard = (reading: Reading) => {
    const one = asking
    asking = undefined
    told.onReading(reading, one !== undefined)
    one?.done(reading)
  }
  const refused = (why: Told) => {
    const one = asking
    asking = undefined
    told.onRefused(why, one !== undefined)
    one?.fail(new OperationalError({ code: why.code, message: why.text, ...(why.blanks ? { details: { blanks: why.blanks } } : {}) }))
  }

  /** @returns the wire and a promise that resolves with the reason when it is lost */
  const open = async () => {
    const lines = createLines(
      { ends: settings.format === 'generic' ? settings.ends : settings.format === 'mitutoyo' ? 'cr' : 'lf', longest: LONGEST_LINE },
      { onLine: (line) => take(line, parse, heard, refused), onTrouble: (trouble, raw) => refused(lineTold(trouble, raw)) },
    )
    let isSettled = false
    let hasCome = false
    const gone = Promise.withResolvers<string>()
    const next = await openWire(settings, {
      onData(bytes) {
        hasCome = true
        if (isSettled) lines.push(bytes)
        else lines.ignore(bytes)
      },
      onLost(reason) {
        lines.end()
        gone.resolve(reason)
      },
    })
    await wait(SETTLE_MS, undefined, { signal: isOver }).catch(() => {}) // closed meanwhile: seen below
    // when this process stood still, what came within that time is not read yet
    do {
      hasCome = false
      await nextTurn()
    } while (hasCome && !isOver.aborted)
    isSettled = true
    if (isOver.aborted) await next.close()
    return { next, gone: gone.promise, letGo: () => lines.end() }
  }
  const first = await open()
  if (isOver.aborted) throw new OperationalError({ code: 'connection-off', message: 'The connection was switched off.' })

  const live = async () => {
    let current: typeof first | undefined = first
    let retryMs = RETRY_MS.first
    while (!isOver.aborted) {
      if (current) {
        const { next, gone, letGo } = current
        wire = next
        told.onWire()
        const reason = await Promise.race([gone, aborted(isOver)])
        wire = undefined
        await next.close()
        letGo()
        if (reason === undefined) return
        asking?.fail(lostError(next.where, reason))
        asking = undefined
        told.onWire(lostTold(next.where, reason))
        retryMs = RETRY_MS.first
        current = undefined
      }
      await wait(retryMs, undefined, { signal: isOver }).catch(() => {}) // closed: the loop ends
      if (isOver.aborted) return
      try {
        current = await open()
      } catch (error) {
        told.onWire(toldOf(error))
        retryMs = Math.min(retryMs * 2, RETRY_MS.most)
      }
    }
  }
  const living = live()

  let turn: Promise<unknown> = Promise.resolve()
  const askNow = async (stop: AbortSignal): Promise<Reading> => {
    if (request === undefined)
      throw new UserError({
        code: 'no-request',
        message: 'This gauge only sends by itself: its connection has nothing set that asks for a reading. Enter that, or press the key of the gauge.',
      })
    if (!wire) throw lostError('?', 'no line')
    const where = wire.where
    const answer = Promise.withResolvers<Reading>()
    const one = { done: answer.resolve, fail: answer.reject }
    const late = AbortSignal.any([AbortSignal.timeout(settings.answerSeconds * 1000), stop, isOver])
    const giveUp = () =>
      answer.reject(
        new OperationalError({
          code: 'no-answer',
          message: `The gauge at ${where} did not answer within ${settings.answerSeconds} s. Check that it is on, and that it can be asked.`,
          details: { blanks: { where, seconds: settings.answerSeconds } },
        }),
      )
    // an answer that came while this process stood still is read first
    const giveUpSoon = () => void setImmediate(giveUp)
    late.addEventListener('abort', giveUpSoon, { once: true })
    asking = one
    try {
      wire.write(request).catch(answer.reject)
      return await answer.promise
    } finally {
      late.removeEventListener('abort', giveUpSoon)
      if (asking === one) asking = undefined
    }
  }

  return {
    // one after the other: an answer does not say whose it is
    ask(stop) {
      const mine = turn.then(() => askNow(stop))
      turn = mine.catch(() => {})
      return mine
    },
    async close() {
      over.abort()
      await living
    },
  }
}

function take(line: string, parse: Parse, heard: (reading: Reading) => void, refused: (why: Told) => void): void {
  let result: ReturnType<Parse>
  try {
    result = parse(line)
  } catch (error) {
    // a pattern that takes too long on this line
    refused(toldOf(error))
    return
  }
  if (isRefused(result)) refused(result)
  else heard({ ...result, id: newId('evt'), raw: line, at: new Date().toISOString() })
}

const aborted = (signal: AbortSignal) =>
  new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })

const lostTold = (where: string, reason: string): Told => ({
  code: 'gauge-lost',
  text: `The line to the gauge at ${where} is lost (${reason}). It is opened again by itself; check the plug.`,
  blanks: { where, reason },
})
const lostError = (where: string, reason: string) => {
  const { code, text, blanks } = lostTold(where, reason)
  return new OperationalError({ code, message: text, details: { blanks } })
}
