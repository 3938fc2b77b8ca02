/** What the doctor finds, and what it is given to look at. */
import { messageOf } from '../../base/errors.ts'
import type { Config } from '../config.ts'

export interface Finding {
  /** What was looked at: `data directory`, `port`. */
  check: string
  level: 'ok' | 'warning' | 'problem'
  /** What was found, in a sentence. */
  text: string
  /** What it means, and what to do; absent when all is well. */
  todo?: string
}

export interface Patient {
  config: Config
  env: Record<string, string | undefined>
  /** Where the product is installed. */
  root: string
  /** The process that runs on this data directory, when one does. */
  running: { pid: number; url: string | undefined } | undefined
  now: Date
}

export const ok = (check: string, text: string): Finding => ({ check, level: 'ok', text })
export const warning = (check: string, text: string, todo: string): Finding => ({ check, level: 'warning', text, todo })
export const problem = (check: string, text: string, todo: string): Finding => ({ check, level: 'problem', text, todo })

/** An error's message as a part of a sentence. */
export const plain = (error: unknown): string => messageOf(error).replace(/\.$/, '')
