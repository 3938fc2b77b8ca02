/** A message that the debugger holds, and what is told of it. */
import type { WaitingMessage, WaitNote, WaitReason } from '../../api/debugger.ts'
import type { Message, RunningNode } from '../node-red.ts'
import type { NodeMotion } from './motion.ts'
import { idOf, placesOf } from './places.ts'

export type Done = (result?: unknown) => void

/** A message that is about to enter a node. */
export interface Arrival {
  message: Message
  node: RunningNode
  from: { id: string; port: number } | undefined
  motion: NodeMotion
  /** Lets Node-RED go on: with nothing as it would have, with false not at all, with an error as one of the sender. */
  done: Done
  /** In the asynchronous context it came in, which carries its run. */
  resume: <R>(fn: () => R) => R
}
export interface Held extends Arrival {
  id: string
  why: WaitReason
  text: string | undefined
  breakpointId: string | undefined
  since: Date
  isEdited: boolean
  /** The payload, for lists. */
  words: string
  releaseRun: () => void
}

export function describe({ id, node, from, why, text, breakpointId: caughtBy, since, message, motion, isEdited, words }: Held): WaitingMessage {
  return {
    id,
    nodeId: idOf(node),
    nodeType: node.type,
    ...(node.name ? { nodeName: String(node.name).slice(0, 200) } : {}),
    places: placesOf(node),
    ...(from ? { from } : {}),
    why,
    ...(text === undefined ? {} : { text: text.slice(0, 500) }),
    ...(caughtBy === undefined ? {} : { breakpointId: caughtBy }),
    since: since.toISOString(),
    ...(typeof message._run === 'string' ? { runId: message._run } : {}),
    ...(typeof message.topic === 'string' && message.topic !== '' ? { topic: message.topic.slice(0, 200) } : {}),
    payload: words,
    ...(motion.role === 'acts' ? { motion: motion.machineId === undefined ? {} : { machineId: motion.machineId } } : {}),
    notes: notesOf(message),
    isEdited,
  }
}

export function countByNode(all: Iterable<Held>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { node } of all) counts[idOf(node)] = (counts[idOf(node)] ?? 0) + 1
  return counts
}

function notesOf(message: Message): WaitNote[] {
  const notes: WaitNote[] = []
  if (Array.isArray(message._linkSource) && message._linkSource.length > 0) notes.push('link-call')
  if (typeof message.res === 'object' && message.res !== null) notes.push('http-caller')
  if (typeof message.lease === 'object' && message.lease !== null) notes.push('lease')
  if (typeof message.job === 'object' && message.job !== null) notes.push('job')
  return notes
}
