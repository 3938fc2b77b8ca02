/**
 * Loaded into the shadow runtime before everything else: puts a virtual clock under the flows, and shuts the ways to the outside
 * world that the operating system left open.
 *
 * Only what flows do runs on the virtual clock: their timers and every date. Timers of the runtime itself (its connection, its
 * heartbeat) stay real, told apart by who sets them, so that a jump ahead makes no answer late.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { CLOCK, type ClockControl } from './clock-control.ts'
import { shutNetwork } from './network-fence.ts'
import { VirtualClock } from './virtual-clock.ts'

const require = createRequire(import.meta.url)
const timers = require('node:timers') as typeof import('node:timers')
const timersPromises = require('node:timers/promises') as typeof import('node:timers/promises')
const vm = require('node:vm') as typeof import('node:vm')

const real = { setTimeout, clearTimeout, setInterval, clearInterval, dateNow: Date.now, performanceNow: performance.now.bind(performance) }
const clock = new VirtualClock({
  now: real.performanceNow,
  setTimeout: (run, ms) => real.setTimeout(run, ms),
  clearTimeout: (timer) => real.clearTimeout(timer),
})

const beganMs = real.dateNow()
const beganPerformanceMs = real.performanceNow()
const now = () => Math.round(beganMs + clock.now())

/** Modules that keep the process going and are no part of a flow. */
const INFRASTRUCTURE =
  /[\\/]node_modules[\\/](@node-red[\\/](runtime|util|registry|editor-api)|vscode-jsonrpc|pino|express|express4|socket\.io|engine\.io|ws|body-parser)[\\/]/
const FLOWS = /[\\/]node_modules[\\/]|[\\/]dist[\\/]node-red[\\/]|Function node:|evalmachine/

/** Whether a flow's node, or something it uses, asks. */
function isAskedByFlow(): boolean {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 12
  const lines = new Error().stack?.split('\n') ?? []
  Error.stackTraceLimit = limit
  // below: this function, the replaced timer
  const caller = lines.slice(3).find((line) => !line.includes('node:internal') && !line.includes('(node:'))
  return caller !== undefined && FLOWS.test(caller) && !INFRASTRUCTURE.test(caller)
}

/** What the replaced `setTimeout` gives: as much of a `Timeout` as modules use. */
class VirtualTimer {
  readonly #begin: () => number
  id: number
  constructor(begin: () => number) {
    this.#begin = begin
    this.id = begin()
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  hasRef(): boolean {
    return true
  }
  refresh(): this {
    clock.cancel(this.id)
    this.id = this.#begin()
    return this
  }
  close(): this {
    clock.cancel(this.id)
    return this
  }
  [Symbol.toPrimitive](): number {
    return this.id
  }
  [Symbol.dispose](): void {
    clock.cancel(this.id)
  }
}

type Callback = (...values: unknown[]) => void
const begin =
  (isInterval: boolean) =>
  (run: Callback, ms: number, ...values: unknown[]) => {
    if (!isAskedByFlow()) return (isInterval ? real.setInterval : real.setTimeout)(run, ms, ...values)
    if (typeof run !== 'function') throw new TypeError('The "callback" argument must be of type function.')
    return new VirtualTimer(() => clock.set(() => run(...values), Number(ms), isInterval))
  }
const end = (realEnd: (timer: never) => void) => (timer: unknown) => {
  if (timer instanceof VirtualTimer) clock.cancel(timer.id)
  else realEnd(timer as never)
}
const replaced = {
  setTimeout: begin(false),
  setInterval: begin(true),
  clearTimeout: end(real.clearTimeout as never),
  clearInterval: end(real.clearInterval as never),
}
Object.assign(globalThis, replaced)
Object.assign(timers, replaced)
const realPause = timersPromises.setTimeout
timersPromises.setTimeout = ((ms?: number, value?: unknown, options?: { signal?: AbortSignal }) => {
  if (!isAskedByFlow()) return realPause(ms, value, options)
  return new Promise((resolve, reject) => {
    const { signal } = options ?? {}
    const abort = () => {
      clock.cancel(id)
      reject(signal?.reason)
    }
    if (signal?.aborted) return reject(signal.reason)
    const id = clock.set(
      () => {
        signal?.removeEventListener('abort', abort)
        resolve(value as never)
      },
      ms ?? 1,
      false,
    )
    signal?.addEventListener('abort', abort, { once: true })
  })
}) as typeof timersPromises.setTimeout

/** A `Date` of this realm (or of a context of its own) that lives on the virtual clock. */
const DATE = `(now) => {
  const Real = Date
  globalThis.Date = new Proxy(Real, {
    construct: (target, values, asked) => Reflect.construct(target, values.length ? values : [now()], asked),
    apply: () => new Real(now()).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, target)),
  })
  Real.prototype.constructor = globalThis.Date
}`
vm.runInThisContext(DATE)(now)
performance.now = () => beganPerformanceMs + clock.now()
// function nodes run in contexts of their own, each with its own Date
const createContext = vm.createContext
vm.createContext = ((...values: Parameters<typeof createContext>) => {
  const context = createContext(...values)
  vm.runInContext(DATE, context)(now)
  return context
}) as typeof createContext

shutNetwork()
syncBuiltinESMExports()

const control: ClockControl = {
  setRate: (rate) => clock.setRate(rate),
  jumpTo: (ms) => clock.jumpTo(ms),
  now: () => clock.now(),
  nextDue: () => clock.nextDue(),
}
Object.assign(globalThis, { [CLOCK]: control })
