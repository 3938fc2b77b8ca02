/**
 * The second of two fences round the shadow runtime, and the only one where the system gives no network of its own: nothing in
 * this process opens a connection, asks for a name or listens, except on sockets of the file system (the runtime's own).
 */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** What a node is told that tries. */
function refused(what: string): Error {
  return Object.assign(new Error(`Rehearsal: ${what} was not allowed; outside systems are stand-ins here.`), { code: 'ERR_REHEARSAL_OUTSIDE' })
}

/** A path on the file system, as `net` takes it: `connect(path)`, `connect({ path })`, also normalised to an array. */
function isLocal(values: readonly unknown[]): boolean {
  const [first] = Array.isArray(values[0]) ? (values[0] as unknown[]) : values
  if (typeof first === 'string') return !/^\d+$/.test(first)
  return typeof first === 'object' && first !== null && typeof (first as { path?: unknown }).path === 'string'
}

/** Replaces the ways out in Node's own modules; call before anything else is loaded, then `syncBuiltinESMExports`. */
export function shutNetwork(): void {
  const net = require('node:net') as typeof import('node:net')
  const dgram = require('node:dgram') as typeof import('node:dgram')
  const dns = require('node:dns') as Record<string, unknown> & { promises: Record<string, unknown>; Resolver: { prototype: Record<string, unknown> } }

  const connect = net.Socket.prototype.connect as (...values: unknown[]) => unknown
  net.Socket.prototype.connect = function (this: InstanceType<typeof net.Socket>, ...values: unknown[]) {
    if (isLocal(values)) return connect.apply(this, values)
    process.nextTick(() => this.destroy(refused('a connection to another computer')))
    return this
  } as never
  const listen = net.Server.prototype.listen as (...values: unknown[]) => unknown
  net.Server.prototype.listen = function (this: InstanceType<typeof net.Server>, ...values: unknown[]) {
    if (isLocal(values)) return listen.apply(this, values)
    process.nextTick(() => this.emit('error', refused('listening on a port')))
    return this
  } as never
  for (const name of ['bind', 'connect', 'send'] as const) {
    dgram.Socket.prototype[name] = function (this: InstanceType<typeof dgram.Socket>) {
      process.nextTick(() => this.emit('error', refused('a datagram')))
      return this
    } as never
  }
  const names = /^(lookup|lookupService|resolve\w*|reverse)$/
  for (const name of Object.keys(dns).filter((each) => names.test(each)))
    dns[name] = (...values: unknown[]) => {
      const callback = values.at(-1)
      if (typeof callback === 'function') process.nextTick(() => (callback as (error: Error) => void)(refused('asking for a name')))
    }
  for (const name of Object.keys(dns.promises).filter((each) => names.test(each))) dns.promises[name] = () => Promise.reject(refused('asking for a name'))
  for (const holder of [dns.Resolver.prototype, (dns.promises.Resolver as typeof dns.Resolver).prototype])
    for (const name of Object.getOwnPropertyNames(holder).filter((each) => names.test(each)))
      holder[name] = () => {
        throw refused('asking for a name')
      }
}
