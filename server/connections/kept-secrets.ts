/** Which secrets a connection is tried or saved with: what was entered, and what is kept for it. */
import { isDeepStrictEqual } from 'node:util'
import { UserError } from '../../base/errors.ts'
import type { ConnectorInfo } from '../api/index.ts'

/**
 * Entered ones count, empty ones are removed, omitted ones are those that are kept.
 * @param options.before what is stored: its settings, and its secrets in clear; undefined for a new connection
 * @throws UserError secret-unknown; secret-again when kept ones would go to somebody else than they were entered for
 */
export function secretsFor(options: {
  info: Pick<ConnectorInfo, 'label' | 'secrets' | 'secretsAreFor'>
  settings: Record<string, unknown>
  given: Record<string, string>
  before?: { settings: Record<string, unknown>; secrets: Record<string, string> } | undefined
}): Record<string, string> {
  const { info, settings, given, before } = options
  const unknown = Object.keys(given).filter((name) => !info.secrets.some((secret) => secret.name === name))
  if (unknown.length) throw new UserError({ code: 'secret-unknown', message: `${info.label} has no secret ${unknown.join(', ')}.` })
  const kept = Object.entries(before?.secrets ?? {}).filter(([name]) => given[name] === undefined)
  const isElsewhere = before !== undefined && info.secretsAreFor.some((key) => !isDeepStrictEqual(before.settings[key], settings[key]))
  if (kept.length && isElsewhere) {
    const titles = kept.map(([name]) => info.secrets.find((secret) => secret.name === name)?.title ?? name).join(', ')
    throw new UserError({
      code: 'secret-again',
      message: `Where this connection goes has changed, and what is kept was entered for the place before. Enter again: ${titles}.`,
      details: { blanks: { secrets: titles }, errors: kept.map(([name]) => ({ path: `/secrets/${name}`, message: 'enter it again' })) },
    })
  }
  return Object.fromEntries([...kept, ...Object.entries(given)].filter(([, value]) => value !== ''))
}
