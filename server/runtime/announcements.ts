/**
 * What Node-RED tells of its nodes, gathered for a moment and passed to the gateway: status, debug, log, audit.
 * Told again in full when the gateway comes back, since it keeps nothing of a runtime it lost.
 */
import type { Logger } from '../../base/log.ts'
import type { NodeStatus } from '../api/flows.ts'
import type { GatewayLink } from './gateway-link.ts'
import { type LogRecord, type NodeRed, translate } from './node-red.ts'
import { statusText } from './status-text.ts'

/** Ten times a second is as often as a person can see anything. */
const GATHER_MS = 100
/** Debug messages kept while they gather; a debug node in a fast loop must not eat the memory. */
const DEBUG_LIMIT = 200
const MAX_TEXT = 2000

export function announce(red: NodeRed, { link, log }: { link: GatewayLink; log: Logger }): { close(): void } {
  const statuses = new Map<string, NodeStatus>()
  const changed = new Set<string>()
  let debug: unknown[] = []
  let debugLost = 0
  let timer: NodeJS.Timeout | undefined

  const send = () => {
    timer = undefined
    if (!link.isConnected) {
      debug = []
      return
    }
    if (changed.size)
      link.notify(
        'nodeStatus',
        [...changed].map((nodeId) => statuses.get(nodeId) ?? { nodeId }),
      )
    changed.clear()
    if (debugLost) debug.push({ lost: debugLost })
    if (debug.length) link.notify('debug', debug)
    debug = []
    debugLost = 0
  }
  const soon = () => {
    timer ??= setTimeout(send, GATHER_MS)
  }

  // an empty status means that the node shows none
  const onStatus = ({ id, status }: { id: string; status?: { text?: unknown; fill?: unknown; shape?: unknown } }) => {
    const next: NodeStatus = { nodeId: id }
    if (status?.text !== undefined && status.text !== '') {
      const said = String(status.text).slice(0, MAX_TEXT)
      next.text = statusText(said, translate)
      const german = statusText(said, (key) => translate(key, 'de'))
      if (german !== next.text) next.german = german.trim()
    }
    if (typeof status?.fill === 'string') next.fill = status.fill
    if (typeof status?.shape === 'string') next.shape = status.shape
    if (next.text === undefined && next.fill === undefined) statuses.delete(id)
    else statuses.set(id, next)
    changed.add(id)
    soon()
  }
  const onComms = ({ topic, data }: { topic: string; data: unknown }) => {
    if (topic !== 'debug') return
    // said here, since it may wait on its way
    if (debug.length < DEBUG_LIMIT) debug.push(typeof data === 'object' && data !== null ? { timestamp: Date.now(), ...data } : data)
    else debugLost += 1
    soon()
  }
  red.events.on('node-status', onStatus)
  red.events.on('comms', onComms)
  red.events.on('flows:stopped', ({ type }: { type?: string }) => {
    if (type !== 'full') return
    for (const id of statuses.keys()) changed.add(id)
    statuses.clear()
    soon()
  })
  link.onConnection((isConnected) => {
    if (!isConnected) return
    for (const id of statuses.keys()) changed.add(id)
    soon()
  })

  red.log.addHandler({
    emit(_event, record: LogRecord) {
      if (record.level === 98) return audit(record)
      if (record.level > 40) return
      const text = textOf(record.msg).slice(0, MAX_TEXT)
      if (!text.trim() || NOISE.test(text)) return
      const nodeId = record._alias ?? record.id
      const facts = { ...(nodeId ? { nodeId, nodeType: record.type } : {}) }
      const level = record.level <= 20 ? 'error' : record.level === 30 ? 'warn' : 'info'
      log[level](facts, text)
      if (level !== 'info') link.notify('log', { level, text, ...(nodeId ? { nodeId } : {}) })
    },
  })

  function audit({ event, user, level: _level, timestamp: _timestamp, msg: _msg, ...detail }: LogRecord): void {
    if (typeof event !== 'string' || READS.test(event)) return
    const by = (user as { username?: unknown } | undefined)?.username
    link.notify('audit', { event, ...(typeof by === 'string' ? { by } : {}), detail })
  }

  return {
    close() {
      clearTimeout(timer)
      red.events.off('node-status', onStatus)
      red.events.off('comms', onComms)
    },
  }
}

/** Reading is not worth an audit entry. */
const READS = /(^|\.)get$|^comms\.|^nodes\.(list|icons|configs|catalog)|^plugins\.|^settings\.get|^library\.get/
/** Our settings turn Node-RED's own encryption off because the gateway seals the whole set. */
const NOISE = /unencrypted credentials|^Encrypted credentials not found/

function textOf(message: unknown): string {
  if (typeof message === 'string') return message
  if (message instanceof Error) return message.message
  const inner = (message as { message?: unknown } | null)?.message
  if (typeof inner === 'string') return inner
  return JSON.stringify(message) ?? String(message)
}
