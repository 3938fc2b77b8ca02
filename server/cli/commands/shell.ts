/** What every command gets. */
import type { Client } from '../client.ts'
import type { Output } from '../output.ts'

export interface Shell {
  output(): Output
  /** @throws UserError no-server */
  client(): Client
}
