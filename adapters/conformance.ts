/**
 * What every connector must hold, as vitest tests: a connector's own test file calls this with a way to
 * make its outside system. Nothing here knows how the outside system is reached.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OperationalError, UserError } from '../base/errors.ts'
import { checker } from '../base/schema.ts'
import type { Confirmation, ConnectorContext, InboxItem, InboxProblem, RunningConnector } from './contract.ts'
import type { AnyConnector } from './index.ts'

/** The outside system, made new for each test. */
export interface OutsideSystem {
  settings: Record<string, unknown>
  secrets?: Record<string, string>
  /** Settings that cannot work, e.g. a folder that is not there. */
  badSettings: Record<string, unknown>
  /** Makes the outside system offer these orders together (one file, one batch). */
  offerOrders(orders: { number: string; part: string; quantity: number }[]): Promise<void>
  /** Makes it offer a batch of a good record with this number and one that is broken. @returns words that the problem must contain */
  offerBroken(goodNumber: string): Promise<string[]>
  /** Whether the connector takes the good records of a broken batch, or refuses the batch as a whole. */
  brokenBatchRule: 'whole-refused' | 'good-taken'
  /** Takes the outside system away and brings it back. */
  vanish(): Promise<void>
  comeBack(): Promise<void>
  /** Whether the connector marked everything as read that was offered so far. */
  isAllMarked(): Promise<boolean>
  /** The confirmations that arrived whole; throws on half ones. */
  confirmations(): Promise<{ key: string; workOrder: string; body: unknown }[]>
  /** Takes away what arrived, as an ERP does when it has read it. */
  consumeConfirmations(): Promise<void>
  close(): Promise<void>
}

