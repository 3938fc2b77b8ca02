/** What every command gets. */
import { InvalidArgumentError } from 'commander'
import type { Client } from '../client.ts'
import type { Output } from '../output.ts'

export interface Shell {
  output(): Output
  /** @throws UserError no-server */
  client(): Client
}

/** Reads an option's number. @throws InvalidArgumentError naming what it may be */
export function numberFrom({ min, max, isWhole = false }: { min: number; max: number; isWhole?: boolean }): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (!(value >= min && value <= max) || (isWhole && !Number.isInteger(value)))
      throw new InvalidArgumentError(`It must be a ${isWhole ? 'whole ' : ''}number from ${min} to ${max}.`)
    return value
  }
}
