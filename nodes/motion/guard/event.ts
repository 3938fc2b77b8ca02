/** States and messages of a controller in words for people. */
import type { Static } from 'typebox'
import type { ControllerMessage } from '../grbl/index.ts'
import type { ControllerState } from '../machine.ts'
import type { guardNotices } from './contract.ts'

export type GuardEvent = Static<(typeof guardNotices)['notifications']['event']>

const STATE_TEXTS: Record<ControllerState, string> = {
  unknown: 'What the machine does is not known yet.',
  idle: 'The machine is idle.',
  run: 'The machine runs.',
  hold: 'The machine is in feed hold.',
  jog: 'The machine jogs.',
  alarm: 'The machine is locked by an alarm.',
  door: 'The safety door has stopped the machine.',
  check: 'The controller is in check mode: nothing moves.',
  home: 'The machine is homing.',
  sleep: 'The controller sleeps.',
  tool: 'The machine waits for a tool change.',
}

/** A whole sentence. */
export function stateText(state: ControllerState): string {
  return STATE_TEXTS[state]
}

/** What a controller said while it answered a question, as lines to show. */
export function describeMessage(message: ControllerMessage): string[] {
  switch (message.kind) {
    case 'setting':
      return [`$${message.number}=${message.value}`]
    case 'startup-line':
      return [`$N${message.index}=${message.line}`]
    case 'parser-state':
      return [`[GC:${message.words.join(' ')}]`]
    case 'offset':
      return [`[${message.name}:${message.values.join(',')}]`]
    case 'tool-length':
      return [`[TLO:${message.values.join(',')}]`]
    case 'probe':
      return [`[PRB:${message.position.join(',')}:${message.isContact ? 1 : 0}]`]
    case 'version':
      return [`[VER:${message.version}:${message.name}]`]
    case 'firmware':
      return [`[FIRMWARE:${message.name}]`]
    case 'build-options':
      return [`[OPT:${[message.letters, message.plannerBlocks, message.rxBytes, message.axisCount].filter((part) => part !== undefined).join(',')}]`]
    case 'new-options':
      return [`[NEWOPT:${message.words.join(',')}]`]
    case 'axes':
      return [`[AXS:${message.letters.length}:${message.letters.join('')}]`]
    case 'setting-facts':
      return [`$${message.number}: ${message.name}${message.unit ? `, ${message.unit}` : ''}`]
    case 'code-facts':
      return [`${message.of} ${message.code}: ${message.text}`]
    case 'message':
      return [message.text]
    case 'info':
      return [`[${message.tag}:${message.text}]`]
    case 'unknown':
      return [message.text]
    case 'ok':
    case 'error':
    case 'alarm':
    case 'status':
    case 'banner':
    case 'startup-run':
    case 'empty':
      return []
    default:
      return message satisfies never
  }
}