/** Waits until a fact holds; fails with its last value. */
async function until(fact: () => boolean | Promise<boolean>, what: string, timeoutMs = 30_000): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await fact())) {
    if (performance.now() > end) throw new Error(`not so after ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The gateway's side as the contract describes it: each key taken once, with a switch to be away. */
function gatewayDouble() {
  const taken = new Map<string, InboxItem>()
  const offers: string[][] = []
  const problems: InboxProblem[] = []
  const states: { state: string; text: string | undefined }[] = []
  let away: 'no' | 'refuse' | 'hang' = 'no'
  const context = (signal: AbortSignal): ConnectorContext => ({
    async offer(items) {
      offers.push(items.map((item) => item.key))
      if (away === 'hang') return new Promise(() => {})
      if (away === 'refuse') throw new OperationalError({ code: 'store-away', message: 'The store is away.' })
      const fresh = items.filter((item) => !taken.has(item.key))
      for (const item of fresh) taken.set(item.key, item)
      return { taken: fresh.length, known: items.length - fresh.length }
    },
    events: async () => {},
    marks: async () => ({}),
    problem: (problem) => problems.push(problem),
    state: (state, why) => states.push({ state, text: why?.text }),
    signal,
  })
  return {
    taken,
    offers,
    problems,
    states,
    context,
    be: (how: typeof away) => {
      away = how
    },
  }
}

export function connectorConformance(connector: AnyConnector, makeOutside: () => Promise<OutsideSystem>): void {
  describe(`connector ${connector.id} keeps the contract`, () => {
    let outside: OutsideSystem
    let gateway: ReturnType<typeof gatewayDouble>
    const running: { connection: RunningConnector; abort: AbortController }[] = []
    const start = async (): Promise<RunningConnector> => {
      const abort = new AbortController()
      const settings = checker(connector.settings).parse(outside.settings, 'settings')
      const connection = await connector.start({ settings, secrets: outside.secrets ?? {}, context: gateway.context(abort.signal) })
      running.push({ connection, abort })
      return connection
    }
    const stop = async (connection: RunningConnector) => {
      const index = running.findIndex((entry) => entry.connection === connection)
      const [entry] = running.splice(index, 1)
      entry?.abort.abort()
      await connection.close()
    }
    beforeEach(async () => {
      outside = await makeOutside()
      gateway = gatewayDouble()
    })
    afterEach(async () => {
      for (const { connection } of [...running]) await stop(connection)
      await outside.close()
    })
    const order = (number: string) => ({ number, part: 'Bracket', quantity: 5 })
    const confirmation = (key: string): Confirmation => ({ key, workOrder: '1001', body: { quantityGood: 4, quantityScrapped: 1 } })

    it('accepts settings that work, and names what to change in settings that cannot', async () => {
      const parse = (raw: unknown) => checker(connector.settings).parse(raw, 'settings')
      await connector.check(parse(outside.settings), outside.secrets ?? {})
      const refusal = await Promise.resolve(connector.check(parse(outside.badSettings), outside.secrets ?? {})).catch((error: unknown) => error)
      expect(refusal).toBeInstanceOf(UserError)
      expect((refusal as Error).message.length).toBeGreaterThan(20)
    })

    it('offers each record once, with its key and where it came from, then marks the source', async () => {
      await start()
      await outside.offerOrders([order('1001'), order('1002')])
      await until(() => gateway.taken.size === 2, 'both orders taken')
      await until(() => outside.isAllMarked(), 'source marked')
      expect(gateway.offers.flat().sort()).toEqual(['1001', '1002'])
      for (const item of gateway.taken.values()) {
        expect(item.source).not.toBe('')
        expect(item.payload).toMatchObject({ part: 'Bracket', quantity: 5 })
      }
    })

    it('takes what was there before it started', async () => {
      await outside.offerOrders([order('1003')])
      await start()
      await until(() => gateway.taken.has('1003'), 'order taken')
    })

    it('does not mark the source while the gateway cannot store, and takes it when it can', async () => {
      gateway.be('refuse')
      await start()
      await outside.offerOrders([order('1004')])
      await until(() => gateway.offers.length >= 1, 'offered')
      await until(() => gateway.states.some(({ state }) => state === 'failing'), 'says that it fails')
      expect(await outside.isAllMarked()).toBe(false)
      gateway.be('no')
      await until(() => gateway.taken.has('1004'), 'taken later')
      await until(() => outside.isAllMarked(), 'marked later')
      await until(() => gateway.states.at(-1)?.state === 'running', 'says that it runs again')
    })

    it('offers the same keys again after dying between offer and mark', async () => {
      gateway.be('hang')
      await start()
      await outside.offerOrders([order('1005'), order('1006')])
      await until(() => gateway.offers.length === 1, 'offered')
      // the process is gone: what it held in memory is forgotten, its offer never answered
      const dead = gateway
      running.length = 0
      gateway = gatewayDouble()
      expect(await outside.isAllMarked()).toBe(false)
      await start()
      await until(() => gateway.taken.size === 2, 'offered again')
      expect(gateway.offers[0]).toEqual(dead.offers[0])
    })

    it('tells of a broken record where it stands and why, and keeps its rule for the rest of the batch', async () => {
      await start()
      const words = await outside.offerBroken('2001')
      await until(() => gateway.problems.length > 0, 'problem told')
      const text = gateway.problems.map(({ source, reason }) => `${source} ${reason}`).join('\n')
      for (const word of words) expect(text).toContain(word)
      await outside.offerOrders([order('2002')])
      await until(() => gateway.taken.has('2002'), 'goes on with the next batch')
      expect(gateway.taken.has('2001')).toBe(outside.brokenBatchRule === 'good-taken')
    })

    it('says that it fails while the outside system is away, and goes on when it is back', async () => {
      await start()
      await outside.vanish()
      await until(() => gateway.states.at(-1)?.state === 'failing', 'failing')
      expect(gateway.states.at(-1)?.text).toBeTruthy()
      await outside.comeBack()
      await until(() => gateway.states.at(-1)?.state === 'running', 'running')
      await outside.offerOrders([order('1007')])
      await until(() => gateway.taken.has('1007'), 'taken')
    })

    it('brings a confirmation once, however often it is asked, also after it was read', async () => {
      const connection = await start()
      const signal = new AbortController().signal
      const first = await connection.confirm(confirmation('k1'), signal)
      const again = await connection.confirm(confirmation('k1'), signal)
      expect(again.reference).toBe(first.reference)
      const [sent, ...more] = await outside.confirmations()
      expect(more).toEqual([])
      expect(sent).toEqual({ key: 'k1', workOrder: '1001', body: { quantityGood: 4, quantityScrapped: 1 } })
      await outside.consumeConfirmations()
      await stop(connection)
      const next = await start()
      await next.confirm(confirmation('k1'), signal)
      expect(await outside.confirmations()).toEqual([])
      await next.confirm(confirmation('k2'), signal)
      expect((await outside.confirmations()).map(({ key }) => key)).toEqual(['k2'])
    })

    it('never shows half a confirmation', async () => {
      const connection = await start()
      const big: Confirmation = { key: 'big', workOrder: '1001', body: { measured: Array.from({ length: 50_000 }, (_, index) => index / 7) } }
      let isWriting = true
      const writing = connection.confirm(big, new AbortController().signal).finally(() => {
        isWriting = false
      })
      while (isWriting) {
        await outside.confirmations() // throws on a half one
        await new Promise((resolve) => setImmediate(resolve))
      }
      await writing
      expect(await outside.confirmations()).toHaveLength(1)
    })

    it('throws what can be tried again while the outside system is away', async () => {
      const connection = await start()
      await outside.vanish()
      const failure = await connection.confirm(confirmation('k3'), new AbortController().signal).catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(OperationalError)
      await outside.comeBack()
      await connection.confirm(confirmation('k3'), new AbortController().signal)
      expect((await outside.confirmations()).map(({ key }) => key)).toEqual(['k3'])
    })

    it('takes nothing more after close', async () => {
      const connection = await start()
      await stop(connection)
      await outside.offerOrders([order('1008')])
      const other = await startAnother()
      await until(() => other.taken.has('1008'), 'another connection takes it')
      expect(gateway.taken.size).toBe(0)
      expect(gateway.offers).toEqual([])
    })
    /** A second connection to the same outside system, to know that a look would have found something. */
    const startAnother = async () => {
      const before = gateway
      const other = gatewayDouble()
      gateway = other
      await start()
      gateway = before
      return other
    }
  })
}
