/**
 * What every connector that tells of events must hold, as vitest tests: a connector's own test file calls this with a way to make
 * its outside system, a real one. `conformance.ts` has those that bring work orders.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checker } from '../base/schema.ts'
import type { OutsideEvent, RunningConnector } from './contract.ts'
import type { AnyConnector } from './index.ts'
import { eventGateway } from './testing-events.ts'

/** The outside system, made new for each test. */
export interface EventSource {
  settings: Record<string, unknown>
  secrets?: Record<string, string>
  /** Makes these happen, as fast as it can, in this order. */
  happen(names: readonly string[]): Promise<void>
  /** The name that an event was made with. */
  nameOf(event: OutsideEvent): string
  /** Whether they are told of in the order they happened. */
  isOrdered: boolean
  /** Takes the outside system away and brings it back. */
  vanish(): Promise<void>
  comeBack(): Promise<void>
  /** Whether it keeps what happens while the connection is closed. */
  keeps: boolean
  close(): Promise<void>
}

const BURST = 1500
const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(5, '0')}`)
const eventually = <T>(fact: () => T) => expect.poll(fact, { timeout: 60_000 })

export function eventConformance(connector: AnyConnector, makeSource: () => Promise<EventSource>): void {
  describe(`connector ${connector.id} keeps the contract of events`, () => {
    let source: EventSource
    let gateway: ReturnType<typeof eventGateway>
    let running: RunningConnector | undefined
    const start = async () => {
      const settings = checker(connector.settings).parse(source.settings, 'settings')
      running = await connector.start({ settings, secrets: source.secrets ?? {}, context: gateway.context })
    }
    const stop = async () => {
      gateway.end()
      await running?.close()
      running = undefined
    }
    const told = () => gateway.events.map((event) => source.nameOf(event))
    /** What was told of; sorted where the source promises no order. */
    const toldOf = () => (source.isOrdered ? told() : told().sort())
    beforeEach(async () => {
      source = await makeSource()
      gateway = eventGateway()
    })
    afterEach(async () => {
      await stop()
      await source.close()
    })

    it('says what it sees before it begins', async () => {
      const settings = checker(connector.settings).parse(source.settings, 'settings')
      const seen = await connector.check(settings, source.secrets ?? {})
      expect(seen.length).toBeGreaterThan(0)
      for (const { code, text } of seen) expect(`${code}: ${text}`).toMatch(/^[a-z][a-z-]+: \S.{10,}/)
    })

    it('tells of a burst, each once, in few calls, and says that it runs', async () => {
      await start()
      const all = names('burst', BURST)
      await source.happen(all)
      await eventually(() => gateway.events.length).toBe(BURST)
      expect(toldOf()).toEqual(all)
      expect(new Set(gateway.events.map(({ key }) => key)).size).toBe(BURST)
      expect(gateway.calls()).toBeLessThan(BURST / 2)
      expect(gateway.states.at(-1)?.state ?? 'running').toBe('running')
    })

    it('keeps what happens while the gateway is away, and tells of each once when it is back', async () => {
      await start()
      gateway.be(true)
      const all = names('away', 300)
      await source.happen(all)
      await eventually(() => gateway.states.at(-1)).toMatchObject({ state: 'failing', code: 'store-away' })
      expect(gateway.events).toEqual([])
      gateway.be(false)
      await eventually(() => gateway.events.length).toBe(all.length)
      expect(toldOf()).toEqual(all)
      await eventually(() => gateway.states.at(-1)?.state).toBe('running')
    })

    it('says what is wrong while the other side is away, goes on when it is back, and doubles nothing', async () => {
      await start()
      await source.happen(['before'])
      await eventually(told).toEqual(['before'])
      await source.vanish()
      await eventually(() => gateway.states.at(-1)?.state).toBe('failing')
      expect(gateway.states.at(-1)?.text).toMatch(/\S.{20,}/)
      await source.comeBack()
      await eventually(() => gateway.states.at(-1)?.state).toBe('running')
      await source.happen(['after'])
      await eventually(told).toEqual(['before', 'after'])
    })

    it('tells of nothing after it was closed, and of what its source has kept when it begins again', async () => {
      await start()
      await source.happen(['first'])
      await eventually(told).toEqual(['first'])
      await stop()
      const before = gateway
      await source.happen(['between'])
      gateway = eventGateway()
      // what the gateway has kept is its own
      Object.assign(gateway.marks, before.marks)
      await start()
      await source.happen(['last'])
      await eventually(() => told().includes('last')).toBe(true)
      await eventually(toldOf).toEqual(source.keeps ? ['between', 'last'] : ['last'])
      expect(before.events.map((event) => source.nameOf(event))).toEqual(['first'])
    })
  })
}
